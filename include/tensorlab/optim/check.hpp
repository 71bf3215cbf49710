#pragma once

#include <cstdio>
#include <string>

#include <tensorlab/core/error.hpp>

/// Checks of settings, with the numbers in their messages.
namespace tensorlab::inline v0::optim::detail {

/// A number in an error message: 1e-08, not 0.000000.
inline std::string number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", v);
  return text;
}

/// **Throws** value_error `adam: eps must be at least 0, got -1`.
inline void require_at_least_zero(const char* op, const char* what, double v) {
  if (!(v >= 0)) throw_value_error(concat(op, ": ", what, " must be at least 0, got ", number(v)));
}
/// **Throws** value_error unless v is in [0, 1).
inline void require_fraction(const char* op, const char* what, double v) {
  if (!(v >= 0 && v < 1)) throw_value_error(concat(op, ": ", what, " must be in [0, 1), got ", number(v)));
}

}  // namespace tensorlab::inline v0::optim::detail
