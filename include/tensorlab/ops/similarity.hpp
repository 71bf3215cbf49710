#pragma once

#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/reduce.hpp>
#include <tensorlab/ops/unary.hpp>

namespace tensorlab::inline v0 {

/// a . b / (max(|a|, eps) max(|b|, eps)) along one axis: the cosine of the angle between vectors, in [-1, 1].
///
/// **Shapes**: a and b broadcast to each other; the result is their shape without `axis`. A vector shorter than `eps`
/// gives 0 instead of NaN. **Throws** shape_error.
template <std::floating_point T, backend B>
tensor<T, B> cosine_similarity(const tensor<T, B>& a, const tensor<T, B>& b, int axis = -1, double eps = 1e-8) {
  require_same_device("cosine_similarity", a, b);
  const shape s = broadcast_shapes("cosine_similarity", a.shape(), b.shape());
  const dims over{normalize_axis("cosine_similarity", axis, s.rank())};
  const tensor<T, B> x = expand(a, s), y = expand(b, s);
  const auto length = [&](const tensor<T, B>& v) { return sqrt(clamp(sum(square(v), over), eps * eps, 1e300)); };
  return sum(x * y, over) / (length(x) * length(y));
}

}  // namespace tensorlab::inline v0
