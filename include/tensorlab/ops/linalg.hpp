#pragma once

#include <array>

#include <tensorlab/autograd/autocast.hpp>
#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/reduce.hpp>

namespace tensorlab::inline v0 {

namespace detail {

template <class T, class B>
tensor<T, B> matmul_batched(const tensor<T, B>& a, const tensor<T, B>& b, compute factors);

inline shape with_matrix(shape batch, std::int64_t m, std::int64_t n) {
  batch.push_back(m);
  batch.push_back(n);
  return batch;
}

/// The shape without its last two dimensions.
inline shape batch_of(const shape& s) { return shape(s.span().first(static_cast<std::size_t>(s.rank() - 2))); }

/// A stack of matrices times one matrix is one product of a tall matrix: and so is its gradient.
template <class T, class B>
tensor<T, B> matmul_matrices(const tensor<T, B>& a, const tensor<T, B>& b) {
  const compute factors = factors_of<T>();
  if (a.rank() == 2 || b.rank() != 2) return matmul_batched(a, b, factors);
  shape s = a.shape();
  s[s.rank() - 1] = b.shape()[1];
  const std::int64_t rows = batch_of(a.shape()).size() * a.dim(-2);
  return reshape(matmul_batched(reshape(a, {rows, a.dim(-1)}), b, factors), s);
}

template <class T, class B>
tensor<T, B> matmul_batched(const tensor<T, B>& a, const tensor<T, B>& b, compute factors) {
  const shape batch = broadcast_shapes("matmul", batch_of(a.shape()), batch_of(b.shape()));
  const std::int64_t m = a.dim(-2), k = a.dim(-1), n = b.dim(-1);
  auto y = array<T, B>::empty(with_matrix(batch, m, n), a.device());
  B::gemm(y.view(), a.array().broadcast_to(with_matrix(batch, m, k)), b.array().broadcast_to(with_matrix(batch, k, n)),
          gemm_epilogue<T>{nullptr, false, factors});
  return record(
      "matmul", y,
      [factors, a = save_for_backward(a), b = save_for_backward(b)](const auto& c, const auto& dy) {
        const auto x = c.get(a), w = c.get(b);
        std::array<tensor<T, B>, 2> g;
        if (c.needs(0)) g[0] = sum_to(matmul_batched(dy, transpose(w), factors), x.shape());
        if (c.needs(1)) g[1] = sum_to(matmul_batched(transpose(x), dy, factors), w.shape());
        return g;
      },
      a, b);
}

}  // namespace detail

/// The matrix product, as NumPy's: a vector on the left counts as a row, on the right as a column; leading dimensions
/// broadcast.
///
/// **Shapes**: [.., m, k] and [.., k, n] give [.., m, n]; [k] and [k, n] give [n]; [m, k] and [k] give [m]; [k] and [k]
/// a scalar. **Throws** shape_error for rank 0, inner sizes that differ and leading dimensions that do not broadcast;
/// device_error.
template <std::floating_point T, backend B>
tensor<T, B> matmul(const tensor<T, B>& a, const tensor<T, B>& b) {
  require_same_device("matmul", a, b);
  const shape &sa = a.shape(), &sb = b.shape();
  if (a.rank() == 0 || b.rank() == 0) throw_shape_error(concat("matmul: operand of rank 0: lhs ", sa, ", rhs ", sb));
  const std::int64_t inner = sb[b.rank() == 1 ? 0 : b.rank() - 2];
  if (sa.back() != inner)
    throw_shape_error(
        concat("matmul: inner sizes differ: lhs ", sa, ", rhs ", sb, " (", sa.back(), " vs ", inner, ")"));
  const auto row = a.rank() == 1 ? unsqueeze(a, 0) : a;
  const auto column = b.rank() == 1 ? unsqueeze(b, 1) : b;
  auto y = detail::matmul_matrices(row, column);
  if (b.rank() == 1) y = squeeze(y, -1);
  if (a.rank() == 1) y = squeeze(y, b.rank() == 1 ? -1 : -2);
  return y;
}

template <class T, class U, class A, detail::other_backend<A> B>
void matmul(const tensor<T, A>&, const tensor<U, B>&) {
  detail::reject_mixed_backends<A, B>();
}

/// sum a_i b_i. **Shapes**: both [n]; result a scalar. **Throws** shape_error.
template <std::floating_point T, backend B>
tensor<T, B> dot(const tensor<T, B>& a, const tensor<T, B>& b) {
  if (a.rank() != 1 || b.rank() != 1 || a.size() != b.size())
    throw_shape_error(concat("dot: vectors of equal length expected: lhs ", a.shape(), ", rhs ", b.shape()));
  return matmul(a, b);
}

/// y_ij = a_i b_j. **Shapes**: [m] and [n] give [m, n]. **Throws** shape_error.
template <std::floating_point T, backend B>
tensor<T, B> outer(const tensor<T, B>& a, const tensor<T, B>& b) {
  if (a.rank() != 1 || b.rank() != 1)
    throw_shape_error(concat("outer: vectors expected: lhs ", a.shape(), ", rhs ", b.shape()));
  return unsqueeze(a, 1) * b;
}

/// y = x weight^T + bias, the bias added where the product is stored; an undefined bias stands for none.
///
/// **Shapes**: x [.., in], weight [out, in], bias [out]; result [.., out]. **Throws** shape_error, device_error.
template <std::floating_point T, backend B>
tensor<T, B> linear(const tensor<T, B>& x, const tensor<T, B>& weight, const tensor<T, B>& bias = {}) {
  require_same_device("linear", x, weight, bias);
  if (x.rank() == 0 || weight.rank() != 2)
    throw_shape_error(concat("linear: x of rank 1 or more and weight of rank 2 expected: x ", x.shape(), ", weight ",
                             weight.shape()));
  const std::int64_t out = weight.shape()[0], in = weight.shape()[1];
  if (x.shape().back() != in)
    throw_shape_error(concat("linear: input sizes differ: x ", x.shape(), ", weight ", weight.shape(), " (",
                             x.shape().back(), " vs ", in, ")"));
  if (bias.defined() && bias.shape() != shape{out})
    throw_shape_error(concat("linear: bias does not fit: weight ", weight.shape(), ", bias ", bias.shape(), " (", out,
                             " vs ", bias.size(), ")"));
  shape s = x.shape();
  s[s.rank() - 1] = 1;
  const std::int64_t rows = s.size();
  s[s.rank() - 1] = out;
  const auto flat = reshape(x, {rows, in});
  const auto columns = transpose(stop_gradient(weight));
  auto y = array<T, B>::empty({rows, out}, x.device());
  const compute factors = factors_of<T>();
  const auto added = bias.defined() ? bias.array().contiguous() : array<T, B>();
  B::gemm(y.view(), flat.array().cview(), columns.array().cview(), gemm_epilogue<T>{added.data(), false, factors});
  return reshape(
      record(
          "linear", y,
          [factors, x = save_for_backward(flat), w = save_for_backward(weight)](const auto& c, const auto& dy) {
            std::array<tensor<T, B>, 3> g;
            if (c.needs(0)) g[0] = detail::matmul_batched(dy, c.get(w), factors);
            if (c.needs(1)) g[1] = detail::matmul_batched(transpose(dy), c.get(x), factors);
            if (c.needs(2)) g[2] = sum(dy, {0});
            return g;
          },
          flat, weight, bias),
      s);
}

}  // namespace tensorlab::inline v0
