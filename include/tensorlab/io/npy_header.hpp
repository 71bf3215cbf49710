#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <tensorlab/core/dtype.hpp>
#include <tensorlab/core/shape.hpp>
#include <tensorlab/io/file.hpp>

namespace tensorlab::inline v0::io {

/// What the first bytes of a NumPy .npy file say about the array.
struct npy_header {
  dtype type = dtype::float32;
  v0::shape shape;
  bool big_endian = false;
  bool fortran_order = false;
  int version = 1;
  std::size_t data_offset = 0;  ///< Where the elements begin, from the start of the file.

  std::size_t data_bytes() const { return static_cast<std::size_t>(shape.size()) * size_of(type); }
};

namespace detail {

/// Reads the Python dictionary literal of a header: strings, True, False and tuples of integers, nothing else.
class npy_literal {
 public:
  npy_literal(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  void parse(npy_header& h) {
    bool descr = false, order = false, extents = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr" && !std::exchange(descr, true)) {
        set_type(h);
      } else if (key == "fortran_order" && !std::exchange(order, true)) {
        h.fortran_order = boolean();
      } else if (key == "shape" && !std::exchange(extents, true)) {
        h.shape = tuple();
      } else {
        fail(concat("unexpected key '", key, "'"));
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    space();
    if (at_ != text_.size()) fail("text after the dictionary");
    if (!descr || !order || !extents) fail("descr, fortran_order or shape is missing");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw_format_error(concat("npy: bad header: ", name_, ": ", what));
  }
  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool accept(char c) {
    space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(concat("expected '", c, "' at position ", at_));
  }
  std::string string() {
    space();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') fail(concat("expected a string at position ", at_));
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("a string does not end");
    std::string s(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return s;
  }
  bool boolean() {
    space();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    }
    fail("fortran_order is neither True nor False");
  }
  v0::shape tuple() {
    v0::shape s;
    expect('(');
    while (!accept(')')) {
      space();
      std::int64_t value = 0;
      const std::size_t start = at_;
      for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, text_[at_] - '0', &value))
          fail("an extent is too large");
      }
      if (at_ == start) fail(concat("expected an extent at position ", at_));
      if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // Python 2 wrote long integers so
      if (s.rank() == dims::max_rank) fail(concat("more than ", dims::max_rank, " dimensions"));
      s.push_back(value);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return s;
  }

  void set_type(npy_header& h) {
    space();
    if (at_ < text_.size() && text_[at_] == '[')
      throw_dtype_error(concat("npy: unsupported dtype: ", name_, ": structured arrays are not read"));
    const std::string descr = string();
    if (descr.size() > 1 && descr[1] == 'O') {
      throw_dtype_error(concat("npy: unsupported dtype: ", name_, ": '", descr,
                               "' is an object array (pickled Python values), which is not read"));
    }
    const std::string_view code = std::string_view(descr).substr(descr.empty() ? 0 : 1);
    constexpr std::pair<std::string_view, dtype> codes[] = {
        {"f4", dtype::float32}, {"f8", dtype::float64}, {"f2", dtype::float16}, {"i8", dtype::int64},
        {"i4", dtype::int32},   {"u1", dtype::uint8},   {"b1", dtype::boolean}, {"i1", dtype::int8}};
    for (const auto& [known, type] : codes) {
      const char order = descr.empty() ? '\0' : descr[0];
      const bool ordered = order == '<' || order == '>' || order == '=' || (order == '|' && size_of(type) == 1);
      if (code == known && ordered) {
        h.type = type;
        h.big_endian = order == '>' && size_of(type) > 1;
        return;
      }
    }
    throw_dtype_error(
        concat("npy: unsupported dtype: ", name_, ": '", descr, "' (read are f2, f4, f8, i1, i4, i8, u1 and b1)"));
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
};

/// The size of a .npy file's header with everything before it, from the first 12 bytes; 0 if there are too few bytes.
inline std::size_t npy_prefix_size(std::span<const std::byte> bytes, const std::string& name) {
  const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(bytes[i]); };
  constexpr char magic[] = "\x93NUMPY";
  const std::size_t seen = bytes.size() < 6 ? bytes.size() : 6;
  if (seen == 0 || std::memcmp(bytes.data(), magic, seen) != 0)
    throw_format_error(concat("npy: bad magic: ", name, " is not a NumPy .npy file"));
  if (bytes.size() < 10) return 0;
  if (byte(6) < 1 || byte(6) > 3)
    throw_format_error(concat("npy: unknown version: ", name, " has version ", byte(6), ".", byte(7), " (1 to 3)"));
  if (byte(6) == 1) return 10 + (byte(8) | byte(9) << 8);
  if (bytes.size() < 12) return 0;
  return 12 + (byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24);
}

}  // namespace detail

/// Reads the header at the start of `bytes`, which hold at least that; `name` names the file in errors.
///
/// **Throws** format_error for bad magic, an unknown version, a truncated or malformed header; dtype_error for object,
/// structured and other element types that tensors do not have.
inline npy_header parse_npy_header(std::span<const std::byte> bytes, const std::string& name) {
  npy_header h;
  h.data_offset = detail::npy_prefix_size(bytes, name);
  if (h.data_offset == 0 || h.data_offset > bytes.size()) {
    throw_format_error(concat("npy: truncated header: ", name, " (", h.data_offset == 0 ? 10 : h.data_offset,
                              " bytes expected, ", bytes.size(), " found)"));
  }
  h.version = std::to_integer<int>(bytes[6]);
  const std::size_t start = h.version == 1 ? 10 : 12;
  const char* text = reinterpret_cast<const char*>(bytes.data());
  detail::npy_literal({text + start, h.data_offset - start}, name).parse(h);
  std::int64_t count = static_cast<std::int64_t>(size_of(h.type));
  for (std::int64_t d : h.shape) {
    if (d != 0 && __builtin_mul_overflow(count, d, &count))
      throw_format_error(concat("npy: bad header: ", name, ": shape ", h.shape, " is too large"));
  }
  return h;
}

/// Reads only the header of a .npy file and checks the file's size against it.
///
/// **Throws** as parse_npy_header(), and format_error for truncated data or bytes after it.
npy_header read_npy_header(const std::string& path);

namespace detail {

inline void require_npy_size(const npy_header& h, std::size_t file_size, const std::string& name) {
  const std::size_t found = file_size - h.data_offset;
  if (found == h.data_bytes()) return;
  throw_format_error(concat(found < h.data_bytes() ? "npy: truncated data: " : "npy: too much data: ", name, ": ",
                            h.type, " ", h.shape, " (", h.data_bytes(), " bytes expected, ", found, " found)"));
}

}  // namespace detail

inline npy_header read_npy_header(const std::string& path) {
  std::size_t file_size = 0;
  std::vector<std::byte> start = read_file_start(path, 4096, &file_size);
  const std::size_t need = detail::npy_prefix_size(start, path);
  if (need > start.size()) start = read_file_start(path, need < file_size ? need : file_size);
  const npy_header h = parse_npy_header(start, path);
  detail::require_npy_size(h, file_size, path);
  return h;
}

}  // namespace tensorlab::inline v0::io
