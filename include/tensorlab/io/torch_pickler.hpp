#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <tensorlab/io/torch_rebuild.hpp>

namespace tensorlab::inline v0::io::detail {

/// Writes a value as a pickle of protocol 2; the elements of tensors stay outside and are listed in `tensors`.
class torch_pickler {
 public:
  /// The pickle of `v`, which lives as long as this object. **Throws** value_error for records.
  std::string write(const torch_value& v) {
    out_ = "\x80\x02";
    value(v);
    out_ += '.';
    return std::move(out_);
  }

  /// The i-th tensor's elements are storage "i".
  const std::vector<const host_tensor*>& tensors() const { return tensors_; }

 private:
  void value(const torch_value& v) {
    std::visit([this](const auto& x) { put(x); }, v.get());
  }

  void bytes(std::uint64_t v, int width) {
    for (int i = 0; i < width; ++i) out_ += static_cast<char>(v >> (8 * i) & 255);
  }
  void global(std::string_view name) {
    out_ += 'c';
    out_ += name;
    out_ += '\n';
  }
  void text(const std::string& s) {
    if (s.size() > 0xffffffffu) throw_value_error("torch: a string of more than 4 GB cannot be written");
    out_ += 'X';
    bytes(s.size(), 4);
    out_ += s;
  }
  void items(const std::vector<torch_value>& list) {
    for (const torch_value& v : list) value(v);
  }

  void put(std::monostate) { out_ += 'N'; }
  void put(bool v) { out_ += v ? '\x88' : '\x89'; }
  void put(std::int64_t v) {
    if (v >= 0 && v < 256) {
      out_ += 'K';
      bytes(static_cast<std::uint64_t>(v), 1);
    } else if (v == static_cast<std::int32_t>(v)) {
      out_ += 'J';
      bytes(static_cast<std::uint64_t>(v), 4);
    } else {
      out_ += "\x8a\x08";
      bytes(static_cast<std::uint64_t>(v), 8);
    }
  }
  void put(double v) {
    std::uint64_t bits;
    std::memcpy(&bits, &v, 8);
    out_ += 'G';
    for (int i = 56; i >= 0; i -= 8) out_ += static_cast<char>(bits >> i & 255);
  }
  void put(const std::string& v) { text(v); }
  void put(const torch_bytes& v) {
    // Protocol 2 has no bytes: they go as text, one character a byte.
    std::string utf8;
    for (const char c : v.data) {
      const auto u = static_cast<unsigned char>(c);
      if (u < 0x80) {
        utf8 += c;
      } else {
        utf8 += static_cast<char>(0xc0 | u >> 6);
        utf8 += static_cast<char>(0x80 | (u & 0x3f));
      }
    }
    global("_codecs\nencode");
    text(utf8);
    text("latin1");
    out_ += "\x86R";
  }
  void put(const torch_list& v) {
    out_ += ']';
    if (v.items.empty()) return;
    out_ += '(';
    items(v.items);
    out_ += 'e';
  }
  void put(const torch_tuple& v) {
    tuple(v.items.size(), [&] { items(v.items); });
  }
  void put(const torch_dict& v) {
    if (v.ordered()) {
      global("collections\nOrderedDict");
      out_ += ")R";
    } else {
      out_ += '}';
    }
    if (v.size() == 0) return;
    out_ += '(';
    for (std::size_t i = 0; i < v.size(); ++i) {
      value(v.key(i));
      value(v.value(i));
    }
    out_ += 'u';
  }
  void put(const torch_record& v) {
    throw_value_error(concat("torch: an object of ", v.module, ".", v.name, " cannot be written"));
  }

  template <class F>
  void tuple(std::size_t count, F fill) {
    if (count > 3) out_ += '(';
    fill();
    out_ += count == 0 ? ')' : count == 1 ? '\x85' : count == 2 ? '\x86' : count == 3 ? '\x87' : 't';
  }
  void tuple(const dims& d) {
    tuple(static_cast<std::size_t>(d.rank()), [&] {
      for (std::int64_t v : d) put(v);
    });
  }

  void put(const host_tensor& t) {
    require_bytes(t, "torch");
    const char* storage = nullptr;
    for (const auto& [name, type] : torch_storages)
      if (type == t.type) storage = name;
    global("torch._utils\n_rebuild_tensor_v2");
    out_ += "((";
    text("storage");
    global(concat("torch\n", storage));
    text(std::to_string(tensors_.size()));
    text("cpu");
    put(t.extents.size());
    out_ += "tQ";
    put(std::int64_t{0});
    tuple(t.extents);
    tuple(row_major(t.extents));
    put(false);  // requires_grad
    global("collections\nOrderedDict");
    out_ += ")R";  // backward hooks: none
    out_ += "tR";
    tensors_.push_back(&t);
  }

  std::string out_;
  std::vector<const host_tensor*> tensors_;
};

}  // namespace tensorlab::inline v0::io::detail
