#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <tensorlab/io/host_tensor.hpp>

namespace tensorlab::inline v0::io {

class torch_value;

/// Python's `bytes`.
struct torch_bytes {
  std::string data;
  friend bool operator==(const torch_bytes&, const torch_bytes&) = default;
};

/// Python's `list`.
struct torch_list {
  std::vector<torch_value> items;
  friend bool operator==(const torch_list&, const torch_list&);
};

/// Python's `tuple`, and `torch.Size`.
struct torch_tuple {
  std::vector<torch_value> items;
  friend bool operator==(const torch_tuple&, const torch_tuple&);
};

/// Python's `dict` in the order of insertion, or a `collections.OrderedDict`.
class torch_dict {
 public:
  explicit torch_dict(bool ordered = false);

  bool ordered() const { return ordered_; }
  std::size_t size() const;
  const torch_value& key(std::size_t i) const;
  const torch_value& value(std::size_t i) const;
  /// Adds an entry, or replaces the value of an equal key.
  torch_dict& set(torch_value key, torch_value value);
  /// The value of a string key; null if there is none.
  const torch_value* find(const std::string& key) const;

  friend bool operator==(const torch_dict&, const torch_dict&);

 private:
  // Keys and values alternate: a pair of an incomplete type cannot be a member.
  std::vector<torch_value> entries_;
  std::unordered_map<std::string, std::size_t> names_;  // where the value of a string key is
  bool ordered_ = false;
};

/// An object of a class that the library does not know: what it would be made of. Nothing of it was executed.
struct torch_record {
  std::string module;
  std::string name;
  std::vector<torch_value> arguments;
  std::vector<torch_value> state;  // one value, or none
  friend bool operator==(const torch_record&, const torch_record&);
};

/// A value of a PyTorch file: None, bool, int, float, str, bytes, list, tuple, dict, tensor, or an opaque record.
class torch_value {
 public:
  using variant = std::variant<std::monostate, bool, std::int64_t, double, std::string, torch_bytes, torch_list,
                               torch_tuple, torch_dict, host_tensor, torch_record>;

  torch_value() = default;
  torch_value(std::nullptr_t) {}
  torch_value(std::same_as<bool> auto v) : value_(v) {}
  torch_value(std::integral auto v) requires(!std::same_as<decltype(v), bool>) : value_(static_cast<std::int64_t>(v)) {}
  torch_value(std::floating_point auto v) : value_(static_cast<double>(v)) {}
  torch_value(const char* v) : value_(std::string(v)) {}
  torch_value(std::string v) : value_(std::move(v)) {}
  torch_value(torch_bytes v) : value_(std::move(v)) {}
  torch_value(torch_list v) : value_(std::move(v)) {}
  torch_value(torch_tuple v) : value_(std::move(v)) {}
  torch_value(torch_dict v) : value_(std::move(v)) {}
  torch_value(host_tensor v) : value_(std::move(v)) {}
  torch_value(torch_record v) : value_(std::move(v)) {}
  template <class T, class B>
  torch_value(const tensor<T, B>& v) : value_(to_host(v)) {}

  const variant& get() const { return value_; }
  bool is_none() const { return value_.index() == 0; }
  template <class V>
  bool is() const {
    return std::holds_alternative<V>(value_);
  }
  /// The value as a `V`, one of the variant's types; an int passes as double too. `where` names it in errors.
  ///
  /// **Throws** format_error if it is another.
  template <class V>
  V as(const std::string& where) const {
    if constexpr (std::same_as<V, double>) {
      if (const auto* i = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*i);
    }
    return ref<V>(where);
  }
  template <class V>
  const V& ref(const std::string& where) const {
    const V* v = std::get_if<V>(&value_);
    if (v == nullptr)
      throw_format_error(
          concat("torch: wrong type: ", where, " is ", type_name(), ", expected ", torch_value(V()).type_name()));
    return *v;
  }
  /// `self[key]` of a dict. **Throws** format_error if this is none or the key is absent.
  const torch_value& at(const std::string& key, const std::string& where) const {
    const torch_value* v = ref<torch_dict>(where).find(key);
    if (v == nullptr) throw_format_error(concat("torch: ", where, " has no key '", key, "'"));
    return *v;
  }

  /// What Python calls the type.
  std::string type_name() const {
    constexpr const char* names[] = {"None", "bool", "int", "float", "str", "bytes", "list", "tuple", "dict", "tensor"};
    if (const auto* r = std::get_if<torch_record>(&value_)) return concat("an object of ", r->module, ".", r->name);
    return names[value_.index()];
  }

  friend bool operator==(const torch_value&, const torch_value&) = default;

 private:
  variant value_;
};

inline bool operator==(const torch_list& a, const torch_list& b) { return a.items == b.items; }
inline bool operator==(const torch_tuple& a, const torch_tuple& b) { return a.items == b.items; }
inline bool operator==(const torch_dict& a, const torch_dict& b) {
  return a.ordered_ == b.ordered_ && a.entries_ == b.entries_;
}
inline bool operator==(const torch_record& a, const torch_record& b) {
  return a.module == b.module && a.name == b.name && a.arguments == b.arguments && a.state == b.state;
}

inline torch_dict::torch_dict(bool ordered) : ordered_(ordered) {}
inline std::size_t torch_dict::size() const { return entries_.size() / 2; }
inline const torch_value& torch_dict::key(std::size_t i) const { return entries_[2 * i]; }
inline const torch_value& torch_dict::value(std::size_t i) const { return entries_[2 * i + 1]; }
inline torch_dict& torch_dict::set(torch_value key, torch_value value) {
  if (const auto* name = std::get_if<std::string>(&key.get())) {
    const auto [at, fresh] = names_.emplace(*name, entries_.size() + 1);
    if (!fresh) {
      entries_[at->second] = std::move(value);
      return *this;
    }
  } else {
    for (std::size_t i = 0; i < entries_.size(); i += 2) {
      if (entries_[i] == key) {
        entries_[i + 1] = std::move(value);
        return *this;
      }
    }
  }
  entries_.push_back(std::move(key));
  entries_.push_back(std::move(value));
  return *this;
}
inline const torch_value* torch_dict::find(const std::string& key) const {
  const auto at = names_.find(key);
  return at == names_.end() ? nullptr : &entries_[at->second];
}

/// A state dict as PyTorch writes it: an OrderedDict of tensors.
inline torch_value torch_state_dict(named_tensors tensors) {
  torch_dict d(true);
  for (auto& [name, value] : tensors) d.set(std::move(name), std::move(value));
  return d;
}

/// The tensors of a dict whose keys are names, in its order; `where` names it in errors.
///
/// **Throws** format_error for a key that is no string or a value that is no tensor.
inline named_tensors named_tensors_of(const torch_value& dict, const std::string& where) {
  const torch_dict& d = dict.ref<torch_dict>(where);
  named_tensors out;
  for (std::size_t i = 0; i < d.size(); ++i) {
    const std::string& name = d.key(i).ref<std::string>(concat("a key of ", where));
    out.emplace_back(name, d.value(i).ref<host_tensor>(concat(where, "['", name, "']")));
  }
  return out;
}

}  // namespace tensorlab::inline v0::io
