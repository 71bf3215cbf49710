#pragma once

#include <tensorlab/backend/cpu/norm.hpp>
#include <tensorlab/rule/activation.hpp>

/// Normalisation over all but the channels with what follows it in a residual network, y = max(xhat gamma + beta +
/// residual, 0), in the passes that the normalisation makes anyway.
namespace tensorlab::inline v0::detail {

struct cpu_norm_relu {
  /// Null data: no residual.
  template <class T>
  static void norm_relu(view<T> y, view<T> mean, view<T> rstd, view<const T> x, view<const T> gamma, view<const T> beta,
                        view<const T> residual, double eps) {
    if (x.size() == 0) return;
    static constexpr T one(1), zero(0);
    gamma = given_or(gamma, one, x);
    beta = given_or(beta, zero, x);
    const bool adds = residual.data != nullptr;
    const pixel_rows p = pixels_of(mean, y, x, adds ? residual : x);
    if (p.rows > 0 && is_per_channel(p, gamma) && is_per_channel(p, beta)) {
      channel_moments(p, x.data, eps, mean, rstd);
      const channel_numbers<T, 3> numbers(p.channels);
      fill_forward_numbers(numbers, p, mean, rstd, gamma, beta);
      if (adds)
        return for_each_pixel<T, 2>(p, y.data, {x.data, residual.data}, numbers,
                                    [](const auto& v, const auto& r, const auto& m, const auto& scale,
                                       const auto& shift) { return rule::relu::f(fma(v - m, scale, shift) + r); });
      return for_each_pixel<T, 1>(p, y.data, {x.data}, numbers,
                                  [](const auto& v, const auto& m, const auto& scale, const auto& shift) {
                                    return rule::relu::f(fma(v - m, scale, shift));
                                  });
    }
    cpu_norm::norm(y, mean, rstd, x, gamma, beta, eps);
    if (adds) cpu_elementwise::map(rule::add{}, y, view<const T>(y), residual);
    cpu_elementwise::map(rule::relu{}, y, view<const T>(y));
  }

  /// Null data in `dresidual`: there was no residual.
  template <class T>
  static void norm_relu_backward(view<T> dx, view<T> dresidual, view<T> dgamma, view<T> dbeta, view<const T> dy,
                                 view<const T> y, view<const T> x, view<const T> gamma, view<const T> beta,
                                 view<const T> mean, view<const T> rstd) {
    if (x.size() == 0) return;
    static constexpr T one(1), zero(0);
    const view<const T> scale = given_or(gamma, one, x), shift = given_or(beta, zero, x);
    const bool added = dresidual.data != nullptr;
    const pixel_rows p = pixels_of(mean, dx, dy, y, x, added ? view<const T>(dresidual) : x);
    if (p.rows == 0 || !is_per_channel(p, scale) || !is_per_channel(p, shift)) {
      const view<T> dz = added ? dresidual : dx;
      cpu_elementwise::map(chain<rule::relu>{}, dz, dy, y);
      return cpu_norm::norm_backward_channels(dx, dgamma, dbeta, view<const T>(dz), x, gamma, mean, rstd);
    }
    const channel_numbers<T, 5> numbers(p.channels);
    fill_forward_numbers(numbers, p, mean, rstd, scale, shift);
    if (added) {
      T* const dz = dresidual.data;
      channel_gradient_sums(p, static_cast<const T*>(dz), x.data, mean, rstd, dbeta, dgamma,
                            [&](std::int64_t begin, std::int64_t end) {
                              mask(dz, dy.data, y.data, begin * p.channels, end * p.channels);
                            });
      fill_backward_numbers(numbers, p, rstd, dgamma, dbeta);
      return for_each_pixel<T, 2>(p, dx.data, {dz, x.data}, numbers, channel_gradient_of{});
    }
    // What the forward pass put out is computed again, which takes less time than to read it.
    const auto passed = [](const auto& d, const auto& v, const auto& m, const auto& by, const auto& plus) {
      return math::select(fma(v - m, by, plus) > pack<T>(0), d, pack<T>(0));
    };
    const channel_numbers<T, 4> in(p.channels);
    fill_forward_numbers(in, p, mean, rstd, scale, shift);
    for (std::int64_t i = 0; i < p.channels; ++i) in.of(3)[i] = number_of(p, rstd, i);
    channel_term_sums(
        p, dy.data, x.data, in, dbeta, dgamma,
        [&](const auto& d, const auto& v, const auto& m, const auto& by, const auto& plus, const auto& r) {
          const auto dz = passed(d, v, m, by, plus);
          return std::array{dz, dz * ((v - m) * r)};
        },
        nothing_before{});
    fill_backward_numbers(numbers, p, rstd, dgamma, dbeta);
    for_each_pixel<T, 2>(p, dx.data, {dy.data, x.data}, numbers,
                         [&](const auto& d, const auto& v, const auto& m, const auto& by, const auto& plus,
                             const auto& offset, const auto& slope) {
                           return channel_gradient_of{}(passed(d, v, m, by, plus), v, m, by, plus, offset, slope);
                         });
  }

 private:
  /// dz = dy where y > 0, otherwise 0.
  template <class T>
  static void mask(T* dz, const T* dy, const T* y, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; i += pack<T>::size) {
      const int count = static_cast<int>((std::min)(end - i, std::int64_t{pack<T>::size}));
      const auto at = [&](const T* v) { return load_some<T>(reinterpret_cast<const char*>(v + i), sizeof(T), count); };
      store_some(math::select(at(y) > pack<T>(0), at(dy), pack<T>(0)), reinterpret_cast<char*>(dz + i), sizeof(T),
                 count);
    }
  }
};

}  // namespace tensorlab::inline v0::detail
