#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace tensorlab::inline v0 {

/// The base of every exception that the library throws on purpose.
struct error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// Shapes, ranks, axes or indices do not fit the operation.
struct shape_error : error {
  using error::error;
};
/// An element type the operation does not take.
struct dtype_error : error {
  using error::error;
};
/// A device that is absent, or operands on different devices.
struct device_error : error {
  using error::error;
};
/// A gradient that cannot be computed: no rule, released graph, overwritten saved value.
struct gradient_error : error {
  using error::error;
};
/// A failure reported by oneDNN, cuDNN, cuBLAS or the CUDA runtime.
struct backend_error : error {
  using error::error;
};
/// A file or a text that is not what it should be.
struct format_error : error {
  using error::error;
};
/// A value out of its documented range.
struct value_error : error {
  using error::error;
};

namespace detail {

inline void append(std::string& s, std::string_view v) { s += v; }
inline void append(std::string& s, const std::string& v) { s += v; }
inline void append(std::string& s, const char* v) { s += v; }
inline void append(std::string& s, char v) { s += v; }
inline void append(std::string& s, bool v) { s += v ? "true" : "false"; }
template <class V>
void append(std::string& s, const V& v) {
  if constexpr (requires { std::to_string(v); })
    s += std::to_string(v);
  else
    s += to_string(v);
}

}  // namespace detail

/// The texts of the arguments one after the other: strings, numbers, shapes, dtypes.
template <class... A>
std::string concat(const A&... parts) {
  std::string s;
  (detail::append(s, parts), ...);
  return s;
}

#if defined(__GNUC__)
#define TL_COLD [[gnu::cold, gnu::noinline]]
#else
#define TL_COLD
#endif

[[noreturn]] TL_COLD inline void throw_shape_error(const std::string& what) { throw shape_error(what); }
[[noreturn]] TL_COLD inline void throw_dtype_error(const std::string& what) { throw dtype_error(what); }
[[noreturn]] TL_COLD inline void throw_device_error(const std::string& what) { throw device_error(what); }
[[noreturn]] TL_COLD inline void throw_gradient_error(const std::string& what) { throw gradient_error(what); }
[[noreturn]] TL_COLD inline void throw_backend_error(const std::string& what) { throw backend_error(what); }
[[noreturn]] TL_COLD inline void throw_format_error(const std::string& what) { throw format_error(what); }
[[noreturn]] TL_COLD inline void throw_value_error(const std::string& what) { throw value_error(what); }

#undef TL_COLD

}  // namespace tensorlab::inline v0
