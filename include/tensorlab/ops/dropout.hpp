#pragma once

#include <tensorlab/ops/binary.hpp>

namespace tensorlab::inline v0 {

namespace detail {

/// x times a mask that broadcasts to it and is no variable; keeps the mask alone.
template <class T, class B>
tensor<T, B> apply_mask(const char* op, const tensor<T, B>& x, const array<T, B>& mask) {
  auto y = array<T, B>::empty_like(x.array());
  B::map(rule::mul{}, y.view(), x.array().cview(), mask.broadcast_to(x.shape()));
  return record(
      op, y, [op, mask](const backward_context&, const tensor<T, B>& dy) { return apply_mask(op, dy, mask); }, x);
}

template <class T, class B>
tensor<T, B> drop(const char* op, const tensor<T, B>& x, double p, const random::stream& rng, const shape& mask_shape) {
  if (!(p >= 0 && p < 1)) throw_value_error(concat(op, ": the probability must lie in [0, 1), got ", p));
  if (p == 0) return x;
  auto mask = array<T, B>::empty(mask_shape, dense_like(mask_shape, x.strides()), x.device());
  perform_draw(op, rng, [&rng, p, to = mask.view()] {
    const std::uint64_t first = rng.take(random::blocks_for<T>(to.size()));
    B::generate(rule::keep_mask<T>{rng.seed(), first, static_cast<T>(1 - p), static_cast<T>(1 / (1 - p))}, to);
  });
  return apply_mask(op, x, mask);
}

}  // namespace detail

/// y = x / (1 - p) where an independent coin keeps the element (probability 1 - p), else 0; for training only.
///
/// Draws from `rng`; the same mask on every backend. p = 0 returns x and draws nothing. **Throws** value_error unless
/// 0 <= p < 1. Srivastava et al., "Dropout" (2014), in the inverted form.
template <class T, backend B>
tensor<T, B> dropout(const tensor<T, B>& x, double p, const random::stream& rng) {
  return detail::drop("dropout", x, p, rng, x.shape());
}

/// As dropout with one coin per sample: x [N, ...] is kept, divided by 1 - p, or zeroed as a whole.
///
/// Huang et al., "Deep networks with stochastic depth" (2016). **Throws** value_error unless 0 <= p < 1, shape_error
/// for rank 0.
template <class T, backend B>
tensor<T, B> drop_path(const tensor<T, B>& x, double p, const random::stream& rng) {
  if (x.rank() == 0) throw_shape_error("drop_path: expected [N, ...], got a tensor of rank 0");
  shape s = dims::filled(x.rank(), 1);
  s[0] = x.dim(0);
  return detail::drop("drop_path", x, p, rng, s);
}

}  // namespace tensorlab::inline v0
