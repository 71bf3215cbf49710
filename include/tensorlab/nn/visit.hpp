#pragma once

#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <tensorlab/core/random.hpp>
#include <tensorlab/nn/field.hpp>
#include <tensorlab/nn/parameter.hpp>

namespace tensorlab::inline v0::nn {

/// Receives a module's leaves, each with its path. Override what matters; the rest does nothing.
template <class T, class B>
class visitor {
 public:
  virtual ~visitor() = default;
  /// A record is entered; `options` describes its settings.
  virtual void enter(const std::string& path, const record_id& id, const std::string& type,
                     const std::string& options) {
    (void)path, (void)id, (void)type, (void)options;
  }
  virtual void leave() {}
  virtual void on_parameter(const std::string& path, parameter<T, B>& p) { (void)path, (void)p; }
  virtual void on_buffer(const std::string& path, buffer<T, B>& b) { (void)path, (void)b; }
  virtual void on_counter(const std::string& path, buffer<std::int64_t, B>& b) { (void)path, (void)b; }
  /// Weights as 8-bit integers.
  virtual void on_quantized(const std::string& path, buffer<std::int8_t, B>& b) { (void)path, (void)b; }
  virtual void on_mode(const std::string& path, mode& m) { (void)path, (void)m; }
  virtual void on_stream(const std::string& path, random::stream& s) { (void)path, (void)s; }
};

namespace detail {

template <class M>
inline constexpr bool is_parameter = false;
template <class T, class B>
inline constexpr bool is_parameter<parameter<T, B>> = true;
template <class M>
inline constexpr bool is_buffer = false;
template <class T, class B>
inline constexpr bool is_buffer<buffer<T, B>> = true;
template <class M>
inline constexpr bool is_optional = false;
template <class M>
inline constexpr bool is_optional<std::optional<M>> = true;
template <class M>
inline constexpr bool is_sequence = false;
template <class M, class A>
inline constexpr bool is_sequence<std::vector<M, A>> = true;
template <class M, std::size_t Count>
inline constexpr bool is_sequence<std::array<M, Count>> = true;
template <class M>
inline constexpr bool is_tuple = false;
template <class... M>
inline constexpr bool is_tuple<std::tuple<M...>> = true;

/// Whether values of this type may hold leaves. A module without `fields()` declares `using module_tag = void`.
template <class M>
concept walkable = is_parameter<M> || is_buffer<M> || std::is_same_v<M, mode> || std::is_same_v<M, random::stream> ||
    has_fields<M> || is_optional<M> || is_sequence<M> || is_tuple<M> || requires {
  typename M::module_tag;
};

inline std::string join_path(const std::string& path, const std::string& name) {
  if (path.empty()) return name;
  return name.empty() ? path : path + "." + name;
}

/// A const module for a visitor that changes nothing.
template <class M>
M& for_reading(const M& module) {
  return const_cast<M&>(module);
}

/// The name of `M` without namespaces and template arguments.
template <class M>
std::string type_name() {
  if constexpr (requires { M::type_name; }) {
    return M::type_name;
  } else {
    std::string s = __PRETTY_FUNCTION__;
    s = s.substr(s.find("M = ") + 4);
    s = s.substr(0, s.find_first_of("<;]"));
    const auto colon = s.rfind(':');
    return colon == std::string::npos ? s : s.substr(colon + 1);
  }
}

template <class M>
std::string describe_options(const M& m) {
  if constexpr (requires { to_string(m.opt); }) {
    return to_string(m.opt);
  } else {
    (void)m;
    return {};
  }
}

}  // namespace detail

/// Walks over the leaves of a module: through records, optionals, vectors, arrays and tuples, with paths like
/// `encoder.0.weight`. Leaves are told by type; everything else is an option and is passed over.
///
/// Visitors may change leaves, so the module is not const.
template <class M, class T, class B>
void visit(M& module, visitor<T, B>& v, const std::string& path = {}) {
  static_assert(!std::is_const_v<M> || !detail::walkable<std::remove_const_t<M>>,
                "visit: leaves of a const module cannot be handed out");
  if constexpr (detail::is_parameter<M>) {
    static_assert(std::is_same_v<M, parameter<T, B>>,
                  "visit: a parameter of another element type or backend than the module's");
    if (module.defined()) v.on_parameter(path, module);
  } else if constexpr (std::is_same_v<M, buffer<T, B>>) {
    if (module.defined()) v.on_buffer(path, module);
  } else if constexpr (std::is_same_v<M, buffer<std::int64_t, B>>) {
    if (module.defined()) v.on_counter(path, module);
  } else if constexpr (std::is_same_v<M, buffer<std::int8_t, B>>) {
    if (module.defined()) v.on_quantized(path, module);
  } else if constexpr (std::is_same_v<M, mode>) {
    v.on_mode(path, module);
  } else if constexpr (std::is_same_v<M, random::stream>) {
    v.on_stream(path, module);
  } else if constexpr (detail::is_optional<M>) {
    if (module) visit(*module, v, path);
  } else if constexpr (detail::is_sequence<M>) {
    if constexpr (detail::walkable<typename M::value_type>) {
      std::size_t i = 0;
      for (auto& one : module) visit(one, v, detail::join_path(path, std::to_string(i++)));
    }
  } else if constexpr (detail::is_tuple<M>) {
    std::apply(
        [&](auto&... one) {
          std::size_t i = 0;
          (visit(one, v, detail::join_path(path, std::to_string(i++))), ...);
        },
        module);
  } else if constexpr (requires { module.visit_leaves(v, path); }) {
    module.visit_leaves(v, path);
  } else if constexpr (detail::walkable<M>) {
    v.enter(path, id_of(module), detail::type_name<M>(), detail::describe_options(module));
    for_each_field(module, [&](const auto& name, auto& member) { visit(member, v, detail::join_path(path, name)); });
    v.leave();
  }
}

namespace detail {

struct no_types {
  using value_type = void;
  using backend_type = void;
};

/// The element type and backend of a module: its own declaration, else those of the first leaf found in it.
template <class M>
struct types_of : no_types {};

template <class... Ms>
struct first_types : no_types {};
template <class M, class... Rest>
struct first_types<M, Rest...>
    : std::conditional_t<std::is_void_v<typename types_of<M>::value_type>, first_types<Rest...>, types_of<M>> {};

template <class Tuple>
struct field_types;
template <class... C, class... M>
struct field_types<std::tuple<field<C, M>...>> : first_types<M...> {};

template <class M>
concept declares_types = requires {
  typename M::value_type;
  typename M::backend_type;
};

template <declares_types M>
struct types_of<M> {
  using value_type = typename M::value_type;
  using backend_type = typename M::backend_type;
};
template <class M>
requires(has_fields<M> && !declares_types<M>) struct types_of<M> : field_types<decltype(M::fields())> {
};
template <class T, class B>
struct types_of<buffer<T, B>> : no_types {};
template <class M>
struct types_of<std::optional<M>> : types_of<M> {};
template <class M, class A>
struct types_of<std::vector<M, A>> : types_of<M> {};
template <class M, std::size_t Count>
struct types_of<std::array<M, Count>> : types_of<M> {};
template <class... M>
struct types_of<std::tuple<M...>> : first_types<M...> {};

}  // namespace detail

/// The element type of a module's parameters.
template <class M>
using value_type_of = typename detail::types_of<std::remove_cvref_t<M>>::value_type;
/// The backend a module's parameters live on.
template <class M>
using backend_of = typename detail::types_of<std::remove_cvref_t<M>>::backend_type;

}  // namespace tensorlab::inline v0::nn
