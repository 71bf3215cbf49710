#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tensorlab/autograd/tensor.hpp>

namespace tensorlab::inline v0::io {

static_assert(std::endian::native == std::endian::little,
              "tensorlab/io: the file formats are written for little endian");

/// A tensor of any type as plain bytes on the host, row-major, little endian: what files hold.
struct host_tensor {
  dtype type = dtype::float32;
  v0::shape shape;
  std::vector<std::byte> bytes;

  std::int64_t size() const { return shape.size(); }
  friend bool operator==(const host_tensor&, const host_tensor&) = default;
};

/// How a tensor is built from a file.
struct load_options {
  bool convert = false;  ///< Convert the elements if the file holds another type; otherwise that is an error.
  int device = 0;
};

namespace detail {

/// A tensor whose elements `fill(T*)` writes in row-major order: in place on the host, else through one copy.
template <class T, class B, class Fill>
tensor<T, B> filled_tensor(const shape& s, int device, Fill&& fill) {
  auto out = tensor<T, B>::empty(s, device);
  const auto count = static_cast<std::size_t>(s.size());
  if (count == 0) return out;
  if constexpr (B::host_accessible) {
    fill(out.array().data());
  } else {
    const std::unique_ptr<T[]> staged(new T[count]);
    fill(staged.get());
    B::copy_from_host(out.array().data(), staged.get(), count * sizeof(T), device);
  }
  return out;
}

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
  }
}

inline void require_dtype(const char* op, const std::string& where, dtype held, dtype asked, bool convert) {
  if (held != asked && !convert) {
    throw_dtype_error(concat(op, ": element types differ: ", where, " holds ", held, ", asked for ", asked,
                             " (convert = true converts)"));
  }
}

}  // namespace detail

/// A copy of `x` on the host.
template <class T, class B>
host_tensor to_host(const tensor<T, B>& x) {
  host_tensor h{dtype_of<T>, x.shape(), std::vector<std::byte>(static_cast<std::size_t>(x.size()) * sizeof(T))};
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
  return detail::filled_tensor<T, B>(h.shape, options.device, [&](T* to) {
    detail::convert_bytes(h.type, h.bytes.data(), to, static_cast<std::size_t>(h.size()));
  });
}

}  // namespace tensorlab::inline v0::io
