#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <typeinfo>

#include <tensorlab/core/error.hpp>

namespace tensorlab::inline v0::data::detail {

template <class E>
bool relay_as(const std::exception& e, const std::string& message, std::exception_ptr& out) {
  // Only the very type: a class derived from it would lose what it adds.
  if (typeid(e) != typeid(E)) return false;
  out = std::make_exception_ptr(E(message));
  return true;
}

template <class... E>
bool relay_as_one_of(const std::exception& e, const std::string& message, std::exception_ptr& out) {
  return (relay_as<E>(e, message, out) || ...);
}

/// The exception being handled with `prefix` before its message, of the same type if that is one of the library's or of
/// the standard's; else a tl::error with the original nested in it.
inline std::exception_ptr relay_current_exception(const std::string& prefix) {
  std::exception_ptr out;
  std::string message = prefix + "unknown exception";
  try {
    throw;
  } catch (const std::exception& e) {
    message = prefix + e.what();
    if (relay_as_one_of<shape_error, dtype_error, device_error, gradient_error, backend_error, format_error, file_error,
                        value_error, error, std::runtime_error, std::range_error, std::overflow_error,
                        std::underflow_error, std::logic_error, std::invalid_argument, std::out_of_range,
                        std::domain_error, std::length_error>(e, message, out)) {
      return out;
    }
  } catch (...) {
  }
  try {
    std::throw_with_nested(error(message));
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace tensorlab::inline v0::data::detail
