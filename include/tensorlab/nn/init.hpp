#pragma once

#include <cmath>
#include <initializer_list>
#include <vector>

#include <tensorlab/autograd/tensor.hpp>

/// Initialisers: PyTorch's and Keras's. All draw on the host, so every backend gets the same numbers.
namespace tensorlab::inline v0::nn {

/// **Throws** value_error that names the layer unless all sizes are positive.
inline void require_positive(const char* layer, std::initializer_list<std::int64_t> sizes) {
  for (std::int64_t s : sizes)
    if (s <= 0) throw_value_error(concat(layer, ": sizes must be positive, got ", s));
}

/// **Throws** value_error that names the layer unless `parts` divides all sizes.
inline void require_divisible(const char* layer, std::initializer_list<std::int64_t> sizes, std::int64_t parts) {
  for (std::int64_t s : sizes)
    if (s % parts != 0) throw_value_error(concat(layer, ": ", s, " does not divide into ", parts, " equal parts"));
}

/// Values that a weight of shape [out, in, ..] gets from (fan_in) and gives to (fan_out).
struct fans {
  std::int64_t in, out;
};
/// Fans of a weight [out, in / groups, kernel..]. As in PyTorch, fan_out ignores groups.
inline fans fans_of(const shape& weight) {
  std::int64_t window = 1;
  for (int i = 2; i < weight.rank(); ++i) window *= weight[i];
  return {weight[1] * window, weight[0] * window};
}

/// Uniform in +-1 / sqrt(fan_in): PyTorch's default for linear and convolution weights and biases.
template <class T, class B>
tensor<T, B> torch_uniform(const shape& s, std::int64_t fan_in, const random::stream& rng) {
  const T bound = static_cast<T>(1.0 / std::sqrt(static_cast<double>(fan_in)));
  return tensor<T, B>::uniform(s, rng, -bound, bound);
}

/// Uniform in +-sqrt(6 / (fan_in + fan_out)): Glorot and Bengio, 2010; Keras's default.
template <class T, class B>
tensor<T, B> glorot_uniform(const shape& s, const fans& f, const random::stream& rng) {
  const T bound = static_cast<T>(std::sqrt(6.0 / static_cast<double>(f.in + f.out)));
  return tensor<T, B>::uniform(s, rng, -bound, bound);
}

/// Normal with variance 2 / fan: He et al., 2015. Pass fan_in or fan_out.
template <class T, class B>
tensor<T, B> kaiming_normal(const shape& s, std::int64_t fan, const random::stream& rng) {
  return tensor<T, B>::normal(s, rng, T(0), static_cast<T>(std::sqrt(2.0 / static_cast<double>(fan))));
}

/// Normal cut at `cut` standard deviations on both sides by drawing again.
template <class T, class B>
tensor<T, B> truncated_normal(const shape& s, double stddev, double cut, const random::stream& rng) {
  std::vector<T> values(static_cast<std::size_t>(s.size()));
  for (T& v : values) {
    double z;
    do z = rng.normal();
    while (std::abs(z) > cut);
    v = static_cast<T>(stddev * z);
  }
  return tensor<T, B>::from(std::span<const T>(values), s);
}

/// Keras's he_normal: a normal cut at two standard deviations whose variance after the cut is 2 / fan_in.
template <class T, class B>
tensor<T, B> he_normal(const shape& s, const fans& f, const random::stream& rng) {
  return truncated_normal<T, B>(s, std::sqrt(2.0 / static_cast<double>(f.in)) / 0.87962566103423978, 2.0, rng);
}

/// A matrix with orthonormal rows or columns, whichever are fewer: Keras's orthogonal, by Gram and Schmidt's process on
/// a normal matrix, which gives the Q of a QR decomposition with positive diagonal. **Shapes**: [r, c].
template <class T, class B>
tensor<T, B> orthogonal(std::int64_t rows, std::int64_t columns, const random::stream& rng) {
  const bool wide = rows < columns;
  const auto m = static_cast<std::size_t>(wide ? columns : rows), n = static_cast<std::size_t>(wide ? rows : columns);
  std::vector<double> q(m * n);
  for (double& v : q) v = rng.normal();
  for (std::size_t j = 0; j < n; ++j) {
    // Twice: one pass loses orthogonality when a column is nearly dependent on those before it.
    for (int pass = 0; pass < 2; ++pass)
      for (std::size_t k = 0; k < j; ++k) {
        double dot = 0;
        for (std::size_t i = 0; i < m; ++i) dot += q[i * n + k] * q[i * n + j];
        for (std::size_t i = 0; i < m; ++i) q[i * n + j] -= dot * q[i * n + k];
      }
    double norm = 0;
    for (std::size_t i = 0; i < m; ++i) norm += q[i * n + j] * q[i * n + j];
    norm = std::sqrt(norm);
    for (std::size_t i = 0; i < m; ++i) q[i * n + j] /= norm;
  }
  std::vector<T> values(q.size());
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) values[wide ? j * m + i : i * n + j] = static_cast<T>(q[i * n + j]);
  return tensor<T, B>::from(std::span<const T>(values), {rows, columns});
}

}  // namespace tensorlab::inline v0::nn
