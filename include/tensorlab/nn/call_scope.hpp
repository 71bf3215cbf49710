#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tensorlab/core/error.hpp>
#include <tensorlab/nn/visit.hpp>

namespace tensorlab::inline v0::nn {

namespace detail {

using record_paths = std::vector<std::pair<record_id, std::string>>;

/// Lists the paths of all records in a module.
template <class M>
void list_paths(const void* module, record_paths& to) {
  using T = typename types_of<M>::value_type;
  using B = typename types_of<M>::backend_type;
  struct lister final : visitor<T, B> {
    explicit lister(record_paths& l) : list(l) {}
    void enter(const std::string& path, const record_id& id, const std::string&, const std::string&) override {
      list.emplace_back(id, path);
    }
    record_paths& list;
  } v(to);
  visit(*const_cast<M*>(static_cast<const M*>(module)), v);
}

}  // namespace detail

/// Says, while alive, that this thread computes a module's output: an error thrown meanwhile begins with the module's
/// path in the outermost module that is being called, `encoder.0.gru: ...`, whatever its type.
///
/// The first line of a module's operator(): `const call_scope scope(*this);`. A module without it is passed over in the
/// path, and parts of a record without it have paths that begin at themselves. It costs two pointer writes; the path is
/// looked up among `fields()` when an error is thrown.
class call_scope : private v0::detail::error_place {
 public:
  /// `index` is the module's number in a container, for modules that have no `fields()`.
  template <class M>
  explicit call_scope(const M& module, int index = -1)
      : error_place{&describe}, id_(id_of(module)), index_(index), outer_(current()) {
    if constexpr (!std::is_void_v<typename detail::types_of<M>::value_type>) list_ = &detail::list_paths<M>;
    set_current(this);
  }
  call_scope(const call_scope&) = delete;
  call_scope& operator=(const call_scope&) = delete;
  ~call_scope() { set_current(outer_); }

 private:
  static const call_scope* current() { return static_cast<const call_scope*>(v0::detail::current_error_place()); }
  static void set_current(const call_scope* s) { v0::detail::current_error_place() = s; }

  static std::string describe(const error_place& place) { return static_cast<const call_scope&>(place).path(); }

  std::string path() const {
    std::vector<const call_scope*> calls;
    for (const call_scope* c = this; c != nullptr; c = c->outer_) calls.push_back(c);
    const call_scope& outermost = *calls.back();
    calls.pop_back();
    detail::record_paths known;
    if (outermost.list_ != nullptr) outermost.list_(outermost.id_.address, known);
    std::string path;
    for (auto c = calls.rbegin(); c != calls.rend(); ++c) path = (*c)->below(path, known);
    return path;
  }
  std::string below(const std::string& parent, const detail::record_paths& known) const {
    for (const auto& [id, path] : known)
      if (id == id_) return path;
    return index_ < 0 ? parent : detail::join_path(parent, std::to_string(index_));
  }

  record_id id_;
  int index_;
  const call_scope* outer_;
  void (*list_)(const void*, detail::record_paths&) = nullptr;
};

}  // namespace tensorlab::inline v0::nn
