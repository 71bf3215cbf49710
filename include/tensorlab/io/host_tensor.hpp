#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tensorlab/autograd/tensor.hpp>
#include <tensorlab/core/host_tensor.hpp>

namespace tensorlab::inline v0::io {

static_assert(std::endian::native == std::endian::little,
              "tensorlab/io: the file formats are written for little endian");

/// How a tensor is built from a file.
struct load_options {
  bool convert = false;  ///< Convert the elements if the file holds another type; otherwise that is an error.
  int device = 0;
};

namespace detail {

template <class From, class To>
void convert_run(const std::byte* from, To* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if constexpr (std::same_as<From, bool>) {
      to[i] = convert_element<To>(std::to_integer<int>(from[i]) != 0);
    } else {
      From x;
      std::memcpy(&x, from + i * sizeof(From), sizeof(From));
      to[i] = convert_element<To>(x);
    }
  }
}

/// Reads `count` elements of type `type`, at any alignment, as `To`.
template <class To>
void convert_bytes(dtype type, const std::byte* from, To* to, std::size_t count) {
  if (count == 0) return;
  if (type == dtype_of<To> && !std::same_as<To, bool>) {
    std::memcpy(to, from, count * sizeof(To));
    return;
  }
  switch (type) {
    case dtype::float32:
      return convert_run<float>(from, to, count);
    case dtype::float64:
      return convert_run<double>(from, to, count);
    case dtype::bfloat16:
      return convert_run<bf16>(from, to, count);
    case dtype::float16:
      return convert_run<half>(from, to, count);
    case dtype::int64:
      return convert_run<std::int64_t>(from, to, count);
    case dtype::int32:
      return convert_run<std::int32_t>(from, to, count);
    case dtype::uint8:
      return convert_run<std::uint8_t>(from, to, count);
    case dtype::boolean:
      return convert_run<bool>(from, to, count);
    case dtype::int8:
      return convert_run<std::int8_t>(from, to, count);
  }
}

inline void require_dtype(const char* op, const std::string& where, dtype held, dtype asked, bool convert) {
  if (held != asked && !convert) {
    throw_dtype_error(concat(op, ": element types differ: ", where, " holds ", held, ", asked for ", asked,
                             " (convert = true converts)"));
  }
}

inline std::span<const std::byte> bytes_of(const host_tensor& h) { return std::as_bytes(std::span(h.bytes)); }

/// The plain bytes of elements, taken out of a part of a file.
inline std::vector<std::uint8_t> copy_bytes(std::span<const std::byte> from) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(from.data());
  return {data, data + from.size()};
}

/// Reverses the bytes of each of `count` elements of `width` bytes.
inline void swap_bytes(std::byte* data, std::size_t count, std::size_t width) {
  for (std::size_t i = 0; i < count; ++i) std::reverse(data + i * width, data + (i + 1) * width);
}

/// Writes the elements, `width` bytes each, of an array of shape `s` with strides `st` in row-major order.
inline void gather_row_major(const shape& s, const strides& st, std::size_t width, const std::byte* from,
                             std::byte* to) {
  dims at = dims::filled(s.rank(), 0);
  const auto count = static_cast<std::size_t>(s.size());
  std::int64_t source = 0;
  for (std::size_t n = 0; n < count; ++n) {
    std::memcpy(to + n * width, from + static_cast<std::size_t>(source) * width, width);
    for (int i = s.rank() - 1; i >= 0; --i) {
      source += st[i];
      if (++at[i] < s[i]) break;
      source -= st[i] * s[i];
      at[i] = 0;
    }
  }
}

/// A record that a program filled itself may be inconsistent.
inline void require_bytes(const host_tensor& h, const std::string& where) {
  const std::size_t need = static_cast<std::size_t>(h.extents.size()) * size_of(h.type);
  if (h.bytes.size() != need) {
    throw_shape_error(concat("host_tensor: bytes do not fill the shape: ", where, ": ", h.type, " ", h.extents, " (",
                             need, " bytes expected, ", h.bytes.size(), " given)"));
  }
}

}  // namespace detail

/// A copy of `x` on the host.
template <class T, class B>
host_tensor to_host(const tensor<T, B>& x) {
  host_tensor h{dtype_of<T>, x.shape(), std::vector<std::uint8_t>(static_cast<std::size_t>(x.size()) * sizeof(T))};
  if (x.size() != 0) x.array().copy_to(reinterpret_cast<T*>(h.bytes.data()));
  return h;
}

/// A tensor with the elements of `h`; `where` names it in errors.
///
/// **Throws** dtype_error if the types differ and `options.convert` is not set.
template <class T, class B>
tensor<T, B> from_host(const host_tensor& h, const load_options& options = {},
                       const std::string& where = "the tensor") {
  detail::require_dtype("from_host", where, h.type, dtype_of<T>, options.convert);
  detail::require_bytes(h, where);
  return tensor<T, B>::written(
      h.extents,
      [&](T* to) {
        detail::convert_bytes(h.type, detail::bytes_of(h).data(), to, static_cast<std::size_t>(h.extents.size()));
      },
      options.device);
}

}  // namespace tensorlab::inline v0::io
