#pragma once

#include <utility>

#include <tensorlab/backend/cpu/philox.hpp>
#include <tensorlab/backend/cpu/plan.hpp>
#include <tensorlab/backend/cpu/simd.hpp>
#include <tensorlab/backend/update_batch.hpp>

namespace tensorlab::inline v0::detail {

template <class T>
concept simd_element = std::same_as<T, float> || std::same_as<T, double>;

/// A rule may say `static constexpr bool scalar_only = true` where its functions cannot compute with packs: where they
/// branch on a value, for example.
template <class R>
concept scalar_only_rule = requires {
  requires R::scalar_only;
};

/// A rule whose inputs and output are of one floating-point type and that computes a pack from packs.
template <class R, class U, class... Ts>
concept simd_rule = simd_element<U> &&(std::same_as<U, Ts>&&...) && sizeof...(Ts) > 0 && !scalar_only_rule<R> &&
                    requires(const R& rule, const pack<Ts>&... x) {
  { rule.f(x...) } -> std::same_as<pack<U>>;
};

/// y = rule.f(x...) on a row, in packs. The end of the row and strided operands go through the same computation, so a
/// value depends on nothing but its inputs.
template <class R, class T, std::size_t... K>
void map_packs(const R& rule, char* const* data, const std::int64_t* steps, std::int64_t n, std::index_sequence<K...>) {
  constexpr int width = pack<T>::size;
  std::int64_t i = 0;
  if (steps[0] == sizeof(T) && ((steps[K + 1] == sizeof(T)) && ...)) {
    for (; i + width <= n; i += width)
      rule.f(pack<T>::load(reinterpret_cast<const T*>(data[K + 1]) + i)...).store(reinterpret_cast<T*>(data[0]) + i);
  }
  for (; i < n; i += width) {
    const int count = static_cast<int>((std::min)(n - i, std::int64_t{width}));
    store_some<T>(rule.f(load_some<T>(data[K + 1] + i * steps[K + 1], steps[K + 1], count)...), data[0] + i * steps[0],
                  steps[0], count);
  }
}

template <class R, class U, class... Ts, std::size_t... K>
void map_scalars(const R& rule, char* const* data, const std::int64_t* steps, std::int64_t n,
                 std::index_sequence<K...>) {
  if (steps[0] == sizeof(U) && ((steps[K + 1] == sizeof(Ts)) && ...)) {
    U* const y = reinterpret_cast<U*>(data[0]);
    for (std::int64_t i = 0; i < n; ++i) y[i] = rule.f(reinterpret_cast<const Ts*>(data[K + 1])[i]...);
  } else {
    for (std::int64_t i = 0; i < n; ++i)
      *reinterpret_cast<U*>(data[0] + i * steps[0]) =
          rule.f(*reinterpret_cast<const Ts*>(data[K + 1] + i * steps[K + 1])...);
  }
}

template <class R, class U, class... Ts>
void map_row(const void* rule, char* const* data, const std::int64_t* steps, std::int64_t, std::int64_t n) {
  constexpr auto inputs = std::index_sequence_for<Ts...>{};
  if constexpr (simd_rule<R, U, Ts...>)
    map_packs<R, U>(*static_cast<const R*>(rule), data, steps, n, inputs);
  else
    map_scalars<R, U, Ts...>(*static_cast<const R*>(rule), data, steps, n, inputs);
}

/// A masked rule as one whose first input is the mask.
template <class R>
struct with_mask {
  R rule;
  template <class V, class... Vs>
  V f(const V& mask, const Vs&... x) const {
    return rule.of(mask, x...);
  }
};

/// A masked rule on a row: the mask's numbers are made a piece at a time, beside the elements that they belong to.
template <class R, class U, class... Ts, std::size_t... K>
void generate_masked(const R& rule, char* const* data, const std::int64_t* steps, std::int64_t first, std::int64_t n,
                     std::index_sequence<K...>) {
  constexpr std::int64_t piece = 256;
  alignas(64) U mask[piece];
  const with_mask<R> masked{rule};
  const auto numbers = rule.mask();
  const std::int64_t mask_steps[] = {steps[0], sizeof(U), steps[K + 1]...};
  for (std::int64_t done = 0; done < n; done += piece) {
    const std::int64_t count = (std::min)(n - done, piece);
    generate_uniform(numbers, mask, static_cast<std::uint64_t>(first + done), count);
    char* const at[] = {data[0] + done * steps[0], reinterpret_cast<char*>(mask), data[K + 1] + done * steps[K + 1]...};
    map_row<with_mask<R>, U, U, Ts...>(&masked, at, mask_steps, 0, count);
  }
}

template <class R, class U, class... Ts>
void generate_row(const void* erased, char* const* data, const std::int64_t* steps, std::int64_t first,
                  std::int64_t n) {
  const R& rule = *static_cast<const R*>(erased);
  constexpr auto inputs = std::index_sequence_for<Ts...>{};
  if constexpr (masked_rule<R, U>) {
    generate_masked<R, U, Ts...>(rule, data, steps, first, n, inputs);
  } else {
    if constexpr (rule_of_uniform<R, U>)
      if (steps[0] == sizeof(U))
        return generate_uniform(rule, reinterpret_cast<U*>(data[0]), static_cast<std::uint64_t>(first), n);
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      for (std::int64_t i = 0; i < n; ++i)
        *reinterpret_cast<U*>(data[0] + i * steps[0]) = rule.f(
            static_cast<std::uint64_t>(first + i), *reinterpret_cast<const Ts*>(data[K + 1] + i * steps[K + 1])...);
    }
    (inputs);
  }
}

/// A rule that changes packs of parameters and states in place.
template <class R, class T, std::size_t... K>
concept simd_update = simd_element<T> && !scalar_only_rule<R> &&
                      requires(const R& rule, pack<T>& p, const pack<T>& g, pack<T> (&state)[sizeof...(K) + 1]) {
  rule.f(p, g, state[K]...);
};

/// Elements [begin, end) of an item.
template <class R, class T, std::size_t... K>
void update_range(const update_item<R, T>& u, std::int64_t begin, std::int64_t end, std::index_sequence<K...>) {
  if constexpr (simd_update<R, T, K...>) {
    constexpr int width = pack<T>::size;
    const R rule = u.rule;
    for (std::int64_t i = begin; i < end; i += width) {
      const int count = static_cast<int>((std::min)(end - i, std::int64_t{width}));
      const auto load = [=](const T* from) {
        return count == width ? pack<T>::load(from + i) : load_head(from + i, count);
      };
      const auto store = [=](const pack<T>& v, T* to) {
        count == width ? v.store(to + i) : store_head(v, to + i, count);
      };
      auto p = load(u.p);
      const auto g = load(u.g);
      pack<T> state[sizeof...(K) + 1] = {load(u.state[K])..., p};
      rule.f(p, g, state[K]...);
      store(p, u.p);
      (store(state[K], u.state[K]), ...);
    }
  } else {
    for (std::int64_t i = begin; i < end; ++i) u.rule.f(u.p[i], u.g[i], u.state[K][i]...);
  }
}

/// All items, by several threads where they are worth it together.
template <class R, class T>
void run_updates(const update_batch<R, T>& batch) {
  parallel_for(batch.elements(), 4, 64, [&](std::int64_t begin, std::int64_t end) {
    std::int64_t first = 0;
    for (const update_item<R, T>& item : batch) {
      update_range(item, (std::max)(begin - first, std::int64_t{0}), (std::min)(end - first, item.count),
                   std::make_index_sequence<static_cast<std::size_t>(R::states)>{});
      first += item.count;
    }
  });
}

/// Elementwise primitives: one small row function per rule and types under a driver that knows neither.
struct cpu_elementwise {
  template <class R, class U, class... Ts>
  static void map(const R& rule, view<U> y, view<Ts>... x) {
    static_assert(sizeof...(Ts) < loop_plan::max_operands);
    const loop_operand operands[] = {operand(y), operand(x)...};
    perform_plan(loop_plan(y.shape, operands, 1 + sizeof...(Ts)), rule, &map_row<R, U, std::remove_const_t<Ts>...>);
  }

  template <class R, class U, class... Ts>
  static void generate(const R& rule, view<U> y, view<Ts>... x) {
    static_assert(sizeof...(Ts) < loop_plan::max_operands);
    const loop_operand operands[] = {operand(y), operand(x)...};
    perform_plan(loop_plan(y.shape, operands, 1 + sizeof...(Ts), true), rule,
                 &generate_row<R, U, std::remove_const_t<Ts>...>, 8);
  }

  template <class R, class T>
  static void update(const update_batch<R, T>& batch) {
    if (capture* const r = capture::current()) [[unlikely]]
      return r->perform([batch] { run_updates(batch); });
    run_updates(batch);
  }
};

}  // namespace tensorlab::inline v0::detail
