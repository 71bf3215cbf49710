#pragma once

#include <algorithm>
#include <memory>

#include <tensorlab/io/host_tensor.hpp>
#include <tensorlab/io/npy_header.hpp>

namespace tensorlab::inline v0::io {

namespace detail {

/// The array's elements as row-major little-endian bytes: a part of `file`, or of `scratch` if they had to be
/// rearranged.
inline const std::byte* npy_elements(const npy_header& h, std::span<const std::byte> file,
                                     std::vector<std::byte>& scratch) {
  const std::byte* data = file.data() + h.data_offset;
  const bool swap = h.big_endian, permute = h.fortran_order && h.shape.rank() > 1;
  if (!swap && !permute) return data;
  scratch.resize(h.data_bytes());
  if (permute) {
    strides st = dims::filled(h.shape.rank(), 1);
    for (int i = 1; i < h.shape.rank(); ++i) st[i] = st[i - 1] * h.shape[i - 1];
    gather_row_major(h.shape, st, size_of(h.type), data, scratch.data());
  } else {
    std::copy(data, data + scratch.size(), scratch.begin());
  }
  if (swap) swap_bytes(scratch.data(), static_cast<std::size_t>(h.shape.size()), size_of(h.type));
  return scratch.data();
}

/// The header of a version 1 file for a row-major array, padded so that the elements begin at a multiple of 64.
inline std::string npy_preamble(dtype type, const shape& s) {
  std::string descr;
  switch (type) {
    case dtype::float32:
      descr = "<f4";
      break;
    case dtype::float64:
      descr = "<f8";
      break;
    case dtype::float16:
      descr = "<f2";
      break;
    case dtype::int64:
      descr = "<i8";
      break;
    case dtype::int32:
      descr = "<i4";
      break;
    case dtype::uint8:
      descr = "|u1";
      break;
    case dtype::boolean:
      descr = "|b1";
      break;
    case dtype::int8:
      descr = "|i1";
      break;
    case dtype::bfloat16:
      throw_dtype_error("npy: unsupported dtype: NumPy has no bfloat16; cast to float32 first");
  }
  std::string text = concat("{'descr': '", descr, "', 'fortran_order': False, 'shape': (");
  for (int i = 0; i < s.rank(); ++i) text += concat(i > 0 ? " " : "", s[i], i == 0 || i + 1 < s.rank() ? "," : "");
  text += "), }";
  text.append(63 - (10 + text.size()) % 64, ' ');
  text += '\n';
  const auto low = static_cast<char>(text.size() & 255), high = static_cast<char>(text.size() >> 8);
  return concat("\x93NUMPY", '\x01', '\0', low, high, text);
}

}  // namespace detail

/// The array in the bytes of a .npy file as a host tensor; `name` names the file in errors.
///
/// **Throws** as load_npy().
inline host_tensor parse_npy(std::span<const std::byte> file, const std::string& name) {
  const npy_header h = parse_npy_header(file, name);
  detail::require_npy_size(h, file.size(), name);
  std::vector<std::byte> scratch;
  const std::byte* data = detail::npy_elements(h, file, scratch);
  return {h.type, h.shape, detail::copy_bytes({data, h.data_bytes()})};
}

/// As above, as a tensor.
template <class T = float, class B = cpu>
tensor<T, B> parse_npy(std::span<const std::byte> file, const std::string& name, const load_options& options) {
  const npy_header h = parse_npy_header(file, name);
  detail::require_npy_size(h, file.size(), name);
  detail::require_dtype("load_npy", name, h.type, dtype_of<T>, options.convert);
  std::vector<std::byte> scratch;
  const std::byte* data = detail::npy_elements(h, file, scratch);
  return tensor<T, B>::written(
      h.shape, [&](T* to) { detail::convert_bytes(h.type, data, to, static_cast<std::size_t>(h.shape.size())); },
      options.device);
}

/// Reads a NumPy .npy file (versions 1 to 3; f2, f4, f8, i1, i4, i8, u1, b1; either byte order, C or Fortran order).
///
/// **Shapes**: the array's; the result is row-major. **Throws** dtype_error if the file holds another type than `T` and
/// `options.convert` is not set, or one that tensors do not have; format_error for bad magic, a malformed header, and
/// data that are truncated or too long; file_error.
template <class T = float, class B = cpu>
tensor<T, B> load_npy(const std::string& path, const load_options& options = {}) {
  return parse_npy<T, B>(read_file(path), path, options);
}

/// The bytes of a .npy file (version 1, row-major, little endian) with the elements of `x`; `name` names it in errors.
///
/// **Throws** dtype_error for bfloat16.
inline std::vector<std::byte> format_npy(const host_tensor& x, const std::string& name) {
  detail::require_bytes(x, name);
  const std::string start = detail::npy_preamble(x.type, x.extents);
  std::vector<std::byte> out(start.size() + x.bytes.size());
  std::memcpy(out.data(), start.data(), start.size());
  if (!x.bytes.empty()) std::memcpy(out.data() + start.size(), x.bytes.data(), x.bytes.size());
  return out;
}

/// Writes a .npy file that `numpy.load` reads, atomically. **Throws** dtype_error for bfloat16, file_error.
inline void save_npy(const std::string& path, const host_tensor& x) {
  detail::require_bytes(x, path);
  const std::string start = detail::npy_preamble(x.type, x.extents);
  atomic_write(path, [&](atomic_file& file) {
    file.write(start);
    file.write(detail::bytes_of(x));
  });
}
template <class T, class B>
void save_npy(const std::string& path, const tensor<T, B>& x) {
  save_npy(path, to_host(x));
}

}  // namespace tensorlab::inline v0::io
