#pragma once

#include <cmath>
#include <initializer_list>
#include <vector>

#include <tensorlab/autograd/tensor.hpp>

/// Initialisers: PyTorch's and Keras's. All draw on the host, so every backend gets the same numbers. A layer's `init`
/// uses its framework's default; `initialise` (nn/module.hpp) gives parameters values of another one:
/// `initialise(net, "*.weight", [&](const shape& s) { return he_normal<float, cpu>(s, fans_of(s), rng); })`.
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

namespace detail {

/// Uniform in an interval around 0 with this variance.
template <class T, class B>
tensor<T, B> uniform_of_variance(const shape& s, double variance, const random::stream& rng) {
  const T bound = static_cast<T>(std::sqrt(3 * variance));
  return tensor<T, B>::uniform(s, rng, -bound, bound);
}
template <class T, class B>
tensor<T, B> normal_of_variance(const shape& s, double variance, const random::stream& rng) {
  return tensor<T, B>::normal(s, rng, T(0), static_cast<T>(std::sqrt(variance)));
}

/// The variance that keeps that of signals and gradients between them: Glorot and Bengio, "Understanding the difficulty
/// of training deep feedforward neural networks" (2010).
inline double glorot_variance(const fans& f) { return 2.0 / static_cast<double>(f.in + f.out); }
/// The variance that keeps that of signals (fan_in) or gradients (fan_out) through leaky rectifiers of this slope: He
/// et al., "Delving deep into rectifiers" (2015).
inline double kaiming_variance(std::int64_t fan, double slope) {
  return 2.0 / ((1 + slope * slope) * static_cast<double>(fan));
}

}  // namespace detail

/// Uniform in +-sqrt(6 / (fan_in + fan_out)): Glorot and Bengio, 2010; Keras's default.
template <class T, class B>
tensor<T, B> glorot_uniform(const shape& s, const fans& f, const random::stream& rng) {
  return detail::uniform_of_variance<T, B>(s, detail::glorot_variance(f), rng);
}

/// Uniform in +-gain sqrt(6 / (fan_in + fan_out)): PyTorch's name for glorot_uniform.
template <class T, class B>
tensor<T, B> xavier_uniform(const shape& s, const fans& f, const random::stream& rng, double gain = 1) {
  return detail::uniform_of_variance<T, B>(s, gain * gain * detail::glorot_variance(f), rng);
}

/// Normal with standard deviation gain sqrt(2 / (fan_in + fan_out)), as PyTorch's: not cut, unlike glorot_normal.
template <class T, class B>
tensor<T, B> xavier_normal(const shape& s, const fans& f, const random::stream& rng, double gain = 1) {
  return detail::normal_of_variance<T, B>(s, gain * gain * detail::glorot_variance(f), rng);
}

/// Uniform in +-sqrt(6 / ((1 + slope^2) fan)): He et al., 2015. Pass fan_in or fan_out, and the slope of the leaky
/// rectifier that follows, 0 for relu.
template <class T, class B>
tensor<T, B> kaiming_uniform(const shape& s, std::int64_t fan, const random::stream& rng, double slope = 0) {
  return detail::uniform_of_variance<T, B>(s, detail::kaiming_variance(fan, slope), rng);
}

/// Normal with variance 2 / ((1 + slope^2) fan): He et al., 2015. Arguments as kaiming_uniform's.
template <class T, class B>
tensor<T, B> kaiming_normal(const shape& s, std::int64_t fan, const random::stream& rng, double slope = 0) {
  return detail::normal_of_variance<T, B>(s, detail::kaiming_variance(fan, slope), rng);
}

/// Uniform in +-sqrt(6 / fan_in): Keras's he_uniform, kaiming_uniform of fan_in.
template <class T, class B>
tensor<T, B> he_uniform(const shape& s, const fans& f, const random::stream& rng) {
  return kaiming_uniform<T, B>(s, f.in, rng);
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

namespace detail {

/// A normal cut at two standard deviations, with this variance after the cut: the cut normal of standard deviation 1
/// has 0.8796.
template <class T, class B>
tensor<T, B> cut_normal_of_variance(const shape& s, double variance, const random::stream& rng) {
  return truncated_normal<T, B>(s, std::sqrt(variance) / 0.87962566103423978, 2.0, rng);
}

}  // namespace detail

/// Keras's he_normal: a normal cut at two standard deviations whose variance after the cut is 2 / fan_in.
template <class T, class B>
tensor<T, B> he_normal(const shape& s, const fans& f, const random::stream& rng) {
  return detail::cut_normal_of_variance<T, B>(s, detail::kaiming_variance(f.in, 0), rng);
}

/// Keras's glorot_normal: a normal cut at two standard deviations whose variance after the cut is 2 / (fan_in +
/// fan_out).
template <class T, class B>
tensor<T, B> glorot_normal(const shape& s, const fans& f, const random::stream& rng) {
  return detail::cut_normal_of_variance<T, B>(s, detail::glorot_variance(f), rng);
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
