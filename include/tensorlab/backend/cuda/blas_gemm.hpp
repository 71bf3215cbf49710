#pragma once

#include <tensorlab/backend/simt/linear.hpp>

namespace tensorlab::inline v0::cuda_kernel {

/// One call of a column-major BLAS: out = op(first) op(second), or out += it, for each of `batch` matrices. `m`, `n`
/// and `k` are the sizes of the column-major product.
struct blas_call {
  bool transpose_first = false, transpose_second = false, accumulate = false;
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t ld_first = 0, ld_second = 0, ld_out = 0;
  std::int64_t batch = 1, step_first = 0, step_second = 0, step_out = 0;
  compute factors = compute::full;
};

/// How a matrix of strided rows and columns lies in memory: row after row, or column after column, `ld` apart.
struct matrix_layout {
  bool fits = false, by_columns = false;
  std::int64_t ld = 0;

  static matrix_layout of(std::int64_t rows, std::int64_t columns, std::int64_t row_step, std::int64_t column_step) {
    const auto at_least = [](std::int64_t a, std::int64_t b) { return a > b ? a : b; };
    if ((column_step == 1 || columns == 1) && (rows == 1 || row_step >= at_least(columns, 1)))
      return {true, false, rows == 1 ? at_least(columns, 1) : row_step};
    if ((row_step == 1 || rows == 1) && (columns == 1 || column_step >= at_least(rows, 1)))
      return {true, true, columns == 1 ? at_least(rows, 1) : column_step};
    return {};
  }
  template <class T>
  static matrix_layout of(const view<T>& v) {
    const int r = v.rank();
    return of(v.shape[r - 2], v.shape[r - 1], v.strides[r - 2], v.strides[r - 1]);
  }
};

namespace detail {

/// The call for the matrices of three views whose layouts fit; without batch.
inline blas_call plan_blas(const shape& y, std::int64_t k, const matrix_layout& out, const matrix_layout& a,
                           const matrix_layout& b) {
  blas_call c;
  const std::int64_t rows = y[y.rank() - 2], columns = y[y.rank() - 1];
  c.k = k;
  c.ld_out = out.ld;
  if (out.by_columns) {
    c.m = rows, c.n = columns;
    c.transpose_first = !a.by_columns, c.ld_first = a.ld;
    c.transpose_second = !b.by_columns, c.ld_second = b.ld;
  } else {  // row-major y is column-major y^T = b^T a^T
    c.m = columns, c.n = rows;
    c.transpose_first = b.by_columns, c.ld_first = b.ld;
    c.transpose_second = a.by_columns, c.ld_second = a.ld;
  }
  return c;
}

/// Takes the longest loop out of a nest and returns its position, or -1 for a nest without loops.
template <int Operands>
int take_longest(simt_kernel::nest<Operands>& n, std::int64_t& extent, std::int64_t (&step)[Operands]) {
  int longest = -1;
  for (int d = 0; d < n.rank; ++d)
    if (longest < 0 || n.extent[d] > n.extent[longest]) longest = d;
  if (longest < 0) return -1;
  extent = n.extent[longest];
  n.count /= extent;
  for (int k = 0; k < Operands; ++k) step[k] = n.stride[k][longest];
  for (int d = longest; d + 1 < n.rank; ++d) {
    n.extent[d] = n.extent[d + 1];
    for (int k = 0; k < Operands; ++k) n.stride[k][d] = n.stride[k][d + 1];
  }
  --n.rank;
  return longest;
}

/// The leading dimensions of a product's shape.
inline shape batch_of(const dims& d) { return shape(d.span().first(static_cast<std::size_t>(d.rank() - 2))); }

}  // namespace detail

/// Matrix products of any layout by a column-major BLAS; `Blas::call(at, call, out, first, second)` is one of its
/// calls.
///
/// Operands whose rows and columns are both strided are copied; a bias is laid into y first; products that share the
/// right matrix become one tall product.
template <class L, class Blas>
struct blas_gemm {
  template <class T>
  static void gemm(view<T> y, view<const T> a, view<const T> b, const gemm_epilogue<T>& e) {
    if (y.size() == 0) return;
    if (a.shape.back() == 0) return simt_kernel::linear_primitives<L>::gemm(y, a, b, e);
    if (!matrix_layout::of(y).fits) {
      const typename L::scratch memory(y.data, static_cast<std::size_t>(y.size()) * sizeof(T));
      const view<T> dense{static_cast<T*>(memory.data()), y.shape, row_major(y.shape)};
      if (e.accumulate) copy(dense, view<const T>(y));
      gemm(dense, a, b, e);
      return copy(y, view<const T>(dense));
    }
    if (!matrix_layout::of(a).fits) {
      const copied<T> dense(a);
      return gemm(y, dense.matrices, b, e);
    }
    if (!matrix_layout::of(b).fits) {
      const copied<T> dense(b);
      return gemm(y, a, dense.matrices, e);
    }
    const bool begun = e.bias != nullptr;
    if (begun) add_bias(y, e);
    multiply(y, a, b, e.accumulate || begun, e.factors);
  }

 private:
  using elementwise = simt_kernel::elementwise_primitives<L>;

  template <class T>
  static void copy(const view<T>& to, const view<const T>& from) {
    elementwise::map(rule::copy{}, to, from);
  }

  /// A row-major copy of an operand's matrices; repeated ones are copied once.
  template <class T>
  struct copied {
    typename L::scratch memory;
    view<const T> matrices;

    explicit copied(const view<const T>& v)
        : memory(v.data, static_cast<std::size_t>(once(v).size()) * sizeof(T)),
          matrices{static_cast<const T*>(memory.data()), v.shape,
                   broadcast_strides(once(v), row_major(once(v)), v.shape)} {
      const int r = v.rank();
      const shape kept = once(v);
      matrices.strides[r - 1] = 1;  // not those of a row or column that happens to be single
      matrices.strides[r - 2] = kept[r - 1];
      copy(view<T>{static_cast<T*>(memory.data()), kept, row_major(kept)}, view<const T>{v.data, kept, v.strides});
    }
    static shape once(const view<const T>& v) {
      shape s = v.shape;
      for (int d = 0; d < v.rank() - 2; ++d)
        if (v.strides[d] == 0) s[d] = 1;
      return s;
    }
  };

  template <class T>
  static void add_bias(const view<T>& y, const gemm_epilogue<T>& e) {
    strides st = dims::filled(y.rank(), 0);
    st[y.rank() - 1] = 1;
    const view<const T> bias{e.bias, y.shape, st};
    if (e.accumulate) {
      elementwise::map(rule::add{}, y, view<const T>(y), bias);
    } else {
      copy(y, bias);
    }
  }

  template <class T>
  static void multiply(view<T> y, view<const T> a, view<const T> b, bool accumulate, compute factors) {
    const int r = y.rank();
    auto outer = simt_kernel::make_nest(detail::batch_of(y.shape), true, detail::batch_of(y.strides),
                                        detail::batch_of(a.strides), detail::batch_of(b.strides));
    std::int64_t batch = 1, step[3] = {};
    detail::take_longest(outer, batch, step);
    shape out = y.shape;
    std::int64_t rows = out[r - 2];
    matrix_layout y_layout = matrix_layout::of(y), a_layout = matrix_layout::of(a);
    const auto stacks = [&](const auto& v, std::int64_t stride) {
      return (rows == 1 || stride == rows * v.strides[r - 2]) && (v.strides[r - 1] == 1 || v.shape[r - 1] == 1) &&
             stride >= v.shape[r - 1];
    };
    if (batch > 1 && step[2] == 0 && stacks(y, step[0]) && stacks(a, step[1])) {
      y_layout = {true, false, rows == 1 ? step[0] : y.strides[r - 2]};
      a_layout = {true, false, rows == 1 ? step[1] : a.strides[r - 2]};
      out[r - 2] = rows * batch;
      batch = 1;
    }
    blas_call call = detail::plan_blas(out, a.shape[r - 1], y_layout, a_layout, matrix_layout::of(b));
    const bool straight = y_layout.by_columns;
    call.accumulate = accumulate;
    call.factors = factors;
    call.batch = batch;
    call.step_out = step[0];
    call.step_first = step[straight ? 1 : 2];
    call.step_second = step[straight ? 2 : 1];
    for (std::int64_t i = 0; i < outer.count; ++i) {
      std::int64_t at[3] = {};
      outer.offsets(i, at);
      const T* const left = a.data + at[1];
      const T* const right = b.data + at[2];
      Blas::call(y.data, call, y.data + at[0], straight ? left : right, straight ? right : left);
    }
  }
};

}  // namespace tensorlab::inline v0::cuda_kernel
