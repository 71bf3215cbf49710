#pragma once

#include <tensorlab/backend/cpu/elementwise.hpp>
#include <tensorlab/backend/cpu/reduce_plan.hpp>

namespace tensorlab::inline v0::detail {

/// Sums of floats run in blocks of float packs whose results are added up in double.
template <class T>
using accumulator_of = std::conditional_t<std::same_as<T, float>, double, T>;

template <class R, class T, class... Ts>
concept simd_reduction = simd_element<T> &&(std::same_as<T, Ts>&&...) && !scalar_only_rule<R> &&
                         requires(const R& rule, const pack<T>& a, const pack<Ts>&... x) {
  { rule.load(x...) } -> std::same_as<pack<T>>;
  { rule.combine(a, a) } -> std::same_as<pack<T>>;
};

/// The row functions of a reduction of k inputs: `load(x...)` makes the value that is accumulated, `finish(sum)`, where
/// the rule has one, turns the accumulator into the result.
template <class R, class T, class... Ts>
struct reduce_rows {
  using accumulator = accumulator_of<T>;
  static constexpr bool simd = simd_reduction<R, T, Ts...>;
  static constexpr int width = [] {
    if constexpr (simd_element<T>) return pack<T>::size;
    return 1;
  }();
  static constexpr int chains = 4;       // independent packs in flight
  static constexpr int block_rows = 64;  // terms summed in T before they go to the accumulator
  static constexpr int rows_at_once = 4;

  static accumulator* typed(char* p) { return reinterpret_cast<accumulator*>(p); }
  static const R& typed_rule(const void* p) { return *static_cast<const R*>(p); }

  static void init(const void*, char* to, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) typed(to)[i] = R::template init<accumulator>();
  }

  static void combine(const void* rule, char* to, const char* from, std::int64_t n) {
    const auto* const b = reinterpret_cast<const accumulator*>(from);
    for (std::int64_t i = 0; i < n; ++i) typed(to)[i] = typed_rule(rule).combine(typed(to)[i], b[i]);
  }

  static void store(const void* rule, char* y, std::int64_t step, const char* from, std::int64_t n) {
    const auto* const a = reinterpret_cast<const accumulator*>(from);
    for (std::int64_t i = 0; i < n; ++i) {
      T& to = *reinterpret_cast<T*>(y + i * step);
      if constexpr (requires { typed_rule(rule).finish(a[i]); })
        to = static_cast<T>(typed_rule(rule).finish(a[i]));
      else
        to = static_cast<T>(a[i]);
    }
  }

  static void lines(const void* rule, char* const* data, const std::int64_t* steps, std::int64_t count,
                    const std::int64_t* along, std::int64_t n) {
    for (std::int64_t l = 0; l < count; ++l) {
      char* from[sizeof...(Ts)];
      for (std::size_t k = 0; k < sizeof...(Ts); ++k) from[k] = data[k + 1] + l * steps[k + 1];
      accumulator sum = R::template init<accumulator>();
      along_row(typed_rule(rule), sum, from, along, n, std::index_sequence_for<Ts...>{});
      store(rule, data[0] + l * steps[0], 0, reinterpret_cast<const char*>(&sum), 1);
    }
  }
  static void along(const void* rule, char* to, char* const* data, const std::int64_t* steps, std::int64_t n) {
    along_row(typed_rule(rule), *typed(to), data, steps, n, std::index_sequence_for<Ts...>{});
  }
  static void across(const void* rule, char* to, char* const* data, const std::int64_t* steps, std::int64_t n,
                     const std::int64_t* row_steps, std::int64_t rows) {
    across_rows(typed_rule(rule), typed(to), data, steps, n, row_steps, rows, std::index_sequence_for<Ts...>{});
  }

 private:
  static void combine_lanes(const R& rule, accumulator* to, const pack<T>& v, int count) {
    T values[width];
    v.store(values);
    for (int i = 0; i < count; ++i) to[i] = rule.combine(to[i], static_cast<accumulator>(values[i]));
  }

  template <std::size_t... K>
  [[gnu::noinline]] static void along_row(const R& rule, accumulator& acc, char* const* data, const std::int64_t* steps,
                                          std::int64_t n, std::index_sequence<K...>) {
    std::int64_t i = 0;
    if constexpr (simd) {
      if (((steps[K] == 0 || steps[K] == sizeof(T)) && ...)) {
        constexpr std::int64_t stretch = chains * width;
        const auto load = [&](std::int64_t at) {
          return rule.load(load_some<T>(data[K] + at * steps[K], steps[K], width)...);
        };
        while (i + stretch <= n) {
          pack<T> sum[chains];
#pragma GCC unroll 4
          for (int l = 0; l < chains; ++l) sum[l] = load(i + l * width);
          const std::int64_t end = (std::min)(n, i + stretch * (block_rows / chains));
          for (i += stretch; i + stretch <= end; i += stretch)
#pragma GCC unroll 4
            for (int l = 0; l < chains; ++l) sum[l] = rule.combine(sum[l], load(i + l * width));
          const pack<T> all = rule.combine(rule.combine(sum[0], sum[1]), rule.combine(sum[2], sum[3]));
          const T folded = fold_lanes(all, [&](const pack<T>& a, const pack<T>& b) { return rule.combine(a, b); });
          acc = rule.combine(acc, static_cast<accumulator>(folded));
        }
      }
    }
    for (; i < n; ++i)
      acc = rule.combine(
          acc, rule.load(static_cast<accumulator_of<Ts>>(*reinterpret_cast<const Ts*>(data[K] + i * steps[K]))...));
  }

  template <std::size_t... K>
  static void across_rows(const R& rule, accumulator* acc, char* const* data, const std::int64_t* steps, std::int64_t n,
                          const std::int64_t* row_steps, std::int64_t rows, std::index_sequence<K...> inputs) {
    if constexpr (simd) {
      alignas(64) T sum[reduce_plan::tile_columns + width];
      for (std::int64_t r = 0; r < rows;) {
        const std::int64_t end = (std::min)(rows, r + block_rows);
        add_rows<1, true>(rule, sum, data, steps, n, row_steps, r++, inputs);
        for (; r + rows_at_once <= end; r += rows_at_once)
          add_rows<rows_at_once, false>(rule, sum, data, steps, n, row_steps, r, inputs);
        for (; r < end; ++r) add_rows<1, false>(rule, sum, data, steps, n, row_steps, r, inputs);
        for (std::int64_t j = 0; j < n; ++j) acc[j] = rule.combine(acc[j], static_cast<accumulator>(sum[j]));
      }
    } else {
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t j = 0; j < n; ++j)
          acc[j] = rule.combine(acc[j], rule.load(static_cast<accumulator_of<Ts>>(*reinterpret_cast<const Ts*>(
                                            data[K] + r * row_steps[K] + j * steps[K]))...));
    }
  }

  /// Rows from r on into `sum`, in the order of their memory; the first row of a block begins it.
  template <int Rows, bool Begins, std::size_t... K>
  static void add_rows(const R& rule, T* sum, char* const* data, const std::int64_t* steps, std::int64_t n,
                       const std::int64_t* row_steps, std::int64_t r, std::index_sequence<K...>) {
    for (std::int64_t j = 0; j < n; j += width) {
      const int count = static_cast<int>((std::min)(n - j, std::int64_t{width}));
      const auto load = [&](std::int64_t row) {
        return rule.load(load_some<T>(data[K] + row * row_steps[K] + j * steps[K], steps[K], count)...);
      };
      pack<T> total = Begins ? load(r) : rule.combine(pack<T>::load(sum + j), load(r));
      for (int i = 1; i < Rows; ++i) total = rule.combine(total, load(r + i));
      total.store(sum + j);
    }
  }
};

template <class R, class T, class... Ts>
inline constexpr reducer reducer_for = {nullptr,
                                        sizeof(accumulator_of<T>),
                                        &reduce_rows<R, T, Ts...>::init,
                                        &reduce_rows<R, T, Ts...>::along,
                                        &reduce_rows<R, T, Ts...>::across,
                                        &reduce_rows<R, T, Ts...>::combine,
                                        &reduce_rows<R, T, Ts...>::store,
                                        &reduce_rows<R, T, Ts...>::lines};

/// y = the combination of rule.load(x...) over the dimensions where y's stride is 0.
template <class R, class T, class... Ts>
void reduce_inputs(const R& rule, const view<T>& y, const view<Ts>&... x) {
  const loop_operand operands[] = {operand(y), operand(x)...};
  reducer r = reducer_for<R, T, std::remove_const_t<Ts>...>;
  r.rule = &rule;
  reduce_plan(y.shape, operands, 1 + sizeof...(Ts)).run(r);
}

struct cpu_reduce {
  template <class R, class T>
  static void reduce(const R& rule, view<T> y, view<const T> x) {
    reduce_inputs(rule, y, x);
  }
};

}  // namespace tensorlab::inline v0::detail
