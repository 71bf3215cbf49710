#pragma once

#include <tensorlab/ops/activation.hpp>
#include <tensorlab/ops/norm.hpp>

namespace tensorlab::inline v0 {

namespace detail {

template <class T, class B>
concept has_norm_relu = requires(view<T> y, view<const T> x) {
  B::norm_relu(y, y, y, x, x, x, x, 1e-5);
  B::norm_relu_backward(y, y, y, y, x, x, x, x, x, x, x);
};

/// The gradients of relu(normalised x + residual) to x, gamma, beta and the residual, if it `adds` one.
template <class T, class B>
std::array<tensor<T, B>, 4> norm_relu_gradient(const backward_context& c, const tensor<T, B>& dy, const tensor<T, B>& y,
                                               const std::array<tensor<T, B>, 3>& in, bool adds, const norm_layout& l,
                                               const array<T, B>& m, const array<T, B>& r) {
  const auto& [x, gamma, beta] = in;
  const bool again = recording(dy, std::span<const tensor<T, B>>(in));
  if (again || !c.needs(0)) {
    const auto dz = chain_apply(kernels_of<rule::relu, T, B>, rule_box::of(rule::relu{}), dy, y);
    const auto composite = [&](const auto& v) { return sum(dz * normalize_composite(v[0], v[1], v[2], l)); };
    const auto d = again ? composite_gradient(c, in, composite) : normalize_gradient(c, dz, x, gamma, beta, l, m, r);
    return {d[0], d[1], d[2], dz};
  }
  const shape& s = x.shape();
  const auto scale = affine_array(gamma, l), shift = affine_array(beta, l);
  auto dx = array<T, B>::empty_like(x.array()), dgamma = array<T, B>::empty(l.affine, x.device()),
       dbeta = array<T, B>::empty(l.affine, x.device());
  auto dresidual = adds ? array<T, B>::empty_like(x.array()) : array<T, B>();
  B::norm_relu_backward(dx.view(), adds ? dresidual.view() : view<T>{}, reduction_view(dgamma.view(), s, l.axes),
                        reduction_view(dbeta.view(), s, l.axes), dy.array().cview(), y.array().cview(),
                        x.array().cview(), affine_view(scale, s), affine_view(shift, s), broadcast_view(m.cview(), s),
                        broadcast_view(r.cview(), s));
  const auto flat = [](const array<T, B>& v) { return tensor<T, B>(v.restride({v.size()}, {1})); };
  std::array<tensor<T, B>, 4> d{tensor<T, B>(dx)};
  if (c.needs(1)) d[1] = flat(dgamma);
  if (c.needs(2)) d[2] = flat(dbeta);
  if (c.needs(3)) d[3] = tensor<T, B>(dresidual);
  return d;
}

/// y = relu(normalised x + residual) as one node.
template <class T, class B>
normalized<T, B> normalize_relu(const tensor<T, B>& x, const tensor<T, B>& gamma, const tensor<T, B>& beta,
                                const tensor<T, B>& residual, const norm_layout& l) {
  const shape& s = x.shape();
  const shape kept = reduced_shape(s, l.axes, true);
  auto y = array<T, B>::empty_like(x.array());
  auto m = array<T, B>::empty(kept, x.device()), r = array<T, B>::empty(kept, x.device());
  const auto scale = affine_array(gamma, l), shift = affine_array(beta, l);
  B::norm_relu(y.view(), reduction_view(m.view(), s, l.axes), reduction_view(r.view(), s, l.axes), x.array().cview(),
               affine_view(scale, s), affine_view(shift, s),
               residual.defined() ? residual.array().cview() : view<const T>{}, l.eps);
  auto result = record(
      "batch_norm_relu", y,
      [l, m, r, adds = residual.defined(), x = save_for_backward(x), gamma = save_for_backward(gamma),
       beta = save_for_backward(beta)](const backward_context& c, const tensor<T, B>& dy, const tensor<T, B>& out) {
        return norm_relu_gradient(c, dy, out, std::array<tensor<T, B>, 3>{c.get(x), c.get(gamma), c.get(beta)}, adds, l,
                                  m, r);
      },
      x, gamma, beta, residual);
  return {result, m, r};
}

}  // namespace detail

/// y = max(batch_norm(x) + residual, 0), the end of a residual network's block, as one op: no pass over memory for the
/// sum and the activation alone.
///
/// The other operands and `o` are batch_norm's; an undefined `residual` means none. **Shapes**: x and residual [N, C],
/// [N, C, L] or [N, C, H, W]; the others [C]. **Throws** as batch_norm does. He et al., "Deep residual learning for
/// image recognition" (2016).
template <class T, backend B>
tensor<T, B> batch_norm_relu(const tensor<T, B>& x, const tensor<T, B>& gamma, const tensor<T, B>& beta,
                             const tensor<T, B>& running_mean, const tensor<T, B>& running_var,
                             const batch_norm_options& o = {}, const tensor<T, B>& residual = {}) {
  const auto l = detail::check_batch_norm("batch_norm_relu", x, gamma, beta, running_mean, running_var, o);
  if (residual.defined()) {
    if (residual.shape() != x.shape())
      throw_shape_error(concat("batch_norm_relu: the residual has another shape: residual ", residual.shape(),
                               ", input ", x.shape(), " (", residual.size(), " vs ", x.size(), ")"));
    require_same_device("batch_norm_relu", x, residual);
  }
  if constexpr (detail::has_norm_relu<T, B>) {
    if (o.training) {
      const auto n = detail::normalize_relu(x, gamma, beta, residual, l);
      detail::move_running_statistics(running_mean, running_var, n.mean, n.rstd, x.size() / x.dim(1), o);
      return n.y;
    }
  }
  const auto y = batch_norm(x, gamma, beta, running_mean, running_var, o);
  return relu(residual.defined() ? y + residual : y);
}

}  // namespace tensorlab::inline v0
