#pragma once

#include <compare>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tensorlab::inline v0 {

/// A member of a record with the name it has in paths and files.
template <class C, class M>
struct field {
  const char* name;
  M C::*member;
};

namespace detail {

template <class M>
inline constexpr char type_tag = 0;

template <class... F>
constexpr auto pair_up(std::tuple<F...> done) {
  return done;
}
template <class... F, class C, class M, class... Rest>
constexpr auto pair_up(std::tuple<F...> done, const char* name, M C::*member, Rest... rest) {
  return pair_up(std::tuple_cat(done, std::tuple<field<C, M>>(field<C, M>{name, member})), rest...);
}

struct any_value {
  template <class M>
  operator M() const {  // never called; without a body clang refuses an M without linkage
    __builtin_unreachable();
  }
};

// Counting asks for conversions that are never carried out; g++ warns of the choice among them.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#endif
template <class A, class Indices, class = void>
struct initialisable_from : std::false_type {};
template <class A, std::size_t... K>
struct initialisable_from<A, std::index_sequence<K...>, std::void_t<decltype(A{(void(K), any_value{})...})>>
    : std::true_type {};
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

template <class A, std::size_t Count>
constexpr std::size_t count_members() {
  if constexpr (initialisable_from<A, std::make_index_sequence<Count>>::value) {
    return Count;
  } else {
    return count_members<A, Count - 1>();
  }
}

}  // namespace detail

/// Which object: a record and its first member have one address but two types.
struct record_id {
  const void* address = nullptr;
  const void* type = nullptr;
  friend auto operator<=>(const record_id&, const record_id&) = default;
};
template <class M>
record_id id_of(const M& object) {
  return {&object, &detail::type_tag<M>};
}

/// The list of a record's members: `fields("weight", &linear::weight, "bias", &linear::bias)`. A module returns it from
/// `static constexpr auto fields()`, naming every member.
template <class... A>
constexpr auto fields(A... names_and_members) {
  return detail::pair_up(std::tuple<>{}, names_and_members...);
}

/// The number of members of an aggregate of at most 24.
template <class A>
constexpr std::size_t member_count() {
  return detail::count_members<A, 24>();
}

/// A record whose members can be walked over.
template <class M>
concept has_fields = requires {
  std::remove_cvref_t<M>::fields();
};

/// Calls `f(name, member)` for each member of a record, in the order of `fields()`.
///
/// A record that forgets a member in `fields()` does not compile. A record that names its members by a rule of its own
/// supplies `for_each_field(f)` instead.
template <class M, class F>
void for_each_field(M& module, F&& f) {
  using record = std::remove_const_t<M>;
  if constexpr (requires { module.for_each_field(f); }) {
    module.for_each_field(f);
  } else {
    if constexpr (std::is_aggregate_v<record>) {
      static_assert(std::tuple_size_v<decltype(record::fields())> == member_count<record>(),
                    "fields() does not name every member of this record");
    }
    std::apply([&](const auto&... one) { (f(one.name, module.*one.member), ...); }, record::fields());
  }
}

}  // namespace tensorlab::inline v0
