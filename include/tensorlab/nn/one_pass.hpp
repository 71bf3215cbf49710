#pragma once

#include <concepts>

namespace tensorlab::inline v0::nn {

/// Two layers one after the other that can compute both outputs in one pass over memory: specialised beside the layers,
/// for a sequential to find. `applies(first, second)` says whether they can now; `call(first, second, x)` returns
/// `second(first(x))`, to the bit.
template <class First, class Second>
struct one_pass {};

/// Whether there is a one-pass form of two layers for an X, which they leave an X.
template <class First, class Second, class X>
concept has_one_pass = requires(const First& first, const Second& second, const X& x) {
  { one_pass<First, Second>::applies(first, second) } -> std::same_as<bool>;
  { one_pass<First, Second>::call(first, second, x) } -> std::same_as<X>;
};

}  // namespace tensorlab::inline v0::nn
