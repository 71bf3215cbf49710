#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include <tensorlab/ops/index.hpp>
#include <tensorlab/ops/linalg.hpp>
#include <tensorlab/ops/reduce.hpp>

namespace tensorlab::inline v0 {

/// y[n, c, t, w] = sum over k, v of x[n, k, c, t, v] a[k, v, w]: aggregation over the neighbours of each of K subsets
/// of a graph.
///
/// One batched product; where x is channels-last in memory, (N, T, V, K C), nothing is copied, and so is the result.
/// **Shapes**: x [N, K, C, T, V], a [K, V, W] -> [N, C, T, W]. **Throws** shape_error. Yan et al., "Spatial temporal
/// graph convolutional networks" (2018).
template <class T, backend B>
tensor<T, B> graph_aggregate(const tensor<T, B>& x, const tensor<T, B>& a) {
  const auto [n, k, c, t, v] = x.template dims<5>("graph_aggregate: input");
  const auto [ak, av, w] = a.template dims<3>("graph_aggregate: adjacency");
  if (k != ak)
    throw_shape_error(concat("graph_aggregate: numbers of subsets differ: input ", x.shape(), ", adjacency ", a.shape(),
                             " (", k, " vs ", ak, ")"));
  if (v != av)
    throw_shape_error(concat("graph_aggregate: numbers of nodes differ: input ", x.shape(), ", adjacency ", a.shape(),
                             " (", v, " vs ", av, ")"));
  require_same_device("graph_aggregate", x, a);
  const auto nodes = reshape(permute(x, {0, 3, 4, 1, 2}), {n * t, v * k, c});
  const auto weights = reshape(permute(a, {2, 1, 0}), {w, v * k});
  return permute(reshape(matmul(weights, nodes), {n, t, w, c}), {0, 3, 1, 2});
}

namespace detail {

template <class T, class B>
tensor<std::int64_t, B> checked_segments(const char* op, const tensor<T, B>& x, const tensor<std::int64_t, B>& ids,
                                         std::int64_t segments) {
  if (x.rank() == 0 || ids.shape() != shape{x.dim(0)})
    throw_shape_error(concat(op, ": one segment per row expected: input ", x.shape(), ", ids ", ids.shape()));
  require_same_device(op, x, ids);
  require_indices(op, ids.array(), "segments", shape{segments}, 0);
  shape line = dims::filled(x.rank(), 1);
  line[0] = x.dim(0);
  return expand(reshape(ids, line), x.shape());
}

template <class T, class B>
tensor<T, B> segment_sum_of(const tensor<T, B>& x, const tensor<std::int64_t, B>& index, std::int64_t segments) {
  shape s = x.shape();
  s[0] = segments;
  return scatter_unchecked(tensor<T, B>::zeros(s, x.device()), index, x, 0);
}

}  // namespace detail

/// y[s] = sum of the rows of x whose id is s; 0 for a segment without rows. Rows are added in their order.
///
/// **Shapes**: x [E, ..], ids [E], any order -> [segments, ..]. **Throws** shape_error, also for an id outside [0,
/// segments).
template <class T, backend B>
tensor<T, B> segment_sum(const tensor<T, B>& x, const tensor<std::int64_t, B>& ids, std::int64_t segments) {
  return detail::segment_sum_of(x, detail::checked_segments("segment_sum", x, ids, segments), segments);
}

/// y[s] = mean of the rows of x whose id is s; 0 for a segment without rows. Shapes and errors as segment_sum.
template <class T, backend B>
tensor<T, B> segment_mean(const tensor<T, B>& x, const tensor<std::int64_t, B>& ids, std::int64_t segments) {
  const auto index = detail::checked_segments("segment_mean", x, ids, segments);
  shape column = dims::filled(x.rank(), 1);
  column[0] = x.dim(0);
  const auto ones = tensor<T, B>::ones(column, x.device());
  const auto counts = detail::segment_sum_of(ones, reshape(ids, column), segments);
  return detail::segment_sum_of(x, index, segments) / maximum(counts, tensor<T, B>::scalar(1, x.device()));
}

/// y[s] = largest of the rows of x whose id is s, element by element; 0 for a segment without rows. Equal maxima share
/// the gradient.
///
/// The ids are read on the host and the rows gathered into [segments, rows of the longest one, ..]. Shapes and errors
/// as segment_sum.
template <class T, backend B>
tensor<T, B> segment_max(const tensor<T, B>& x, const tensor<std::int64_t, B>& ids, std::int64_t segments) {
  detail::checked_segments("segment_max", x, ids, segments);
  const std::vector<std::int64_t> id = ids.to_vector();
  std::vector<std::int64_t> count(static_cast<std::size_t>(segments), 0);
  for (std::int64_t i : id) ++count[static_cast<std::size_t>(i)];
  const std::int64_t longest = count.empty() ? 0 : *std::max_element(count.begin(), count.end());
  shape s = x.shape();
  if (longest == 0) {
    s[0] = segments;
    return tensor<T, B>::zeros(s, x.device());
  }
  // Empty places name the row behind the last one, which is -infinity.
  std::vector<std::int64_t> rows(static_cast<std::size_t>(segments * longest), x.dim(0));
  std::vector<std::int64_t> used(count.size(), 0);
  for (std::size_t e = 0; e < id.size(); ++e) {
    const auto at = static_cast<std::size_t>(id[e]);
    rows[at * static_cast<std::size_t>(longest) + static_cast<std::size_t>(used[at]++)] = static_cast<std::int64_t>(e);
  }
  s[0] = 1;
  const auto padded = cat({x, tensor<T, B>::full(s, -std::numeric_limits<T>::infinity(), x.device())}, 0);
  const auto index =
      tensor<std::int64_t, B>::from(std::span<const std::int64_t>(rows), {segments * longest}, x.device());
  shape groups = x.shape();
  groups[0] = longest;
  groups.insert(0, segments);
  const auto largest = amax(reshape(index_select(padded, index, 0), groups), {1});
  shape column = dims::filled(x.rank(), 1);
  column[0] = segments;
  const auto empty = equal(tensor<std::int64_t, B>::from(std::span<const std::int64_t>(count), column, x.device()), 0);
  return masked_fill(largest, empty, T(0));
}

}  // namespace tensorlab::inline v0
