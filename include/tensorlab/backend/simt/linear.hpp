#pragma once

#include <tensorlab/backend/simt/elementwise.hpp>
#include <tensorlab/backend/simt/kernel/conv.hpp>
#include <tensorlab/backend/simt/kernel/gemm.hpp>
#include <tensorlab/backend/simt/kernel/pool.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// Products, convolutions and pooling by bodies of our own, for any strides, laid over groups by the launcher `L`.
template <class L>
struct linear_primitives {
  template <class T>
  static void gemm(view<T> y, view<const T> a, view<const T> b, const gemm_epilogue<T>& e) {
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
    const conv_body<T> body{image<T>(y),       image<const T>(x), image<const T>(w),      bias,
                            window_axis(g, 0), window_axis(g, 1), y.shape[1] / g.groups};
    elementwise_primitives<L>::over_lanes("conv", y.data, y.size(), body);
  }

  template <class T>
  static void conv_dx(view<T> dx, view<const T> dy, view<const T> w, const window_geometry& g) {
    const conv_dx_body<T> body{image<T>(dx),      image<const T>(dy), image<const T>(w),
                               window_axis(g, 0), window_axis(g, 1),  dy.shape[1] / g.groups};
    elementwise_primitives<L>::over_lanes("conv_dx", dx.data, dx.size(), body);
  }

  template <class T>
  static void conv_dw(view<T> dw, view<const T> dy, view<const T> x, const window_geometry& g) {
    const conv_dw_body<T> body{image<T>(dw),      image<const T>(dy), image<const T>(x),
                               window_axis(g, 0), window_axis(g, 1),  dy.shape[1] / g.groups};
    if (dw.size() > 0) L::run("conv_dw", dw.data, dw.size(), body);
  }

  template <class T>
  static void pool(pool_kind kind, view<T> y, view<std::int64_t> position, view<const T> x, const window_geometry& g) {
    const pool_body<T> body{kind,
                            image<T>(y),
                            image<std::int64_t>(position),
                            image<const T>(x),
                            window_axis(g, 0),
                            window_axis(g, 1)};
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
