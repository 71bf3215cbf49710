#pragma once

#include <concepts>

#include <tensorlab/autograd/record.hpp>
#include <tensorlab/backend/concept.hpp>

namespace tensorlab::inline v0 {

/// `x` in the element type `U`; bool is x != 0, integers drop the fraction, 16-bit floats round to nearest even.
///
/// With gradient between float and double. **Throws** gradient_error when a tracked x goes to another type.
template <class U, class T, backend B>
tensor<U, B> cast(const tensor<T, B>& x) {
  if constexpr (std::same_as<U, T>) {
    return x;
  } else if constexpr (std::floating_point<U> && std::floating_point<T>) {
    return record(
        "cast", x.array().template cast<U>(), [](const auto&, const auto& dy) { return cast<T>(dy); }, x);
  } else {
    reject_tracked("cast", x);
    return unrecorded("cast", x.array().template cast<U>());
  }
}

}  // namespace tensorlab::inline v0
