#pragma once

#include <limits>

#include <tensorlab/core/type_list.hpp>
#include <tensorlab/rule/concept.hpp>

/// Reduction rules: `init`, `load` of an element into the accumulator, `combine` of two accumulators.
namespace tensorlab::inline v0::rule {

struct sum {  // y = sum x
  static constexpr auto name = "sum";
  template <class T> TL_HD static T init() { return T(0); }
  template <class V> TL_HD static V load(const V& x) { return x; }
  template <class V> TL_HD static V combine(const V& a, const V& b) { return a + b; }
};

struct sum_squares {  // y = sum x^2
  static constexpr auto name = "sum_squares";
  template <class T> TL_HD static T init() { return T(0); }
  template <class V> TL_HD static V load(const V& x) { return x * x; }
  template <class V> TL_HD static V combine(const V& a, const V& b) { return a + b; }
};

struct prod {  // y = prod x
  static constexpr auto name = "prod";
  template <class T> TL_HD static T init() { return T(1); }
  template <class V> TL_HD static V load(const V& x) { return x; }
  template <class V> TL_HD static V combine(const V& a, const V& b) { return a * b; }
};

struct max {  // y = max x
  static constexpr auto name = "max";
  template <class T> TL_HD static T init() {
    if constexpr (std::numeric_limits<T>::has_infinity) return -std::numeric_limits<T>::infinity();
    return (std::numeric_limits<T>::lowest)();
  }
  template <class V> TL_HD static V load(const V& x) { return x; }
  template <class V> TL_HD static V combine(const V& a, const V& b) { return math::maximum(a, b); }
  template <class T> TL_HD static bool better(const T& a, const T& b) { return a > b || (a != a && b == b); }
};

struct min {  // y = min x
  static constexpr auto name = "min";
  template <class T> TL_HD static T init() {
    if constexpr (std::numeric_limits<T>::has_infinity) return std::numeric_limits<T>::infinity();
    return (std::numeric_limits<T>::max)();
  }
  template <class V> TL_HD static V load(const V& x) { return x; }
  template <class V> TL_HD static V combine(const V& a, const V& b) { return math::minimum(a, b); }
  template <class T> TL_HD static bool better(const T& a, const T& b) { return a < b || (a != a && b == b); }
};

using reduce_ops = type_list<sum, sum_squares, prod, max, min>;
using arg_reduce_ops = type_list<max, min>;
using cumulate_ops = type_list<sum, prod>;

}  // namespace tensorlab::inline v0::rule
