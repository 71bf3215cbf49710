#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tensorlab/io/host_tensor.hpp>
#include <tensorlab/io/json.hpp>

namespace tensorlab::inline v0::io {

/// The contents of a safetensors file: tensors and texts, both in order.
struct safetensors_file {
  named_tensors tensors;
  std::vector<std::pair<std::string, std::string>> metadata;
  friend bool operator==(const safetensors_file&, const safetensors_file&) = default;
};

namespace detail {

inline constexpr std::pair<const char*, dtype> safetensors_types[] = {
    {"F32", dtype::float32}, {"F64", dtype::float64},  {"BF16", dtype::bfloat16},
    {"F16", dtype::float16}, {"I64", dtype::int64},    {"I32", dtype::int32},
    {"U8", dtype::uint8},    {"BOOL", dtype::boolean}, {"I8", dtype::int8}};

/// One tensor as the header describes it.
struct safetensors_entry {
  std::string name;
  dtype type = dtype::float32;
  v0::shape shape;
  std::uint64_t begin = 0, end = 0;
};

[[noreturn]] inline void throw_safetensors(const std::string& name, const std::string& what) {
  throw_format_error(concat("safetensors: ", name, ": ", what));
}

inline safetensors_entry safetensors_entry_of(const std::string& tensor, const json& j, const std::string& name) {
  const std::string where = concat("tensor '", tensor, "'");
  if (!j.is_object() || j.size() != 3 || !j.contains("dtype") || !j.contains("shape") || !j.contains("data_offsets") ||
      !j["dtype"].is_string() || !j["shape"].is_array() || !j["data_offsets"].is_array() ||
      j["data_offsets"].size() != 2) {
    throw_safetensors(name, where + " is not described by dtype, shape and two data_offsets");
  }
  safetensors_entry e{tensor, {}, {}, 0, 0};
  const auto& type = j["dtype"].get_ref<const std::string&>();
  const auto* known = std::find_if(std::begin(safetensors_types), std::end(safetensors_types),
                                   [&](const auto& t) { return type == t.first; });
  if (known == std::end(safetensors_types))
    throw_dtype_error(concat("safetensors: unsupported dtype: ", name, ": ", where, " holds ", type));
  e.type = known->second;
  if (j["shape"].size() > dims::max_rank)
    throw_safetensors(name, concat(where, " has more than ", dims::max_rank, " dimensions"));
  std::uint64_t bytes = size_of(e.type);
  for (const json& d : j["shape"]) {
    // All extents count for the limit, so that an extent of 0 does not hide one that is too large.
    if (!d.is_number_unsigned() || d.get<std::uint64_t>() > std::uint64_t{1} << 62)
      throw_safetensors(name, where + " has an extent that is not a number >= 0");
    e.shape.push_back(d.get<std::int64_t>());
    if (__builtin_mul_overflow(bytes, d.get<std::uint64_t>(), &bytes)) throw_safetensors(name, where + " is too large");
  }
  for (const json& o : j["data_offsets"])
    if (!o.is_number_unsigned()) throw_safetensors(name, where + " has an offset that is not a number >= 0");
  e.begin = j["data_offsets"][0].get<std::uint64_t>();
  e.end = j["data_offsets"][1].get<std::uint64_t>();
  if (e.begin > e.end || e.end - e.begin != bytes) {
    throw_safetensors(name, concat(where, ": ", e.type, " ", e.shape, " needs ", bytes, " bytes, but its offsets are ",
                                   e.begin, " to ", e.end));
  }
  return e;
}

/// Every byte of the data belongs to exactly one tensor.
inline void check_safetensors_layout(const std::vector<safetensors_entry>& entries, std::uint64_t data_bytes,
                                     const std::string& name) {
  std::vector<const safetensors_entry*> order;
  for (const safetensors_entry& e : entries) order.push_back(&e);
  std::sort(order.begin(), order.end(),
            [](const auto* a, const auto* b) { return a->begin != b->begin ? a->begin < b->begin : a->end < b->end; });
  std::uint64_t at = 0;
  for (const safetensors_entry* e : order) {
    if (e->begin < at)
      throw_safetensors(name, concat("tensor '", e->name, "' overlaps another: it begins at byte ", e->begin, " (", at,
                                     " bytes are taken)"));
    if (e->begin > at)
      throw_safetensors(name, concat("a gap before tensor '", e->name, "': bytes ", at, " to ", e->begin));
    at = e->end;
  }
  if (at > data_bytes)
    throw_safetensors(name, concat("truncated (", at, " bytes of data expected, ", data_bytes, " found)"));
  if (at < data_bytes)
    throw_safetensors(name, concat("too much data (", at, " bytes expected, ", data_bytes, " found)"));
}

}  // namespace detail

/// Reads the bytes of a safetensors file; `name` names it in errors. **Throws** as load_safetensors().
inline safetensors_file parse_safetensors(std::span<const std::byte> file, const std::string& name) {
  if (file.size() < 8)
    detail::throw_safetensors(name, concat("truncated header (8 bytes expected, ", file.size(), " found)"));
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  if (length > file.size() - 8)
    detail::throw_safetensors(name,
                              concat("truncated header (", length, " bytes expected, ", file.size() - 8, " found)"));
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + 8, static_cast<std::size_t>(length));
  if (text.empty() || text[0] != '{') detail::throw_safetensors(name, "the header does not begin with '{'");
  const json header = parse_json(text, name);

  safetensors_file out;
  std::vector<detail::safetensors_entry> entries;
  for (const auto& [key, value] : header.items()) {
    if (key != "__metadata__") {
      entries.push_back(detail::safetensors_entry_of(key, value, name));
      continue;
    }
    if (!value.is_object()) detail::throw_safetensors(name, "__metadata__ is no object");
    for (const auto& [k, v] : value.items()) {
      if (!v.is_string()) detail::throw_safetensors(name, concat("__metadata__: '", k, "' is no string"));
      out.metadata.emplace_back(k, v.get<std::string>());
    }
  }
  const std::span<const std::byte> data = file.subspan(8 + static_cast<std::size_t>(length));
  detail::check_safetensors_layout(entries, data.size(), name);
  for (const auto& e : entries) {
    const auto bytes = data.subspan(static_cast<std::size_t>(e.begin), static_cast<std::size_t>(e.end - e.begin));
    out.tensors.emplace_back(e.name, host_tensor{e.type, e.shape, detail::copy_bytes(bytes)});
  }
  return out;
}

/// Reads a safetensors file; tensors come in the order of its header.
///
/// **Throws** format_error for a truncated or malformed header, offsets that overlap, leave gaps, go beyond the file or
/// do not fit the shape, equal names; dtype_error for element types that tensors do not have; file_error.
inline safetensors_file load_safetensors(const std::string& path) { return parse_safetensors(read_file(path), path); }

/// Writes a safetensors file, atomically: tensors in order, elements at multiples of 8 bytes where their sizes allow
/// it.
///
/// **Throws** value_error for equal names or the name `__metadata__`, format_error for names that are not UTF-8,
/// file_error.
inline void save_safetensors(const std::string& path, const safetensors_file& contents) {
  json header = json::object();
  if (!contents.metadata.empty()) {
    json& texts = header["__metadata__"] = json::object();
    for (const auto& [key, text] : contents.metadata)
      if (!texts.emplace(key, text).second) throw_value_error(concat("save: two texts of ", path, " are called ", key));
  }
  std::uint64_t at = 0;
  for (const auto& [name, t] : contents.tensors) {
    detail::require_bytes(t, name);
    if (name == "__metadata__" || header.contains(name))
      throw_value_error(concat("save: two tensors of ", path, " are called ", name));
    const auto* type = std::find_if(std::begin(detail::safetensors_types), std::end(detail::safetensors_types),
                                    [&, held = t.type](const auto& known) { return known.second == held; });
    json shape = json::array();
    for (std::int64_t d : t.extents) shape.push_back(d);
    header[name] = {{"dtype", type->first}, {"shape", shape}, {"data_offsets", {at, at + t.bytes.size()}}};
    at += t.bytes.size();
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const json::type_error&) {
    throw_format_error(concat("save: ", path, ": a name is not UTF-8"));
  }
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  atomic_write(path, [&](atomic_file& file) {
    file.write(&length, sizeof length);
    file.write(text);
    for (const auto& entry : contents.tensors) file.write(detail::bytes_of(entry.second));
  });
}

}  // namespace tensorlab::inline v0::io
