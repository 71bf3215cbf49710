#pragma once

#include <vector>

#include <tensorlab/autograd/record.hpp>
#include <tensorlab/ops/cast.hpp>

namespace tensorlab::inline v0 {

/// The bin that each element of x falls in: the number of edges below it, or with `right` of those at most it. NaN
/// falls in the last bin.
///
/// As np.searchsorted(edges, x, side). **Shapes**: x any, edges [K] -> x's. **Range**: edges ascend; results lie in
/// 0..K. **Throws** shape_error unless edges have rank 1, value_error for edges that descend, device_error,
/// gradient_error for a tracked x or tracked edges.
///
/// Each call copies the edges to the host, where their order is checked: beside the search that is little for elements
/// by the thousand, but on a device it waits for the work that is queued.
template <class T, backend B>
tensor<std::int64_t, B> bucketize(const tensor<T, B>& x, const tensor<T, B>& edges, bool right = false) {
  reject_tracked("bucketize", x, edges);
  require_same_device("bucketize", x, edges);
  if (edges.rank() != 1) throw_shape_error(concat("bucketize: edges must have rank 1: edges ", edges.shape()));
  const auto values = edges.to_vector();
  for (std::size_t i = 1; i < values.size(); ++i)
    if (!(values[i - 1] <= values[i])) throw_value_error(concat("bucketize: edge ", i, " is below the one before it"));
  auto y = array<std::int64_t, B>::empty(x.shape(), x.device());
  if (y.size() != 0) B::bucketize(y.view(), x.array().cview(), edges.array().cview(), right);
  return unrecorded("bucketize", y);
}

}  // namespace tensorlab::inline v0
