#pragma once

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include <tensorlab/backend/update_batch.hpp>
#include <tensorlab/backend/view.hpp>
#include <tensorlab/core/dtype.hpp>

namespace tensorlab::inline v0::detail {

/// Elementwise work, reductions and indexing by plain loops over row-major numbers.
struct reference_elementwise {
  template <class R, class U, class... Ts>
  static void map(const R& rule, view<U> y, view<Ts>... x) {
    for (std::int64_t i = 0; i < y.size(); ++i) y.at(i) = rule.f(std::remove_const_t<Ts>(x.at(i))...);
  }

  template <class R, class U, class... Ts>
  static void generate(const R& rule, view<U> y, view<Ts>... x) {
    for (std::int64_t i = 0; i < y.size(); ++i)
      y.at(i) = rule.f(static_cast<std::uint64_t>(i), std::remove_const_t<Ts>(x.at(i))...);
  }

  template <class R, class T>
  static void update(const update_batch<R, T>& batch) {
    for (const update_item<R, T>& item : batch) [&]<std::size_t... K>(std::index_sequence<K...>) {
        for (std::int64_t i = 0; i < item.count; ++i) item.rule.f(item.p[i], item.g[i], item.state[K][i]...);
      }
    (std::make_index_sequence<static_cast<std::size_t>(R::states)>{});
  }

  template <class R, class T>
  static void reduce(const R& rule, view<T> y, view<const T> x) {
    using accumulator = std::conditional_t<std::is_same_v<T, float>, double, T>;
    shape kept = y.shape;
    for (int d = 0; d < kept.rank(); ++d)
      if (y.strides[d] == 0) kept[d] = 1;
    const view<T> out{y.data, kept, y.strides};
    std::vector<accumulator> acc(static_cast<std::size_t>(kept.size()), rule.template init<accumulator>());
    const view<accumulator> sums{acc.data(), y.shape, broadcast_strides(kept, row_major(kept), y.shape)};
    for (std::int64_t i = 0; i < x.size(); ++i)
      sums.at(i) = rule.combine(sums.at(i), rule.load(static_cast<accumulator>(x.at(i))));
    for (std::int64_t i = 0; i < kept.size(); ++i) out.at(i) = static_cast<T>(acc[static_cast<std::size_t>(i)]);
  }

  /// Calls `f(number of the line's first element, line)` for each line of `s` along `axis`.
  template <class F>
  static void for_each_line(const shape& s, int axis, F f) {
    const std::int64_t inner = std::accumulate(s.begin() + axis + 1, s.end(), std::int64_t{1}, std::multiplies<>());
    const std::int64_t lines = s[axis] == 0 ? 0 : s.size() / s[axis];
    for (std::int64_t l = 0; l < lines; ++l) f(l / inner * inner * s[axis] + l % inner, inner);
  }

  template <class R, class T>
  static void arg_reduce(const R& rule, view<std::int64_t> y, view<const T> x, int axis) {
    for_each_line(x.shape, axis, [&](std::int64_t first, std::int64_t step) {
      std::int64_t best = 0;
      for (std::int64_t j = 1; j < x.shape[axis]; ++j)
        if (rule.better(x.at(first + j * step), x.at(first + best * step))) best = j;
      y.at(first) = best;
    });
  }

  template <class R, class T>
  static void cumulate(const R& rule, view<T> y, view<const T> x, int axis, bool reverse) {
    const std::int64_t n = x.shape[axis];
    for_each_line(x.shape, axis, [&](std::int64_t first, std::int64_t step) {
      T acc = rule.template init<T>();
      for (std::int64_t j = 0; j < n; ++j) {
        const std::int64_t at = first + (reverse ? n - 1 - j : j) * step;
        acc = rule.combine(acc, rule.load(x.at(at)));
        y.at(at) = acc;
      }
    });
  }

  template <class T>
  static void sort(view<T> values, view<std::int64_t> positions, view<const T> x, int axis, bool descending) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(x.shape[axis]));
    for_each_line(x.shape, axis, [&](std::int64_t first, std::int64_t step) {
      std::iota(order.begin(), order.end(), std::int64_t{0});
      std::stable_sort(order.begin(), order.end(), [&](std::int64_t i, std::int64_t j) {
        const T a = x.at(first + i * step), b = x.at(first + j * step);
        const bool a_nan = a != a, b_nan = b != b;
        return descending ? (a_nan && !b_nan) || a > b : (!a_nan && b_nan) || a < b;
      });
      for (std::size_t j = 0; j < order.size(); ++j) {
        const std::int64_t to = first + static_cast<std::int64_t>(j) * step;
        values.at(to) = x.at(first + order[j] * step);
        positions.at(to) = order[j];
      }
    });
  }

  /// Offset in `x` of the element of row-major number `i` of `index`, with its coordinate on `axis` replaced.
  template <class X>
  static std::int64_t indexed_offset(const view<X>& x, view<const std::int64_t> index, int axis, std::int64_t i) {
    std::int64_t at = 0, rest = i;
    for (int d = index.rank() - 1; d >= 0; --d) {
      at += (d == axis ? index.at(i) : rest % index.shape[d]) * x.strides[d];
      rest /= index.shape[d];
    }
    return at;
  }

  template <class T>
  static void gather(view<T> y, view<const T> x, view<const std::int64_t> index, int axis) {
    for (std::int64_t i = 0; i < y.size(); ++i) y.at(i) = x.data[indexed_offset(x, index, axis, i)];
  }

  template <class T>
  static void bucketize(view<std::int64_t> y, view<const T> x, view<const T> edges, bool right) {
    for (std::int64_t i = 0; i < y.size(); ++i) {
      const T v = x.at(i);
      std::int64_t bin = 0;
      while (bin < edges.size() && !(right ? edges.at(bin) > v : edges.at(bin) >= v)) ++bin;
      y.at(i) = bin;
    }
  }

  template <class T>
  static void scatter_add(view<T> y, view<const T> x, view<const std::int64_t> index, int axis) {
    for (std::int64_t i = 0; i < x.size(); ++i) {
      T& to = y.data[indexed_offset(y, index, axis, i)];
      to = static_cast<T>(to + x.at(i));
    }
  }
};

}  // namespace tensorlab::inline v0::detail
