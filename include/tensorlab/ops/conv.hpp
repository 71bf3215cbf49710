#pragma once

#include <tensorlab/autograd/autocast.hpp>
#include <tensorlab/ops/reduce.hpp>
#include <tensorlab/ops/shape.hpp>
#include <tensorlab/ops/window.hpp>

namespace tensorlab::inline v0 {

/// How a 2-D convolution moves: `{.stride = 2, .padding = {1, 0}, .dilation = {2, 1}, .groups = 8}`.
struct conv2d_options {
  window_pair stride = 1;
  window_padding padding = 0;
  window_pair dilation = 1;
  std::int64_t groups = 1;
};

/// How a 1-D convolution moves.
struct conv1d_options {
  std::int64_t stride = 1;
  line_padding padding = 0;
  std::int64_t dilation = 1;
  std::int64_t groups = 1;
};

namespace detail {

/// A value of a grouped convolution is a sum of so few products that rounding their factors would take longer.
template <class T>
compute conv_factors(const window_geometry& g) {
  return g.groups == 1 ? factors_of<T>() : compute::full;
}

inline void check_conv(const char* op, const shape& x, const shape& w, const window_geometry& g) {
  if (g.groups < 1) throw_value_error(concat(op, ": groups must be at least 1, got ", g.groups));
  if (w[0] % g.groups != 0)
    throw_shape_error(
        concat(op, ": groups do not divide the output channels: weight ", w, " (", w[0], " vs ", g.groups, " groups)"));
  if (x[1] != w[1] * g.groups)
    throw_shape_error(concat(op, ": input channels differ from weight channels times groups: input ", x, ", weight ", w,
                             " (", x[1], " vs ", w[1], " x ", g.groups, ")"));
  check_window(op, g, x, "weight", w);
}

inline void check_channel_vector(const char* op, const char* what, const shape& v, std::int64_t channels) {
  if (v != shape{channels})
    throw_shape_error(concat(op, ": ", what, " must have one value per channel: ", what, " ", v, " (", v.size(), " vs ",
                             channels, ")"));
}

template <class T, class B>
tensor<T, B> conv_forward(const tensor<T, B>& x, const tensor<T, B>& w, const tensor<T, B>& bias,
                          const window_geometry& g);
template <class T, class B>
tensor<T, B> conv_input_gradient(const tensor<T, B>& dy, const tensor<T, B>& w, const window_geometry& g,
                                 const shape& x, const strides& x_strides);
template <class T, class B>
tensor<T, B> conv_weight_gradient(const tensor<T, B>& dy, const tensor<T, B>& x, const window_geometry& g,
                                  const shape& w);

/// An array for a convolution's result.
template <class T, class B>
array<T, B> conv_result(const tensor<T, B>& x, const tensor<T, B>& w, const window_geometry& g) {
  const shape s{x.dim(0), w.dim(0), g.out(0, x.dim(2)), g.out(1, x.dim(3))};
  return array<T, B>::empty(s, image_strides<B>(s, x.shape(), x.strides()), x.device());
}

// A convolution is linear in each operand, so the three products are each other's derivatives.

template <class T, class B>
tensor<T, B> conv_forward(const tensor<T, B>& x, const tensor<T, B>& w, const tensor<T, B>& bias,
                          const window_geometry& g) {
  auto y = conv_result(x, w, g);
  const array<T, B> b = bias.defined() ? bias.array().contiguous() : array<T, B>();
  B::conv(y.view(), x.array().cview(), w.array().cview(), static_cast<const T*>(b.data()), g);
  return record(
      "conv2d", y,
      [g, x = save_for_backward(x), w = save_for_backward(w)](const backward_context& c, const tensor<T, B>& dy) {
        const auto in = c.get(x), weight = c.get(w);
        std::array<tensor<T, B>, 3> d;
        if (c.needs(0)) d[0] = conv_input_gradient(dy, weight, g, in.shape(), in.strides());
        if (c.needs(1)) d[1] = conv_weight_gradient(dy, in, g, weight.shape());
        if (c.needs(2)) d[2] = sum(dy, {0, 2, 3});
        return d;
      },
      x, w, bias);
}

template <class T, class B>
tensor<T, B> conv_input_gradient(const tensor<T, B>& dy, const tensor<T, B>& w, const window_geometry& g,
                                 const shape& x, const strides& x_strides) {
  auto dx = array<T, B>::empty(x, image_strides<B>(x, x, x_strides), dy.device());
  B::conv_dx(dx.view(), dy.array().cview(), w.array().cview(), g);
  return record(
      "conv2d_dx", dx,
      [g, dy = save_for_backward(dy), w = save_for_backward(w)](const backward_context& c, const tensor<T, B>& ddx) {
        std::array<tensor<T, B>, 2> d;
        if (c.needs(0)) d[0] = conv_forward(ddx, c.get(w), tensor<T, B>(), g);
        if (c.needs(1)) d[1] = conv_weight_gradient(c.get(dy), ddx, g, c.get(w).shape());
        return d;
      },
      dy, w);
}

template <class T, class B>
tensor<T, B> conv_weight_gradient(const tensor<T, B>& dy, const tensor<T, B>& x, const window_geometry& g,
                                  const shape& w) {
  auto dw = array<T, B>::empty(w, dy.device());
  B::conv_dw(dw.view(), dy.array().cview(), x.array().cview(), g);
  return record(
      "conv2d_dw", dw,
      [g, dy = save_for_backward(dy), x = save_for_backward(x)](const backward_context& c, const tensor<T, B>& ddw) {
        const auto in = c.get(x);
        std::array<tensor<T, B>, 2> d;
        if (c.needs(0)) d[0] = conv_forward(in, ddw, tensor<T, B>(), g);
        if (c.needs(1)) d[1] = conv_input_gradient(c.get(dy), ddw, g, in.shape(), in.strides());
        return d;
      },
      dy, x);
}

template <class T, class B>
void check_conv(const char* op, const tensor<T, B>& x, const tensor<T, B>& w, const tensor<T, B>& bias,
                const window_geometry& g) {
  require_same_device(op, x, w, bias);
  check_conv(op, x.shape(), w.shape(), g);
  if (bias.defined()) check_channel_vector(op, "bias", bias.shape(), w.dim(0));
}

/// The checked geometry of a convolution over images.
template <class T, class B>
window_geometry conv2d_geometry(const char* op, const tensor<T, B>& x, const tensor<T, B>& w, const tensor<T, B>& bias,
                                const conv2d_options& o) {
  if (x.rank() != 4) throw_shape_error(concat(op, ": input: expected rank 4, got shape ", x.shape()));
  if (w.rank() != 4) throw_shape_error(concat(op, ": weight: expected rank 4, got shape ", w.shape()));
  auto g = make_geometry({w.dim(2), w.dim(3)}, o.stride, o.dilation, o.padding, o.groups);
  g.factors = conv_factors<T>(g);
  check_conv(op, x, w, bias, g);
  return g;
}

}  // namespace detail

/// y[n, k, p, q] = bias[k] + sum over c, r, s of w[k, c, r, s] x[n, c0 + c, p stride + r dilation - top, q stride + s
/// dilation - left].
///
/// The sum runs over the C / groups input channels of k's group, which start at c0. An undefined `bias` means none.
/// **Shapes**: x [N, C, H, W], w [K, C / groups, R, S], bias [K] -> [N, K, P, Q], P = floor((H + padding - dilation (R
/// - 1) - 1) / stride) + 1. The result is channels-last in memory where x is or the backend prefers it.
/// **Throws** shape_error, value_error, device_error.
template <class T, backend B>
tensor<T, B> conv2d(const tensor<T, B>& x, const tensor<T, B>& w, const tensor<T, B>& bias = {},
                    const conv2d_options& o = {}) {
  return detail::conv_forward(x, w, bias, detail::conv2d_geometry("conv2d", x, w, bias, o));
}

/// As conv2d along one dimension.
///
/// **Shapes**: x [N, C, L], w [K, C / groups, S], bias [K] or undefined -> [N, K, floor((L + padding - dilation (S - 1)
/// - 1) / stride) + 1]. **Throws** shape_error, value_error, device_error.
template <class T, backend B>
tensor<T, B> conv1d(const tensor<T, B>& x, const tensor<T, B>& w, const tensor<T, B>& bias = {},
                    const conv1d_options& o = {}) {
  x.template dims<3>("conv1d: input");
  const auto [k, c, s] = w.template dims<3>("conv1d: weight");
  auto g = detail::make_geometry({1, s}, {1, o.stride}, {1, o.dilation}, {{0, 0}, o.padding}, o.groups);
  g.factors = detail::conv_factors<T>(g);
  detail::check_conv("conv1d", x, w, bias, g);
  return squeeze(detail::conv_forward(unsqueeze(x, 2), unsqueeze(w, 2), bias, g), 2);
}

}  // namespace tensorlab::inline v0
