#pragma once

#include <tensorlab/config.hpp>
#if TENSORLAB_HAS_ONEDNN
#include <dnnl.h>
#endif

#include <concepts>
#include <memory>

#include <tensorlab/backend/cpu/bf16_product.hpp>
#include <tensorlab/backend/cpu/elementwise.hpp>
#include <tensorlab/backend/cpu/product.hpp>
#include <tensorlab/backend/cpu/small_product.hpp>
#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/rule/binary.hpp>

namespace tensorlab::inline v0::detail {

/// The dense rows by columns part of a view of rank 2.
template <class T>
view<T> matrix_view(const matrix<T>& m, std::int64_t rows, std::int64_t columns) {
  return {m.data, {rows, columns}, {m.row, m.column}};
}

#if TENSORLAB_HAS_ONEDNN

/// How a library that knows rows with unit steps and a transpose flag can read a matrix; a leading dimension of 0 says
/// that it cannot.
struct leading_form {
  char transposed;
  std::int64_t leading;
};

inline leading_form leading_form_of(std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t columns) {
  if ((column == 1 || columns == 1) && (row >= columns || rows == 1)) return {'N', rows == 1 ? columns : row};
  if ((row == 1 || rows == 1) && (column >= rows || columns == 1)) return {'T', columns == 1 ? rows : column};
  return {'N', 0};
}

inline void multiply(matrix<float> y, matrix<const float> a, matrix<const float> b, std::int64_t m, std::int64_t n,
                     std::int64_t k, bool accumulate) {
  const leading_form to = leading_form_of(y.row, y.column, m, n), left = leading_form_of(a.row, a.column, m, k),
                     right = leading_form_of(b.row, b.column, k, n);
  // What the library cannot read or write in place goes through a dense copy.
  if (left.leading == 0) {
    const scratch<float> dense(m * k);
    cpu_elementwise::map(rule::copy{}, matrix_view<float>({dense.data(), k, 1}, m, k), matrix_view(a, m, k));
    return multiply(y, {dense.data(), k, 1}, b, m, n, k, accumulate);
  }
  if (right.leading == 0) {
    const scratch<float> dense(k * n);
    cpu_elementwise::map(rule::copy{}, matrix_view<float>({dense.data(), n, 1}, k, n), matrix_view(b, k, n));
    return multiply(y, a, {dense.data(), n, 1}, m, n, k, accumulate);
  }
  if (to.leading == 0) {
    const scratch<float> dense(m * n);
    multiply({dense.data(), n, 1}, a, b, m, n, k, false);
    const view<float> out = matrix_view(y, m, n);
    const view<const float> result = matrix_view<const float>({dense.data(), n, 1}, m, n);
    if (accumulate)
      cpu_elementwise::map(rule::add{}, out, view<const float>(out), result);
    else
      cpu_elementwise::map(rule::copy{}, out, result);
    return;
  }
  if (to.transposed == 'T')
    return multiply({y.data, y.column, y.row}, {b.data, b.column, b.row}, {a.data, a.column, a.row}, n, m, k,
                    accumulate);
  const dnnl_status_t status = dnnl_sgemm(left.transposed, right.transposed, m, n, k, 1.0f, a.data, left.leading,
                                          b.data, right.leading, accumulate ? 1.0f : 0.0f, y.data, to.leading);
  if (status != dnnl_success)
    throw_backend_error(concat("gemm: dnnl_sgemm returned status ", static_cast<int>(status), ": lhs [", m, ", ", k,
                               "], rhs [", k, ", ", n, "]"));
}

#else

inline void multiply(matrix<float> y, matrix<const float> a, matrix<const float> b, std::int64_t m, std::int64_t n,
                     std::int64_t k, bool accumulate) {
  product<float>::run(y, a, b, m, n, k, accumulate);
}

#endif

inline void multiply(matrix<double> y, matrix<const double> a, matrix<const double> b, std::int64_t m, std::int64_t n,
                     std::int64_t k, bool accumulate) {
  product<double>::run(y, a, b, m, n, k, accumulate);
}

template <class T>
void multiply(matrix<T> y, matrix<const T> a, matrix<const T> b, std::int64_t m, std::int64_t n, std::int64_t k,
              bool accumulate, compute factors) {
  if constexpr (std::same_as<T, float>)
    if (factors == compute::bf16) return bf16_product::run(y, a, b, m, n, k, accumulate);
  multiply(y, a, b, m, n, k, accumulate);
}

/// The steps of the three operands of a batch of products along the leading dimensions.
struct gemm_loops {
  std::int64_t m, n, k;
  std::int64_t batches = 1;
  int rank = 0;
  std::int64_t extent[dims::max_rank] = {};
  std::int64_t y_step[dims::max_rank] = {}, a_step[dims::max_rank] = {}, b_step[dims::max_rank] = {};
  std::int64_t y_row, a_row;

  /// Leading dimensions that b does not have and that y and a walk without a gap become rows of one product.
  gemm_loops(const shape& y, const shape& a, const strides& ys, const strides& as, const strides& bs)
      : m(y[y.rank() - 2]), n(y.back()), k(a.back()), y_row(ys[y.rank() - 2]), a_row(as[y.rank() - 2]) {
    bool folding = true;
    for (int d = y.rank() - 3; d >= 0; --d) {
      if (y[d] == 1) continue;
      if (m == 1 && folding) {
        y_row = ys[d];
        a_row = as[d];
      }
      folding = folding && bs[d] == 0 && ys[d] == y_row * m && as[d] == a_row * m;
      if (folding) {
        m *= y[d];
        continue;
      }
      extent[rank] = y[d];
      y_step[rank] = ys[d];
      a_step[rank] = as[d];
      b_step[rank] = bs[d];
      batches *= y[d];
      ++rank;
    }
  }
};

struct cpu_gemm {
  static constexpr bool has_bf16_products = true;

  /// Work of one product below which a batch of them is shared out instead of each one.
  static constexpr std::int64_t undivided_work = std::int64_t{1} << 21;

  template <class T>
  static void gemm(view<T> y, view<const T> a, view<const T> b, const gemm_epilogue<T>& e) {
    if (y.size() == 0) return;
    const gemm_loops loops(y.shape, a.shape, y.strides, a.strides, b.strides);
    if (loops.k == 0) {
      if (!start(y, e)) cpu_elementwise::map(rule::fill<T>{T(0)}, y);
      return;
    }
    const std::int64_t y_column = y.strides.back(), a_column = a.strides.back();
    const std::int64_t b_row = b.strides[b.rank() - 2], b_column = b.strides.back();
    const bool written_out =
        is_written_out(matrix<T>{y.data, loops.y_row, y_column}, matrix<const T>{b.data, b_row, b_column}, loops, e);
    const bool accumulate = written_out ? e.accumulate : start(y, e);
    const auto some = [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t batch = begin; batch < end; ++batch) {
        std::int64_t rest = batch, y_at = 0, a_at = 0, b_at = 0;
        for (int d = 0; d < loops.rank; ++d) {
          const std::int64_t i = rest % loops.extent[d];
          rest /= loops.extent[d];
          y_at += i * loops.y_step[d];
          a_at += i * loops.a_step[d];
          b_at += i * loops.b_step[d];
        }
        const matrix<T> to{y.data + y_at, loops.y_row, y_column};
        const matrix<const T> left{a.data + a_at, loops.a_row, a_column}, right{b.data + b_at, b_row, b_column};
        if constexpr (std::same_as<T, float>)
          if (written_out) {
            small_product::run(to, left, right, loops.m, loops.n, loops.k, e.bias, accumulate);
            continue;
          }
        multiply(to, left, right, loops.m, loops.n, loops.k, accumulate, e.factors);
      }
    };
    const std::int64_t work = loops.m * loops.n * loops.k;
    if (loops.batches > 1 && work < undivided_work)
      parallel_for(loops.batches, work / 16 + 1, 1, some);
    else
      some(0, loops.batches);
  }

  /// Rows from which on the library's own packing costs little.
  static constexpr std::int64_t many_rows = 512;

  /// Puts the product into a recording with `b`, which does not change, packed for it. False, with nothing done, where
  /// that would not pay.
  template <class T>
  [[gnu::cold]] static bool prepare(capture& c, view<T> y, view<const T> a, view<const T> b,
                                    const gemm_epilogue<T>& e) {
    const gemm_loops loops(y.shape, a.shape, y.strides, a.strides, b.strides);
    if (y.size() == 0 || loops.k == 0 || loops.batches > 1 || loops.m > many_rows || e.factors != compute::full)
      return false;
    const matrix<const T> right{b.data, b.strides[b.rank() - 2], b.strides.back()};
    const auto ready = std::make_shared<const typename product<T>::packed>(right, loops.k, loops.n);
    c.perform([=] {
      product<T>::run({y.data, loops.y_row, y.strides.back()}, {a.data, loops.a_row, a.strides.back()}, right, loops.m,
                      loops.n, loops.k, start(y, e), ready.get());
    });
    return true;
  }

 private:
  template <class T>
  static bool is_written_out(const matrix<T>& y, const matrix<const T>& b, const gemm_loops& l,
                             const gemm_epilogue<T>& e) {
    if constexpr (std::same_as<T, float>)
      return e.factors == compute::full && small_product::serves(y, b, l.m, l.n, l.k, e.accumulate);
    else
      return false;
  }

  /// Puts the bias into y; whether the product is to be added to what is there.
  template <class T>
  static bool start(const view<T>& y, const gemm_epilogue<T>& e) {
    if (e.bias == nullptr) return e.accumulate;
    view<const T> bias{e.bias, y.shape, dims::filled(y.rank(), 0)};
    bias.strides[y.rank() - 1] = 1;
    if (e.accumulate)
      cpu_elementwise::map(rule::add{}, y, view<const T>(y), bias);
    else
      cpu_elementwise::map(rule::copy{}, y, bias);
    return true;
  }
};

}  // namespace tensorlab::inline v0::detail
