#pragma once

#include <cmath>
#include <string_view>
#include <vector>

#include <tensorlab/nn/module.hpp>

/// Deterministic values for parity tests: a function of a tensor's key and of the element's number, so no file is
/// needed.
namespace test {

/// Element `i` of the sequence of a key of `length` characters, in [-1, 1).
inline double hash_value(std::size_t i, std::size_t length) {
  auto h = static_cast<std::uint32_t>((i + 1) * 2654435761ULL + length * 974711ULL);
  h ^= h >> 15;
  h *= 2246822519u;
  h ^= h >> 13;
  return static_cast<double>(h) / 2147483648.0 - 1.0;
}

/// The value of element `i` of the tensor called `key`: the rules of the golden numbers.
inline double fill_value(std::string_view key, const tl::shape& s, std::size_t i) {
  const double f = hash_value(i, key.size());
  if (key.ends_with("running_var")) return 1 + 0.5 * std::abs(f);
  if (key.ends_with("running_mean")) return 0.1 * f;
  if (s.rank() <= 1) return key.ends_with(".weight") ? 1 + 0.1 * f : 0.05 * f;
  return f * std::sqrt(6.0 * static_cast<double>(s[0]) / static_cast<double>(s.size()));
}

template <class M>
void hash_fill(M& module) {
  using T = tl::nn::value_type_of<M>;
  using Backend = tl::nn::backend_of<M>;
  const tl::no_grad guard;
  for (auto& p : tl::nn::named_parameters(module)) {
    std::vector<T> values(static_cast<std::size_t>(p.value.size()));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(fill_value(p.name, p.value.shape(), i));
    p.value.assign(tl::tensor<T, Backend>::from(std::span<const T>(values), p.value.shape()));
  }
}

/// The input of the golden numbers: the sequence of a key of one character.
template <class T, class Backend>
tl::tensor<T, Backend> hash_input(const tl::shape& s) {
  std::vector<T> values(static_cast<std::size_t>(s.size()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(hash_value(i, 1));
  return tl::tensor<T, Backend>::from(std::span<const T>(values), s);
}

}  // namespace test
