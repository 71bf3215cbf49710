#pragma once

#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

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
/// A file that cannot be opened, read or written.
struct file_error : error {
  using error::error;
};
/// A value out of its documented range.
struct value_error : error {
  using error::error;
};

#if defined(__GNUC__)
#define TL_COLD [[gnu::cold, gnu::noinline]]
#else
#define TL_COLD
#endif

namespace detail {

/// An argument of concat. One function writes them all: messages are many, and each place that makes one is to cost the
/// compiler little.
class message_part {
 public:
  message_part(const char* v) : message_part(std::string_view(v)) {}
  message_part(const std::string& v) : message_part(std::string_view(v)) {}
  message_part(std::string_view v) : kind_(text), text_(v) {}
  message_part(char v) : kind_(character), number_(v) {}
  message_part(bool v) : message_part(v ? "true" : "false") {}
  template <std::signed_integral V>
  message_part(V v) : kind_(number), number_(v) {}
  template <std::unsigned_integral V>
  message_part(V v) : kind_(natural), natural_(v) {}
  template <std::floating_point V>
  message_part(V v) : kind_(real), real_(static_cast<double>(v)) {}
  template <class V>
  requires(std::is_class_v<V> || std::is_enum_v<V>) message_part(const V& v) : kind_(other), other_{&v, &write<V>} {}

  void append_to(std::string& s) const {
    switch (kind_) {
      case text:
        s += text_;
        break;
      case character:
        s += static_cast<char>(number_);
        break;
      case number:
        s += std::to_string(number_);
        break;
      case natural:
        s += std::to_string(natural_);
        break;
      case real:
        s += std::to_string(real_);
        break;
      case other:
        other_.write(s, other_.value);
    }
  }

 private:
  template <class V>
  static void write(std::string& s, const void* v) {
    s += to_string(*static_cast<const V*>(v));
  }
  struct writable {
    const void* value;
    void (*write)(std::string&, const void*);
  };

  enum : unsigned char { text, character, number, natural, real, other } kind_;
  union {
    std::string_view text_;
    long long number_;
    unsigned long long natural_;
    double real_;
    writable other_;
  };
};

TL_COLD inline std::string join(const message_part* parts, std::size_t count) {
  std::string s;
  for (std::size_t i = 0; i < count; ++i) parts[i].append_to(s);
  return s;
}

}  // namespace detail

namespace detail {

/// What an error thrown on this thread is told to come from; see nn/call_scope.hpp.
struct error_place {
  std::string (*describe)(const error_place&);
};
inline const error_place*& current_error_place() {
  thread_local const error_place* place = nullptr;
  return place;
}

TL_COLD inline std::string placed(const std::string& what) {
  const error_place* place = current_error_place();
  const std::string path = place != nullptr ? place->describe(*place) : std::string();
  return path.empty() ? what : path + "." + what;
}

}  // namespace detail

/// The texts of the arguments one after the other: strings, numbers, shapes, dtypes.
template <class... A>
std::string concat(const A&... parts) {
  const detail::message_part list[] = {parts...};
  return detail::join(list, sizeof...(A));
}

[[noreturn]] TL_COLD inline void throw_shape_error(const std::string& what) { throw shape_error(detail::placed(what)); }
[[noreturn]] TL_COLD inline void throw_dtype_error(const std::string& what) { throw dtype_error(detail::placed(what)); }
[[noreturn]] TL_COLD inline void throw_device_error(const std::string& what) {
  throw device_error(detail::placed(what));
}
[[noreturn]] TL_COLD inline void throw_gradient_error(const std::string& what) {
  throw gradient_error(detail::placed(what));
}
[[noreturn]] TL_COLD inline void throw_backend_error(const std::string& what) {
  throw backend_error(detail::placed(what));
}
[[noreturn]] TL_COLD inline void throw_format_error(const std::string& what) {
  throw format_error(detail::placed(what));
}
[[noreturn]] TL_COLD inline void throw_value_error(const std::string& what) { throw value_error(detail::placed(what)); }

#undef TL_COLD

}  // namespace tensorlab::inline v0
