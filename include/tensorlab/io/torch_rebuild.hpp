#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tensorlab/io/npy.hpp>
#include <tensorlab/io/pickle.hpp>
#include <tensorlab/io/torch_value.hpp>

namespace tensorlab::inline v0::io::detail {

/// PyTorch's names of the storage classes whose elements tensors can hold.
inline constexpr std::pair<const char*, dtype> torch_storages[] = {
    {"FloatStorage", dtype::float32}, {"DoubleStorage", dtype::float64}, {"BFloat16Storage", dtype::bfloat16},
    {"HalfStorage", dtype::float16},  {"LongStorage", dtype::int64},     {"IntStorage", dtype::int32},
    {"ByteStorage", dtype::uint8},    {"BoolStorage", dtype::boolean},   {"CharStorage", dtype::int8}};

/// Where the raw elements of the storages of a file come from.
class torch_storage_source {
 public:
  virtual ~torch_storage_source() = default;
  /// The little-endian bytes of storage `key`, elements of `width` bytes.
  virtual const std::vector<std::byte>& storage(const std::string& key, std::size_t width) = 0;
};

/// Turns the graph of a pickle into values: knows tensors, parameters, sizes, ordered dicts and encoded bytes;
/// everything else that a class or a function would make becomes a record.
class torch_rebuilder {
 public:
  torch_rebuilder(torch_storage_source& source, std::string name, std::size_t nodes)
      : source_(source), name_(std::move(name)), budget_(1000000 + 64 * nodes) {}

  torch_value value(const pickle_node& n) {
    // A node inside itself ends here too.
    if (++depth_ > 400) fail("values are nested more than 400 deep");
    if (budget_-- == 0) fail("too many values");
    torch_value v = plain(n);
    --depth_;
    return v;
  }

 private:
  using kind = pickle_node::kind;

  [[noreturn]] void fail(const std::string& what) const { throw_format_error(concat("torch: ", what, ": ", name_)); }

  torch_value plain(const pickle_node& n) {
    switch (n.type) {
      case kind::none:
        return {};
      case kind::boolean:
        return n.integer != 0;
      case kind::integer:
        return n.integer;
      case kind::long_integer:
        return torch_record{"builtins", "int", {torch_bytes{n.text}}, {}};
      case kind::real:
        return n.real;
      case kind::string:
        return n.text;
      case kind::bytes:
        return torch_bytes{n.text};
      case kind::list:
        return torch_list{values(n.items)};
      case kind::tuple:
        return torch_tuple{values(n.items)};
      case kind::set:
        return torch_record{"builtins", "set", values(n.items), {}};
      case kind::dict:
        return dict(n.items, false);
      case kind::global:
        return torch_record{n.text, n.name, {}, {}};
      case kind::persistent:
        return torch_record{"pickle", "persistent_id", values(n.items), {}};
      case kind::object:
        return object(n);
    }
    fail("unknown node");
  }

  std::vector<torch_value> values(const std::vector<pickle_node*>& nodes) {
    std::vector<torch_value> out;
    out.reserve(nodes.size());
    for (const pickle_node* n : nodes) out.push_back(value(*n));
    return out;
  }
  torch_value dict(const std::vector<pickle_node*>& entries, bool ordered) {
    torch_dict d(ordered);
    for (std::size_t i = 0; i + 1 < entries.size(); i += 2) d.set(value(*entries[i]), value(*entries[i + 1]));
    return d;
  }

  static bool names(const pickle_node* n, const char* module, const char* name) {
    return n != nullptr && n->type == kind::global && n->text == module && n->name == name;
  }

  torch_value object(const pickle_node& n) {
    if (names(n.callee, "collections", "OrderedDict")) return ordered_dict(n);
    if (names(n.callee, "torch._utils", "_rebuild_tensor_v2") && n.items.size() >= 4) return tensor(n);
    if (names(n.callee, "torch._utils", "_rebuild_parameter") && !n.items.empty()) return value(*n.items[0]);
    if (names(n.callee, "torch", "Size") && n.items.size() == 1 && n.items[0]->type == kind::tuple)
      return value(*n.items[0]);
    if (names(n.callee, "_codecs", "encode") && !n.items.empty() && n.items[0]->type == kind::string)
      return torch_bytes{latin1(n.items[0]->text)};
    return record(n);
  }

  torch_value record(const pickle_node& n) {
    torch_record r;
    if (n.callee != nullptr && n.callee->type == kind::global) {
      r.module = n.callee->text;
      r.name = n.callee->name;
    } else {
      r.module = "pickle";
      r.name = "call";
    }
    r.arguments = values(n.items);
    if (!n.appended.empty()) r.state.push_back(torch_list{values(n.appended)});
    if (!n.assigned.empty()) r.state.push_back(dict(n.assigned, false));
    if (n.state != nullptr) r.state.push_back(value(*n.state));
    return r;
  }

  torch_value ordered_dict(const pickle_node& n) {
    // Python 2 passed a list of pairs; attributes such as _metadata are not part of the dict.
    std::vector<pickle_node*> entries;
    if (!n.items.empty()) {
      for (const pickle_node* pair : n.items[0]->items) {
        if (pair->items.size() != 2) fail("an OrderedDict made of something else than pairs");
        entries.insert(entries.end(), pair->items.begin(), pair->items.end());
      }
    }
    entries.insert(entries.end(), n.assigned.begin(), n.assigned.end());
    return dict(entries, true);
  }

  /// Bytes that protocol 2 wrote as text: every character is one byte.
  std::string latin1(const std::string& utf8) const {
    std::string out;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
      const auto c = static_cast<unsigned char>(utf8[i]);
      if (c < 0x80) {
        out += static_cast<char>(c);
      } else if ((c & 0xfc) == 0xc0 && i + 1 < utf8.size()) {
        out += static_cast<char>((c & 3) << 6 | (utf8[++i] & 0x3f));
      } else {
        fail("encoded bytes hold another character");
      }
    }
    return out;
  }

  std::int64_t integer(const pickle_node* n, const char* what) const {
    if (n->type != kind::integer || n->integer < 0) fail(concat(what, " of a tensor is not a number >= 0"));
    return n->integer;
  }
  dims extents(const pickle_node* n, const char* what) const {
    if (n->type != kind::tuple) fail(concat(what, " of a tensor is no tuple"));
    if (n->items.size() > dims::max_rank) fail(concat("a tensor has more than ", dims::max_rank, " dimensions"));
    dims d;
    for (const pickle_node* i : n->items) d.push_back(integer(i, what));
    return d;
  }

  /// _rebuild_tensor_v2(storage, offset, size, stride, ...) with storage ('storage', class, key, device, count).
  torch_value tensor(const pickle_node& n) {
    const pickle_node* s = n.items[0];
    if (s->type != kind::persistent || s->items[0]->type != kind::tuple || s->items[0]->items.size() < 5)
      fail("a tensor without a storage");
    const auto& id = s->items[0]->items;
    if (id[1]->type != kind::global || id[2]->type != kind::string) fail("a malformed storage");
    const dtype* type = nullptr;
    for (const auto& [known, t] : torch_storages)
      if (names(id[1], "torch", known)) type = &t;
    if (type == nullptr) return record(n);
    return strided(*type, id[2]->text, integer(id[4], "storage size"), integer(n.items[1], "storage offset"),
                   extents(n.items[2], "size"), extents(n.items[3], "stride"));
  }

  torch_value strided(dtype type, const std::string& key, std::int64_t count, std::int64_t offset, const shape& s,
                      const strides& st) {
    const std::size_t width = size_of(type);
    if (s.rank() != st.rank()) fail(concat("size ", s, " and stride ", st, " of a tensor differ in length"));
    std::int64_t last = offset, size = 1;
    bool bad = false, empty = false;
    for (int i = 0; i < s.rank(); ++i) {
      std::int64_t reach = 0;
      empty = empty || s[i] == 0;
      bad = bad || __builtin_mul_overflow(s[i] - 1, st[i], &reach) || __builtin_add_overflow(last, reach, &last) ||
            __builtin_mul_overflow(size, s[i], &size);
    }
    // An expanded tensor may be larger than its storage, within reason.
    constexpr std::int64_t largest_expansion = std::int64_t{1} << 28;
    if (!empty && (bad || last >= count || (size > count && size > largest_expansion)))
      fail(concat("a tensor reaches beyond its storage: size ", s, ", stride ", st, ", offset ", offset, ", storage ",
                  key, " of ", count));
    host_tensor out{type, s, {}};
    if (empty) return out;
    const std::vector<std::byte>& bytes = source_.storage(key, width);
    if (bytes.size() / width < static_cast<std::size_t>(count)) {
      fail(concat("storage ", key, " is truncated (", count, " elements of ", width, " bytes expected, ", bytes.size(),
                  " bytes found)"));
    }
    const std::byte* from = bytes.data() + static_cast<std::size_t>(offset) * width;
    if (is_row_major(s, st)) {
      out.bytes = copy_bytes({from, static_cast<std::size_t>(size) * width});
    } else {
      out.bytes.resize(static_cast<std::size_t>(size) * width);
      gather_row_major(s, st, width, from, reinterpret_cast<std::byte*>(out.bytes.data()));
    }
    return out;
  }

  torch_storage_source& source_;
  std::string name_;
  std::size_t budget_;
  int depth_ = 0;
};

}  // namespace tensorlab::inline v0::io::detail
