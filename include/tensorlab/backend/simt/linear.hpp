#pragma once

#include <type_traits>

#include <tensorlab/backend/simt/elementwise.hpp>
#include <tensorlab/backend/simt/kernel/conv.hpp>
#include <tensorlab/backend/simt/kernel/gemm.hpp>
#include <tensorlab/backend/simt/kernel/pool.hpp>
#include <tensorlab/backend/simt/reductions.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// A factor of a product after rounding to bf16, as dense floats. The launches that read it go to the same stream.
template <class L>
class rounded_factor {
 public:
  explicit rounded_factor(const view<const float>& v)
      : narrow_(v.data, static_cast<std::size_t>(v.size()) * sizeof(bf16)),
        wide_(v.data, static_cast<std::size_t>(v.size()) * sizeof(float)),
        v_{static_cast<const float*>(wide_.data()), v.shape, row_major(v.shape)} {
    const view<bf16> narrow{static_cast<bf16*>(narrow_.data()), v.shape, row_major(v.shape)};
    elementwise_primitives<L>::map(rule::convert<bf16>{}, narrow, v);
    elementwise_primitives<L>::map(rule::convert<float>{},
                                   view<float>{static_cast<float*>(wide_.data()), v.shape, v_.strides},
                                   view<const bf16>(narrow));
  }
  const view<const float>& get() const { return v_; }

 private:
  typename L::scratch narrow_, wide_;
  view<const float> v_;
};

/// The same geometry or epilogue for factors that have been rounded.
template <class G>
G without_rounding(G g) {
  g.factors = compute::full;
  return g;
}

/// Products, convolutions and pooling by bodies of our own, for any strides, laid over groups by the launcher `L`.
template <class L>
struct linear_primitives {
  template <class T>
  static void gemm(view<T> y, view<const T> a, view<const T> b, const gemm_epilogue<T>& e) {
    if constexpr (std::is_same_v<T, float>)
      if (e.factors == compute::bf16)
        return gemm(y, rounded_factor<L>(a).get(), rounded_factor<L>(b).get(), without_rounding(e));
    const int row = y.rank() - 2, column = y.rank() - 1;
    strides left = a.strides, right = b.strides, bias = dims::filled(y.rank(), 0);
    left[column] = 0;
    right[row] = 0;
    bias[column] = 1;
    const gemm_body<T> body{make_nest(y.shape, true, y.strides, left, right, bias),
                            a.shape[column],
                            a.strides[column],
                            b.strides[row],
                            e.accumulate,
                            y.data,
                            a.data,
                            b.data,
                            e.bias};
    elementwise_primitives<L>::over_lanes("gemm", y.data, body.outputs.count, body);
  }

  template <class T>
  static void conv(view<T> y, view<const T> x, view<const T> w, const T* bias, const window_geometry& g) {
    if constexpr (std::is_same_v<T, float>)
      if (g.factors == compute::bf16)
        return conv(y, rounded_factor<L>(x).get(), rounded_factor<L>(w).get(), bias, without_rounding(g));
    const conv_body<T> body{image<T>(y),       image<const T>(x), image<const T>(w),    bias,
                            window_axis(g, 0), window_axis(g, 1), y.shape[1] / g.groups};
    elementwise_primitives<L>::over_lanes("conv", y.data, y.size(), body);
  }

  template <class T>
  static void conv_dx(view<T> dx, view<const T> dy, view<const T> w, const window_geometry& g) {
    if constexpr (std::is_same_v<T, float>)
      if (g.factors == compute::bf16)
        return conv_dx(dx, rounded_factor<L>(dy).get(), rounded_factor<L>(w).get(), without_rounding(g));
    const conv_dx_body<T> body{image<T>(dx),      image<const T>(dy), image<const T>(w),
                               window_axis(g, 0), window_axis(g, 1),  dy.shape[1] / g.groups};
    elementwise_primitives<L>::over_lanes("conv_dx", dx.data, dx.size(), body);
  }

  template <class T>
  static void conv_dw(view<T> dw, view<const T> dy, view<const T> x, const window_geometry& g) {
    if constexpr (std::is_same_v<T, float>)
      if (g.factors == compute::bf16)
        return conv_dw(dw, rounded_factor<L>(dy).get(), rounded_factor<L>(x).get(), without_rounding(g));
    const strides &a = dy.strides, &b = x.strides, &c = dw.strides;
    const std::int64_t outputs = dy.shape[1] / g.groups, inputs = dw.shape[1];
    // Loops over weights (group, c, r, s, k), then over positions (n, p, q).
    const shape weights{g.groups, inputs, g.kernel[0], g.kernel[1], outputs};
    const shape positions{dy.shape[0], dy.shape[2], dy.shape[3]};
    const slices<5> over{
        make_nest(weights, true, strides{outputs * a[1], 0, 0, 0, a[1]},
                  strides{inputs * b[1], b[1], g.dilation[0] * b[2], g.dilation[1] * b[3], 0},
                  strides{0, 0, g.dilation[0], 0, 0}, strides{0, 0, 0, g.dilation[1], 0},
                  strides{outputs * c[0], c[1], c[2], c[3], c[0]}),
        make_nest(positions, true, strides{a[0], a[2], a[3]}, strides{b[0], g.stride[0] * b[2], g.stride[1] * b[3]},
                  strides{0, g.stride[0], 0}, strides{0, 0, g.stride[1]}, strides{0, 0, 0})};
    const conv_dw_fold<T> fold{
        dy.data,    x.data,          dw.data,         x.shape[2],
        x.shape[3], -g.pad_begin[0], -g.pad_begin[1], -g.pad_begin[0] * b[2] - g.pad_begin[1] * b[3]};
    reduction_primitives<L>::fold("conv_dw", dw.data, fold, over);
  }

  template <class T>
  static void pool(pool_kind kind, view<T> y, view<std::int64_t> position, view<const T> x, const window_geometry& g) {
    const pool_body<T> body{
        kind, image<T>(y), image<std::int64_t>(position), image<const T>(x), window_axis(g, 0), window_axis(g, 1)};
    elementwise_primitives<L>::over_lanes("pool", y.data, y.size(), body);
  }

  template <class T>
  static void pool_dx(pool_kind kind, view<T> dx, view<const T> dy, view<const std::int64_t> position,
                      const window_geometry& g) {
    const pool_dx_body<T> body{kind,
                               image<T>(dx),
                               image<const T>(dy),
                               image<const std::int64_t>(position),
                               window_axis(g, 0),
                               window_axis(g, 1)};
    elementwise_primitives<L>::over_lanes("pool_dx", dx.data, dx.size(), body);
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
