#pragma once

#include <tensorlab/ops/activation.hpp>
#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/conv.hpp>

namespace tensorlab::inline v0 {

namespace detail {

template <class T, class B>
concept has_conv_relu = requires(view<T> y, view<const T> x, const T* bias, window_geometry g) {
  B::conv_relu(y, x, x, bias, x, g);
};

}  // namespace detail

/// y = max(conv2d(x, w, bias) + residual, 0), the end of a residual network's block in evaluation: where nothing is
/// recorded, the sum and the activation are computed in the memory of the convolution's result.
///
/// The other operands and `o` are conv2d's; an undefined `residual` means none. **Shapes**: conv2d's; residual [N, K,
/// P, Q]. **Throws** as conv2d does, and shape_error for a residual of another shape than the result's. He et al.,
/// "Deep residual learning for image recognition" (2016).
template <class T, backend B>
tensor<T, B> conv2d_relu(const tensor<T, B>& x, const tensor<T, B>& w, const tensor<T, B>& bias = {},
                         const tensor<T, B>& residual = {}, const conv2d_options& o = {}) {
  const auto g = detail::conv2d_geometry("conv2d_relu", x, w, bias, o);
  if (residual.defined()) {
    const shape s{x.dim(0), w.dim(0), g.out(0, x.dim(2)), g.out(1, x.dim(3))};
    if (residual.shape() != s)
      throw_shape_error(concat("conv2d_relu: the residual has another shape: residual ", residual.shape(), ", result ",
                               s, " (", residual.size(), " vs ", s.size(), ")"));
    require_same_device("conv2d_relu", x, residual);
  }
  if constexpr (detail::has_conv_relu<T, B>) {
    if (!recording(x, w, bias, residual)) {
      const auto y = detail::conv_result(x, w, g);
      const array<T, B> b = bias.defined() ? bias.array().contiguous() : array<T, B>();
      B::conv_relu(y.view(), x.array().cview(), w.array().cview(), static_cast<const T*>(b.data()),
                   residual.defined() ? residual.array().cview() : view<const T>{}, g);
      return unrecorded("conv2d_relu", y);
    }
  }
  const auto y = detail::conv_forward(x, w, bias, g);
  return relu(residual.defined() ? y + residual : y);
}

}  // namespace tensorlab::inline v0
