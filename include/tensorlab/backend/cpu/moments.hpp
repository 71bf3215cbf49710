#pragma once

#include <algorithm>
#include <cmath>

#include <tensorlab/backend/cpu/reduce_plan.hpp>
#include <tensorlab/backend/cpu/simd.hpp>

namespace tensorlab::inline v0::detail {

/// Terms that are added up in T before they go to double.
inline constexpr std::int64_t norm_block = 64;

/// n numbers of a line in packs; the end of the line takes part of one.
template <class T>
struct pack_run {
  static constexpr int width = pack<T>::size;

  const char* from;
  std::int64_t step, n;

  pack<T> load(std::int64_t i, int count) const { return load_some<T>(from + i * step, step, count); }

  /// The sum of f(x), in blocks that are added up in double.
  template <class F>
  double sum(const F& f) const {
    double total = 0;
    std::int64_t i = 0;
    while (i + width <= n) {
      const std::int64_t end = (std::min)(n, i + norm_block * width);
      pack<T> part[4] = {pack<T>(0), pack<T>(0), pack<T>(0), pack<T>(0)};  // each waits for itself alone
      for (; i + 4 * width <= end; i += 4 * width)
#pragma GCC unroll 4
        for (int p = 0; p < 4; ++p) part[p] = part[p] + f(load(i + p * width, width));
      for (; i + width <= end; i += width) part[0] = part[0] + f(load(i, width));
      total += static_cast<double>(all_lanes((part[0] + part[1]) + (part[2] + part[3])));
    }
    if (i < n) total += some_lanes(f(load(i, static_cast<int>(n - i))), static_cast<int>(n - i));
    return total;
  }

  static T all_lanes(const pack<T>& v) {
    return fold_lanes(v, [](const pack<T>& a, const pack<T>& b) { return a + b; });
  }
  static double some_lanes(const pack<T>& v, int count) {
    T lanes[width];
    v.store(lanes);
    double total = 0;
    for (int i = 0; i < count; ++i) total += static_cast<double>(lanes[i]);
    return total;
  }
};

template <class T>
TL_INLINE void add_lanes(double* to, const pack<T>& v, int count = pack<T>::size) {
  T lanes[pack<T>::size];
  v.store(lanes);
  for (int i = 0; i < count; ++i) to[i] += static_cast<double>(lanes[i]);
}

/// The mean and the sum of squared deviations of n numbers for each of some columns, side by side: merged pairwise as
/// Chan, Golub and LeVeque do, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
///
/// Within a range of rows that stays in the cache the mean is taken first and the deviations from it then, so nothing
/// is lost to a large mean, and memory is read once.
template <class T>
struct moments {
  static constexpr int width = pack<T>::size;

  double eps;
  std::ptrdiff_t to_rstd;  // from an element of mean to that of rstd, in bytes

  // [0] the number of rows, then a mean for each column, then a sum of squares for each.
  static double* numbers(char* p) { return reinterpret_cast<double*>(p); }
  static const double* numbers(const char* p) { return reinterpret_cast<const double*>(p); }

  static void init(const void*, char* to, std::int64_t n) { std::fill_n(numbers(to), 1 + 2 * n, 0.0); }

  /// Merges `count` rows whose deviations from `about` have these sums and sums of squares.
  template <class About>
  static void merge(char* to, std::int64_t first, std::int64_t n, std::int64_t columns, double count, double before,
                    const About* about, const double* sum, const double* squares) {
    double* const mean = numbers(to) + 1 + first;
    double* const m2 = mean + columns;
    const double share = count / (before + count);
    for (std::int64_t i = 0; i < n; ++i) {
      const double off = sum[i] / count, delta = static_cast<double>(about[i]) + off - mean[i];
      mean[i] += delta * share;
      m2[i] += squares[i] - off * sum[i] + delta * delta * before * share;
    }
  }

  static void combine(const void*, char* to, const char* from, std::int64_t n) {
    const double count = numbers(from)[0];
    const double* const mean = numbers(from) + 1;
    if (count == 0) return;
    const double before = numbers(to)[0], share = count / (before + count);
    for (std::int64_t i = 0; i < n; ++i) {
      double* const at = numbers(to) + 1 + i;
      const double delta = mean[i] - at[0];
      at[0] += delta * share;
      at[n] += mean[n + i] + delta * delta * before * share;
    }
    numbers(to)[0] = before + count;
  }

  static void store(const void* rule, char* y, std::int64_t step, const char* from, std::int64_t n) {
    const auto& self = *static_cast<const moments*>(rule);
    const double count = numbers(from)[0];
    const double* const mean = numbers(from) + 1;
    for (std::int64_t i = 0; i < n; ++i) {
      *reinterpret_cast<T*>(y + i * step) = static_cast<T>(mean[i]);
      *reinterpret_cast<T*>(y + i * step + self.to_rstd) =
          static_cast<T>(1.0 / std::sqrt(mean[n + i] / count + self.eps));
    }
  }

  static void along(const void*, char* to, char* const* data, const std::int64_t* steps, std::int64_t n) {
    const pack_run<T> x{data[0], steps[0], n};
    const T about = static_cast<T>(x.sum([](const pack<T>& v) { return v; }) / static_cast<double>(n));
    const pack<T> at(about);
    const double sum = x.sum([&](const pack<T>& v) { return v - at; });
    const double squares = x.sum([&](const pack<T>& v) { return (v - at) * (v - at); });
    const double before = numbers(to)[0], count = static_cast<double>(n);
    merge(to, 0, 1, 1, count, before, &about, &sum, &squares);
    numbers(to)[0] = before + count;
  }

  static void across(const void*, char* to, char* const* data, const std::int64_t* steps, std::int64_t n,
                     const std::int64_t* row_steps, std::int64_t rows) {
    const double before = numbers(to)[0], count = static_cast<double>(rows);
    std::int64_t j = 0;
    for (; steps[0] == sizeof(T) && j + 4 * width <= n; j += 4 * width)
      columns<4, true>(to, data[0] + j * steps[0], steps[0], j, 4 * width, n, row_steps[0], rows, before);
    for (; j < n; j += width)
      columns<1, false>(to, data[0] + j * steps[0], steps[0], j, (std::min)(n - j, std::int64_t{width}), n,
                        row_steps[0], rows, before);
    numbers(to)[0] = before + count;
  }

 private:
  template <int Packs, bool Dense>
  static void columns(char* to, const char* x, std::int64_t step, std::int64_t first, std::int64_t count,
                      std::int64_t all, std::int64_t row_step, std::int64_t rows, double before) {
    const int lanes = static_cast<int>((std::min)(count, std::int64_t{width}));
    const auto load = [&](std::int64_t row, int p) {
      const char* const at = x + row * row_step + p * width * step;
      if constexpr (Dense)
        return pack<T>::load(reinterpret_cast<const T*>(at));
      else
        return load_some<T>(at, step, lanes);
    };
    pack<T> about[Packs];
    for (auto& p : about) p = pack<T>(0);
    for (std::int64_t r = 0; r < rows; ++r)
      for (int p = 0; p < Packs; ++p) about[p] = about[p] + load(r, p);
    for (auto& p : about) p = p * pack<T>(1.0 / static_cast<double>(rows));
    double sum[Packs * width] = {}, squares[Packs * width] = {};
    for (std::int64_t r = 0; r < rows;) {
      const std::int64_t end = (std::min)(rows, r + norm_block);
      pack<T> s[Packs], q[Packs];
      for (int p = 0; p < Packs; ++p) s[p] = q[p] = pack<T>(0);
      for (; r < end; ++r)
        for (int p = 0; p < Packs; ++p) {
          const pack<T> d = load(r, p) - about[p];
          s[p] = s[p] + d;
          q[p] = fma(d, d, q[p]);
        }
      for (int p = 0; p < Packs; ++p) {
        add_lanes(sum + p * width, s[p]);
        add_lanes(squares + p * width, q[p]);
      }
    }
    T means[Packs * width];
    for (int p = 0; p < Packs; ++p) about[p].store(means + p * width);
    merge(to, first, count, all, static_cast<double>(rows), before, means, sum, squares);
  }
};

/// Two sums for each of some columns, side by side: of d and of d xhat, where d is dy, or dy gamma.
template <class T, bool Scaled>
struct gradient_sums {
  static constexpr int width = pack<T>::size;

  double share;              // the sums' factor
  std::ptrdiff_t to_second;  // from an element of the first result to that of the second, in bytes

  static double* numbers(char* p) { return reinterpret_cast<double*>(p); }
  static const double* numbers(const char* p) { return reinterpret_cast<const double*>(p); }

  static void init(const void*, char* to, std::int64_t n) { std::fill_n(numbers(to), 2 * n, 0.0); }
  static void combine(const void*, char* to, const char* from, std::int64_t n) {
    for (std::int64_t i = 0; i < 2 * n; ++i) numbers(to)[i] += numbers(from)[i];
  }
  static void store(const void* rule, char* y, std::int64_t step, const char* from, std::int64_t n) {
    const auto& self = *static_cast<const gradient_sums*>(rule);
    for (std::int64_t i = 0; i < n; ++i) {
      *reinterpret_cast<T*>(y + i * step) = static_cast<T>(numbers(from)[i] * self.share);
      *reinterpret_cast<T*>(y + i * step + self.to_second) = static_cast<T>(numbers(from)[n + i] * self.share);
    }
  }

  static void along(const void*, char* to, char* const* data, const std::int64_t* steps, std::int64_t n) {
    double* const total = numbers(to);
    std::int64_t i = 0;
    while (i + width <= n) {
      const std::int64_t end = (std::min)(n, i + norm_block * width);
      pack<T> s(0), q(0);
      for (; i + width <= end; i += width) add(data, steps, i, width, s, q);
      total[0] += static_cast<double>(pack_run<T>::all_lanes(s));
      total[1] += static_cast<double>(pack_run<T>::all_lanes(q));
    }
    if (i == n) return;
    const int rest = static_cast<int>(n - i);
    pack<T> s(0), q(0);
    add(data, steps, i, rest, s, q);
    total[0] += pack_run<T>::some_lanes(s, rest);
    total[1] += pack_run<T>::some_lanes(q, rest);
  }

  static void across(const void*, char* to, char* const* data, const std::int64_t* steps, std::int64_t n,
                     const std::int64_t* row_steps, std::int64_t rows) {
    const bool dense = steps[0] == sizeof(T) && steps[1] == sizeof(T);
    const bool of_columns = dense && row_steps[2] == 0 && row_steps[3] == 0,
               of_rows = dense && steps[2] == 0 && steps[3] == 0;
    for (std::int64_t r = 0; r < rows; r += norm_block) {
      const std::int64_t end = (std::min)(rows, r + norm_block);
      std::int64_t j = 0;
      for (; j + 4 * width <= n; j += 4 * width) {
        const range g{data, steps, row_steps, j, r, end, width};
        if (of_columns)
          g.template add_to<4, statistics_of::columns>(numbers(to) + j, n);
        else if (of_rows)
          g.template add_to<4, statistics_of::rows>(numbers(to) + j, n);
        else
          g.template add_to<4, statistics_of::anything>(numbers(to) + j, n);
      }
      for (; j < n; j += width)
        range{data, steps, row_steps, j, r, end, static_cast<int>((std::min)(n - j, std::int64_t{width}))}
            .template add_to<1, statistics_of::anything>(numbers(to) + j, n);
    }
  }

 private:
  // Operands: dy, x, mean, rstd and, if scaled, gamma.
  TL_INLINE static void add(char* const* data, const std::int64_t* steps, std::int64_t column, int count, pack<T>& s,
                            pack<T>& q) {
    const auto load = [&](int k) { return load_some<T>(data[k] + column * steps[k], steps[k], count); };
    pack<T> d = load(0);
    if constexpr (Scaled) d = d * load(4);
    s = s + d;
    q = fma(d, (load(1) - load(2)) * load(3), q);
  }

  /// What mean and rstd belong to, dy and x being dense along the columns; or anything.
  enum class statistics_of { columns, rows, anything };

  /// Some rows of a few packs of columns, the last of them perhaps in part.
  struct range {
    char* const* data;
    const std::int64_t* steps;
    const std::int64_t* row_steps;
    std::int64_t column, row, end;
    int count;

    TL_INLINE pack<T> load(int k, std::int64_t r, int p) const {
      return load_some<T>(data[k] + r * row_steps[k] + (column + p * width) * steps[k], steps[k], count);
    }
    template <statistics_of Of>
    TL_INLINE pack<T> load_term(int k, std::int64_t r, int p) const {
      if constexpr (Of == statistics_of::anything)
        return load(k, r, p);
      else
        return pack<T>::load(reinterpret_cast<const T*>(data[k] + r * row_steps[k]) + column + p * width);
    }

    template <int Packs, statistics_of Of>
    void add_to(double* to, std::int64_t all) const {
      pack<T> s[Packs], q[Packs], mean[Packs], rstd[Packs];
      for (int p = 0; p < Packs; ++p) {
        s[p] = q[p] = pack<T>(0);
        if constexpr (Of == statistics_of::columns) {
          mean[p] = load(2, 0, p);
          rstd[p] = load(3, 0, p);
        }
      }
      for (std::int64_t r = row; r < end; ++r) {
        if constexpr (Of == statistics_of::rows) {
          mean[0] = pack<T>(*reinterpret_cast<const T*>(data[2] + r * row_steps[2]));
          rstd[0] = pack<T>(*reinterpret_cast<const T*>(data[3] + r * row_steps[3]));
        }
#pragma GCC unroll 4
        for (int p = 0; p < Packs; ++p) {
          if constexpr (Of == statistics_of::anything) {
            mean[p] = load(2, r, p);
            rstd[p] = load(3, r, p);
          }
          constexpr bool shared = Of == statistics_of::rows;
          pack<T> d = load_term<Of>(0, r, p);
          if constexpr (Scaled) d = d * load(4, r, p);
          s[p] = s[p] + d;
          q[p] = fma(d, (load_term<Of>(1, r, p) - mean[shared ? 0 : p]) * rstd[shared ? 0 : p], q[p]);
        }
      }
      for (int p = 0; p < Packs; ++p) {
        add_lanes(to + p * width, s[p], count);
        add_lanes(to + all + p * width, q[p], count);
      }
    }
  };
};

}  // namespace tensorlab::inline v0::detail
