#pragma once

#include <type_traits>
#include <utility>
#include <vector>

#include <tensorlab/ops/slice.hpp>

namespace tensorlab::inline v0 {

/// `x` with `value` before and after its elements: `pairs[i]` holds the two numbers for dimension i.
///
/// **Shapes**: dimension i grows by both its numbers. **Throws** shape_error unless there is one pair per dimension,
/// none negative.
template <class T, backend B>
tensor<T, B> pad(const tensor<T, B>& x, const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs,
                 std::type_identity_t<T> value = T(0)) {
  if (static_cast<int>(pairs.size()) != x.rank())
    throw_shape_error(
        concat("pad: ", pairs.size(), " pairs for shape ", x.shape(), " (", pairs.size(), " vs ", x.rank(), ")"));
  auto w = detail::window::whole(x.shape());
  shape s = x.shape();
  for (int i = 0; i < x.rank(); ++i) {
    const auto [before, after] = pairs[static_cast<std::size_t>(i)];
    if (before < 0 || after < 0)
      throw_shape_error(
          concat("pad: negative padding of dimension ", i, " of shape ", x.shape(), " (", before, ", ", after, ")"));
    w.start[i] = before;
    s[i] += before + after;
  }
  return detail::embed("pad", x, s, w, value);
}

}  // namespace tensorlab::inline v0
