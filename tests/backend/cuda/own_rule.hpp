#pragma once

#include <tensorlab/rule/concept.hpp>

namespace test {

/// y = x^3 + c x, a rule that the library does not have; its derivatives are left to dual numbers.
struct cubic {
  double c = 1;
  static constexpr auto name = "cubic";
  static constexpr tensorlab::save saves = tensorlab::save::input;
  template <class T>
  TL_HD T f(const T& x) const {
    return x * x * x + T(c) * x;
  }
};

}  // namespace test
