#pragma once

#pragma nv_diag_suppress 554  // view's conversion to a view of const, in a view of const

#include <tensorlab/backend/cuda/blas.cuh>
#include <tensorlab/backend/cuda/blas_conv.hpp>
#include <tensorlab/backend/cuda/dnn_conv.cuh>
#include <tensorlab/backend/cuda/graph_stream.cuh>
#include <tensorlab/backend/cuda/launch.cuh>
#include <tensorlab/backend/simt/elementwise.hpp>
#include <tensorlab/backend/simt/layers.hpp>
#include <tensorlab/backend/simt/linear.hpp>
#include <tensorlab/backend/simt/reductions.hpp>

/// Definitions of the primitives of cuda/kernels.hpp: the simt bodies and plans with the GPU's launcher, cuBLAS for
/// products, cuDNN for float32 convolutions that it takes.
namespace tensorlab::inline v0::cuda_kernel {

using elementwise = simt_kernel::elementwise_primitives<launcher>;
using reductions = simt_kernel::reduction_primitives<launcher>;
using linear = simt_kernel::linear_primitives<launcher>;
using layers = simt_kernel::layer_primitives<launcher>;
using products = blas_gemm<launcher, cublas>;
using convolutions = blas_conv<launcher, cublas>;

template <class R, class U, class... Ts>
void map(const R& rule, const view<U>& y, const view<const Ts>&... x) {
  elementwise::map(rule, y, x...);
}
template <class R, class U, class... Ts>
void generate(const R& rule, const view<U>& y, const view<const Ts>&... x) {
  elementwise::generate(rule, y, x...);
}
template <class R, class T>
void update(const update_batch<R, T>& batch) {
  elementwise::update(batch);
}
template <class R, class T>
void reduce(const R& rule, const view<T>& y, const view<const T>& x) {
  reductions::reduce(rule, y, x);
}
template <class R, class T>
void arg_reduce(const R& rule, const view<std::int64_t>& y, const view<const T>& x, int axis) {
  reductions::arg_reduce(rule, y, x, axis);
}
template <class R, class T>
void cumulate(const R& rule, const view<T>& y, const view<const T>& x, int axis, bool reverse) {
  reductions::cumulate(rule, y, x, axis, reverse);
}
template <class T>
void sort(const view<T>& values, const view<std::int64_t>& positions, const view<const T>& x, int axis,
          bool descending) {
  reductions::sort(values, positions, x, axis, descending);
}
template <class T>
void gather(const view<T>& y, const view<const T>& x, const view<const std::int64_t>& index, int axis) {
  elementwise::gather(y, x, index, axis);
}
template <class T>
void scatter_add(const view<T>& y, const view<const T>& x, const view<const std::int64_t>& index, int axis) {
  elementwise::scatter_add(y, x, index, axis);
}
template <class T>
void bucketize(const view<std::int64_t>& y, const view<const T>& x, const view<const T>& edges, bool right) {
  elementwise::bucketize(y, x, edges, right);
}
template <class T>
void gemm(const view<T>& y, const view<const T>& a, const view<const T>& b, const gemm_epilogue<T>& e) {
  products::gemm(y, a, b, e);
}
template <class T>
void conv(const view<T>& y, const view<const T>& x, const view<const T>& w, const T* bias, const window_geometry& g) {
  if constexpr (sizeof(T) == 4)
    if (g.factors == compute::full && !convolutions::is_product(g) && dnn_conv::forward(y, x, w, bias, g)) return;
  convolutions::conv(y, x, w, bias, g);
}
template <class T>
void conv_dx(const view<T>& dx, const view<const T>& dy, const view<const T>& w, const window_geometry& g) {
  if constexpr (sizeof(T) == 4)
    if (g.factors == compute::full && !convolutions::is_product(g) && dnn_conv::backward_data(dx, dy, w, g)) return;
  convolutions::conv_dx(dx, dy, w, g);
}
template <class T>
void conv_dw(const view<T>& dw, const view<const T>& dy, const view<const T>& x, const window_geometry& g) {
  if constexpr (sizeof(T) == 4)
    if (g.factors == compute::full && !convolutions::is_product(g) && dnn_conv::backward_weights(dw, dy, x, g)) return;
  convolutions::conv_dw(dw, dy, x, g);
}
template <class T>
void pool(pool_kind kind, const view<T>& y, const view<std::int64_t>& position, const view<const T>& x,
          const window_geometry& g) {
  linear::pool(kind, y, position, x, g);
}
template <class T>
void pool_dx(pool_kind kind, const view<T>& dx, const view<const T>& dy, const view<const std::int64_t>& position,
             const window_geometry& g) {
  linear::pool_dx(kind, dx, dy, position, g);
}
template <class T>
void norm(const view<T>& y, const view<T>& mean, const view<T>& rstd, const view<const T>& x,
          const view<const T>& gamma, const view<const T>& beta, double eps) {
  layers::norm(y, mean, rstd, x, gamma, beta, eps);
}
template <class T>
void norm_backward(const view<T>& dx, const view<const T>& dy, const view<const T>& x, const view<const T>& gamma,
                   const view<const T>& mean, const view<const T>& rstd) {
  layers::norm_backward(dx, dy, x, gamma, mean, rstd);
}
template <class T>
void norm_backward_affine(const view<T>& dgamma, const view<T>& dbeta, const view<const T>& dy, const view<const T>& x,
                          const view<const T>& mean, const view<const T>& rstd) {
  layers::norm_backward_affine(dgamma, dbeta, dy, x, mean, rstd);
}
template <class T>
void softmax(const view<T>& y, const view<const T>& x, int axis, bool log) {
  layers::softmax(y, x, axis, log);
}
template <class T>
void softmax_backward(const view<T>& dx, const view<const T>& y, const view<const T>& dy, int axis, bool log) {
  layers::softmax_backward(dx, y, dy, axis, log);
}

}  // namespace tensorlab::inline v0::cuda_kernel
