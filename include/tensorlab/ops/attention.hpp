#pragma once

#include <cmath>
#include <limits>
#include <optional>

#include <tensorlab/ops/dropout.hpp>
#include <tensorlab/ops/linalg.hpp>
#include <tensorlab/ops/softmax.hpp>

namespace tensorlab::inline v0 {

/// What scaled_dot_product_attention adds to its scores, and how it scales them.
template <class T, class B>
struct attention_options {
  tensor<bool, B> mask = {};                   // true where a query may see a key; broadcasts to [.., Tq, Tk]
  tensor<T, B> bias = {};                      // added to the scaled scores; broadcasts to [.., Tq, Tk]
  std::optional<double> scale = std::nullopt;  // absent: 1 / sqrt(D)
  double dropout = 0;                          // on the weights; needs `stream`
  const random::stream* stream = nullptr;
};

/// y = softmax(scale q k^T + bias) v, the softmax over the keys that the mask lets through.
///
/// A query that may see no key gets the plain mean of the values. **Shapes**: q [.., Tq, D], k [.., Tk, D], v [.., Tk,
/// Dv] ->
/// [.., Tq, Dv]; leading dimensions broadcast. **Throws** shape_error, value_error. Vaswani et al., "Attention is all
/// you need" (2017).
template <class T, backend B>
tensor<T, B> scaled_dot_product_attention(const tensor<T, B>& q, const tensor<T, B>& k, const tensor<T, B>& v,
                                          const attention_options<T, B>& o = {}) {
  constexpr const char* op = "scaled_dot_product_attention";
  for (const auto* t : {&q, &k, &v})
    if (t->rank() < 2) throw_shape_error(concat(op, ": expected [.., T, D], got shape ", t->shape()));
  if (q.dim(-1) != k.dim(-1))
    throw_shape_error(concat(op, ": query and key sizes differ: q ", q.shape(), ", k ", k.shape(), " (", q.dim(-1),
                             " vs ", k.dim(-1), ")"));
  if (k.dim(-2) != v.dim(-2))
    throw_shape_error(concat(op, ": numbers of keys and values differ: k ", k.shape(), ", v ", v.shape(), " (",
                             k.dim(-2), " vs ", v.dim(-2), ")"));
  require_same_device(op, q, k, v, o.mask, o.bias);
  // Scaling q is cheaper than scaling the scores.
  auto scores = matmul(q * o.scale.value_or(1 / std::sqrt(static_cast<double>(q.dim(-1)))), transpose(k));
  if (o.bias.defined()) scores = scores + o.bias;
  if (o.mask.defined()) scores = masked_fill(scores, logical_not(o.mask), (std::numeric_limits<T>::lowest)());
  auto weights = softmax(scores, -1);
  if (o.dropout != 0) {
    if (o.stream == nullptr) throw_value_error(concat(op, ": dropout needs a random stream"));
    weights = dropout(weights, o.dropout, *o.stream);
  }
  return matmul(weights, v);
}

/// [N, T, heads D] -> [N, heads, T, D], without a copy. **Throws** shape_error unless `heads` divides the last
/// dimension.
template <class T, backend B>
tensor<T, B> split_heads(const tensor<T, B>& x, std::int64_t heads) {
  const auto [n, t, width] = x.template dims<3>("split_heads: input");
  if (heads < 1 || width % heads != 0)
    throw_shape_error(
        concat("split_heads: heads do not divide the width: input ", x.shape(), " (", width, " vs ", heads, " heads)"));
  return permute(reshape(x, {n, t, heads, width / heads}), {0, 2, 1, 3});
}

/// [N, heads, T, D] -> [N, T, heads D]: the inverse of split_heads. **Throws** shape_error for another rank.
template <class T, backend B>
tensor<T, B> merge_heads(const tensor<T, B>& x) {
  const auto [n, heads, t, d] = x.template dims<4>("merge_heads: input");
  return reshape(permute(x, {0, 2, 1, 3}), {n, t, heads * d});
}

/// g = sum_t a_t h_t with a = softmax over time of the scores; steps where `mask` [N, T] is false take no part.
///
/// **Shapes**: h [N, T, H], scores [N, T] or [N, T, 1] -> [N, H]. **Throws** shape_error.
template <class T, backend B>
tensor<T, B> attention_pool(const tensor<T, B>& h, const tensor<T, B>& scores, const tensor<bool, B>& mask = {}) {
  const auto [n, t, width] = h.template dims<3>("attention_pool: input");
  if (scores.shape() != shape{n, t} && scores.shape() != shape{n, t, 1})
    throw_shape_error(
        concat("attention_pool: one score per step expected: input ", h.shape(), ", scores ", scores.shape()));
  require_same_device("attention_pool", h, scores, mask);
  auto s = reshape(scores, {n, 1, t});
  if (mask.defined()) {
    if (mask.shape() != shape{n, t})
      throw_shape_error(
          concat("attention_pool: one mask value per step expected: input ", h.shape(), ", mask ", mask.shape()));
    s = masked_fill(s, logical_not(reshape(mask, {n, 1, t})), (std::numeric_limits<T>::lowest)());
  }
  return reshape(matmul(softmax(s, -1), h), {n, width});
}

}  // namespace tensorlab::inline v0
