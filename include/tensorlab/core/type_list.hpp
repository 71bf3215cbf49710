#pragma once

#include <type_traits>

namespace tensorlab::inline v0 {

/// A list of types: the op lists drive kernel instantiation, tests, documentation and benchmarks.
template <class... Ts>
struct type_list {
  static constexpr int size = sizeof...(Ts);
};

namespace detail {

template <class... Lists>
struct joined;
template <class... A>
struct joined<type_list<A...>> {
  using type = type_list<A...>;
};
template <class... A, class... B, class... Rest>
struct joined<type_list<A...>, type_list<B...>, Rest...> : joined<type_list<A..., B...>, Rest...> {};

}  // namespace detail

/// The lists one after the other.
template <class... Lists>
using join = typename detail::joined<Lists...>::type;

namespace detail {

template <class T, class List>
inline constexpr bool listed = false;
template <class T, class... Ts>
inline constexpr bool listed<T, type_list<Ts...>> = (std::is_same_v<T, Ts> || ...);

}  // namespace detail

/// Whether `T` is a type of the list.
template <class T, class List>
concept is_listed = detail::listed<T, List>;

/// Calls `f.operator()<T>()` for each type of the list.
template <class F, class... Ts>
constexpr void for_each_type(type_list<Ts...>, F&& f) {
  (f.template operator()<Ts>(), ...);
}

}  // namespace tensorlab::inline v0
