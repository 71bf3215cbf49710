#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <tensorlab/core/host_tensor.hpp>
#include <tensorlab/nn/module.hpp>

namespace tensorlab::inline v0::nn {

namespace detail {

template <class T, class B>
host_tensor to_host_tensor(const tensor<T, B>& t) {
  host_tensor h{dtype_of<T>, t.shape(), std::vector<std::uint8_t>(static_cast<std::size_t>(t.size()) * sizeof(T))};
  t.array().copy_to(reinterpret_cast<T*>(h.bytes.data()));
  return h;
}

template <class To, class From>
std::vector<To> converted_elements(const host_tensor& h) {
  const auto n = static_cast<std::size_t>(h.extents.size());
  std::vector<To> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    From x;
    std::memcpy(&x, h.bytes.data() + i * sizeof(From), sizeof(From));
    out[i] = convert_element<To>(x);
  }
  return out;
}

template <class To>
std::vector<To> elements_as(const host_tensor& h) {
  switch (h.type) {
    case dtype::float32:
      return converted_elements<To, float>(h);
    case dtype::float64:
      return converted_elements<To, double>(h);
    case dtype::bfloat16:
      return converted_elements<To, bf16>(h);
    case dtype::float16:
      return converted_elements<To, half>(h);
    case dtype::int64:
      return converted_elements<To, std::int64_t>(h);
    case dtype::int32:
      return converted_elements<To, std::int32_t>(h);
    case dtype::uint8:
      return converted_elements<To, std::uint8_t>(h);
    case dtype::boolean:
      return converted_elements<To, std::uint8_t>(h);
    case dtype::int8:
      return converted_elements<To, std::int8_t>(h);
  }
  return {};
}

/// Calls `f(path, tensor)` for each tensor that a state dict holds.
template <class M, class F>
void for_each_state(M& module, F f) {
  using T = value_type_of<M>;
  using B = backend_of<M>;
  struct each final : visitor<T, B> {
    explicit each(F& g) : call(g) {}
    void on_parameter(const std::string& path, parameter<T, B>& p) override { call(path, p.handle()); }
    void on_buffer(const std::string& path, buffer<T, B>& b) override { call(path, b.handle()); }
    void on_counter(const std::string& path, buffer<std::int64_t, B>& b) override { call(path, b.handle()); }
    void on_quantized(const std::string& path, buffer<std::int8_t, B>& b) override { call(path, b.handle()); }
    F& call;
  } v(f);
  visit(module, v);
}

template <class T, class B>
void overwrite(tensor<T, B> to, const host_tensor& from) {
  const no_grad guard;
  const std::vector<T> values = elements_as<T>(from);
  to.assign(tensor<T, B>::from(std::span<const T>(values), from.extents, to.device()));
}

}  // namespace detail

/// Copies of all parameters and buffers, named by path, in the order of the fields. The names are PyTorch's.
template <class M>
named_tensors state_dict(const M& module) {
  named_tensors out;
  detail::for_each_state(detail::for_reading(module), [&](const std::string& path, const auto& t) {
    out.emplace_back(path, detail::to_host_tensor(t));
  });
  return out;
}

/// What load_state_dict found; all lists are empty after a strict load.
struct load_report {
  std::vector<std::string> missing;     // in the module, not in the state
  std::vector<std::string> unexpected;  // in the state, not in the module
  std::vector<std::string> mismatched;  // with both shapes
};

/// How strict a load is.
struct load_options {
  bool allow_missing = false;
  bool allow_unexpected = false;
};

/// Overwrites the module's parameters and buffers with those of the same path; float types convert.
///
/// **Throws** format_error that lists every missing, unexpected and wrong-shaped key, unless `options` allow them;
/// nothing is changed then. Wrong shapes are never allowed, nor other numbers for 8-bit integers, which mean
/// nothing without their scales.
template <class M>
load_report load_state_dict(M& module, const named_tensors& state, const load_options& options = {}) {
  load_report report;
  std::vector<std::string> known;
  const auto find = [&](const std::string& path) {
    return std::find_if(state.begin(), state.end(), [&](const auto& entry) { return entry.first == path; });
  };
  detail::for_each_state(module, [&](const std::string& path, const auto& t) {
    known.push_back(path);
    const auto at = find(path);
    if (at == state.end())
      report.missing.push_back(path);
    else if (dtype_of<typename std::remove_cvref_t<decltype(t)>::value_type> == dtype::int8 &&
             at->second.type != dtype::int8)
      report.mismatched.push_back(concat(path, " (module int8, state ", at->second.type, ")"));
    else if (at->second.extents != t.shape())
      report.mismatched.push_back(concat(path, " (module ", t.shape(), ", state ", at->second.extents, ")"));
  });
  for (const auto& entry : state)
    if (std::find(known.begin(), known.end(), entry.first) == known.end()) report.unexpected.push_back(entry.first);

  std::string problems;
  const auto list = [&](const char* what, const std::vector<std::string>& names, bool allowed) {
    if (allowed || names.empty()) return;
    problems += problems.empty() ? what : std::string("; ") + what;
    for (std::size_t i = 0; i < names.size(); ++i) problems += (i == 0 ? " " : ", ") + names[i];
  };
  list("missing keys:", report.missing, options.allow_missing);
  list("unexpected keys:", report.unexpected, options.allow_unexpected);
  list("wrong shapes:", report.mismatched, false);
  if (!problems.empty()) throw_format_error("load_state_dict: " + problems);

  detail::for_each_state(module, [&](const std::string& path, const auto& t) {
    const auto at = find(path);
    if (at != state.end()) detail::overwrite(t, at->second);
  });
  return report;
}

}  // namespace tensorlab::inline v0::nn
