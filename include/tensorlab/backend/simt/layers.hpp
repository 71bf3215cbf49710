#pragma once

#include <tensorlab/backend/simt/kernel/norm.hpp>
#include <tensorlab/backend/simt/kernel/softmax.hpp>
#include <tensorlab/backend/simt/reductions.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// Normalisation and softmax, laid over groups by the launcher `L`.
template <class L>
struct layer_primitives {
  using reductions = reduction_primitives<L>;

  template <class T>
  static void norm(view<T> y, view<T> mean, view<T> rstd, view<const T> x, view<const T> gamma, view<const T> beta,
                   double eps) {
    const strides none = dims::filled(x.rank(), 0);
    const strides& g = gamma.data != nullptr ? gamma.strides : none;
    const strides& b = beta.data != nullptr ? beta.strides : none;
    reductions::fold("norm", y.data, moments_fold<T>{eps, x.data, mean.data, rstd.data},
                     reductions::make_slices(x.shape, mean.strides, x.strides, mean.strides, rstd.strides));
    const normalize_body<T> body{make_nest(x.shape, true, y.strides, x.strides, mean.strides, rstd.strides, g, b),
                                 y.data,
                                 x.data,
                                 mean.data,
                                 rstd.data,
                                 gamma.data,
                                 beta.data};
    elementwise_primitives<L>::over_lanes("norm", y.data, body.walk.count, body);
  }

  template <class T>
  static void norm_backward(view<T> dx, view<const T> dy, view<const T> x, view<const T> gamma, view<const T> mean,
                            view<const T> rstd) {
    const strides none = dims::filled(x.rank(), 0);
    const strides& g = gamma.data != nullptr ? gamma.strides : none;
    shape kept = x.shape;
    for (int d = 0; d < kept.rank(); ++d)
      if (mean.strides[d] == 0) kept[d] = 1;
    const strides sums = broadcast_strides(kept, row_major(kept), x.shape);
    const auto count = static_cast<std::size_t>(kept.size());
    if (x.size() == 0) return;
    const typename L::scratch memory(dx.data, 2 * count * sizeof(T));
    T* const plain = static_cast<T*>(memory.data());
    T* const hat = plain + count;
    reductions::fold("norm_backward", dx.data,
                     norm_sums_fold<T>{dy.data, x.data, gamma.data, mean.data, rstd.data, plain, hat},
                     reductions::make_slices(x.shape, mean.strides, dy.strides, x.strides, g, mean.strides,
                                             rstd.strides, sums, sums));
    const norm_dx_body<T> body{
        make_nest(x.shape, true, dx.strides, dy.strides, x.strides, g, mean.strides, rstd.strides, sums),
        dx.data,
        dy.data,
        x.data,
        gamma.data,
        mean.data,
        rstd.data,
        plain,
        hat,
        T(1) / static_cast<T>(x.size() / kept.size())};
    elementwise_primitives<L>::over_lanes("norm_backward", dx.data, body.walk.count, body);
  }

  template <class T>
  static void norm_backward_affine(view<T> dgamma, view<T> dbeta, view<const T> dy, view<const T> x, view<const T> mean,
                                   view<const T> rstd) {
    const strides none = dims::filled(x.rank(), 0);
    reductions::fold("norm_backward_affine", dgamma.data,
                     norm_sums_fold<T>{dy.data, x.data, nullptr, mean.data, rstd.data, dbeta.data, dgamma.data},
                     reductions::make_slices(x.shape, dgamma.strides, dy.strides, x.strides, none, mean.strides,
                                             rstd.strides, dbeta.strides, dgamma.strides));
  }

  template <class T>
  static void softmax(view<T> y, view<const T> x, int axis, bool log) {
    softmax_body<T> body{lines_along(axis, y.shape, y.strides, x.strides), 1, log, y.data, x.data};
    if (y.size() == 0) return;
    L::run("softmax", y.data, tiles(body), body);
  }

  template <class T>
  static void softmax_backward(view<T> dx, view<const T> y, view<const T> dy, int axis, bool log) {
    softmax_backward_body<T> body{
        lines_along(axis, dx.shape, dx.strides, y.strides, dy.strides), 1, log, dx.data, y.data, dy.data};
    if (dx.size() == 0) return;
    L::run("softmax_backward", dx.data, tiles(body), body);
  }

 private:
  template <class... S>
  static slices<sizeof...(S)> lines_along(int axis, const shape& s, const S&... st) {
    strides mask = dims::filled(s.rank(), 1);
    mask[axis] = 0;
    return reductions::make_slices(s, mask, st...);
  }

  /// Decides the body's columns and returns the groups it can use.
  template <class Body>
  static std::int64_t tiles(Body& body) {
    body.columns = reductions::plan(body.over, 1, false).columns;
    return (body.over.kept.count + body.columns - 1) / body.columns;
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
