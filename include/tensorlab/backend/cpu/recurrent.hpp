#pragma once

#include <array>
#include <concepts>
#include <memory>

#include <tensorlab/backend/cpu/bf16_product.hpp>
#include <tensorlab/backend/cpu/product.hpp>
#include <tensorlab/backend/cpu/transpose.hpp>
#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/backend/view.hpp>
#include <tensorlab/core/math.hpp>

/// What the recurrent layers' kernels share. Batch rows are split over the threads once for all steps, so no thread
/// waits for another; a block of weights stays in the nearest cache while the rows of a thread go by.
namespace tensorlab::inline v0::detail {

/// A pack of the next of `count` elements `step` apart; lanes beyond them, which nobody stores, repeat the first one.
template <class T>
TL_INLINE pack<T> load_lanes(const T* from, std::int64_t count, std::int64_t step = 1) {
  constexpr std::int64_t width = pack<T>::size, bytes = sizeof(T);
  return load_some<T>(reinterpret_cast<const char*>(from), step * bytes, static_cast<int>((std::min)(count, width)));
}
template <class T>
TL_INLINE void store_lanes(const pack<T>& v, T* to, std::int64_t count) {
  if (count >= pack<T>::size) return v.store(to);
  store_head(v, to, static_cast<int>(count));
}

/// Rows of a tile whose sums of `gates` packs a row stay in registers.
template <class T>
constexpr int recurrent_rows(int gates) {
  const int registers = sizeof(pack<T>) >= 64 ? 32 : 16;
  return (std::min)((registers - gates - 1) / gates, 16);
}

/// Calls `f.operator()<R>(row)` on tiles of at most `Rows` rows that cover [begin, end).
template <int Rows, class F>
void for_row_tiles(std::int64_t begin, std::int64_t end, const F& f) {
  for (; begin + Rows <= end; begin += Rows) f.template operator()<Rows>(begin);
  if constexpr (Rows > 1) for_row_tiles<(Rows + 2) / 3>(begin, end, f);
}

/// Calls `f.operator()<Blocks>(j)` for the units of a single row in blocks of packs, in step k of a walk.
///
/// Weights that stay in the nearest cache are taken two packs at a time, as the few sums of one would wait for each
/// other's additions. Of larger ones the part that was read last is read first in the next step: it is still there.
template <class T, class F>
void for_units_of_one_row(std::int64_t hidden, std::int64_t gates, std::int64_t k, const F& f) {
  constexpr std::int64_t width = pack<T>::size, nearest_cache = 32768;
  const std::int64_t packs = (hidden + width - 1) / width;
  if (gates * hidden * hidden * static_cast<std::int64_t>(sizeof(T)) <= nearest_cache) {
    std::int64_t b = 0;
    for (; b + 1 < packs; b += 2) f.template operator()<2>(b * width);
    if (b < packs) f.template operator()<1>(b * width);
    return;
  }
  for (std::int64_t b = 0; b < packs; ++b) f.template operator()<1>((k % 2 == 0 ? b : packs - 1 - b) * width);
}

/// Weights from `terms` inputs to `units` units in strips of one pack of units. Units beyond the last are zero.
template <class T>
class weight_strips {
 public:
  static constexpr std::int64_t width = pack<T>::size;

  /// The weight from input k to unit j lies at w[j * unit + k * term]. For a few rows, what can be read in place is not
  /// copied.
  weight_strips(const T* w, std::int64_t unit, std::int64_t term, std::int64_t units, std::int64_t terms,
                std::int64_t rows)
      : terms_(terms),
        in_place_(rows < 4 && unit == 1 && units % width == 0),
        copy_(in_place_ ? 0 : (units + width - 1) / width * width * terms),
        first_(in_place_ ? w : copy_.data()),
        strip_(in_place_ ? width : width * terms),
        term_(in_place_ ? term : width) {
    if (!in_place_) pack_weights(w, unit, term, units);
  }
  const T* at(std::int64_t block) const { return first_ + block * strip_; }
  std::int64_t terms() const { return terms_; }
  /// From one term of a strip to the next.
  std::int64_t step() const { return term_; }

 private:
  void pack_weights(const T* w, std::int64_t unit, std::int64_t term, std::int64_t units) {
    const std::int64_t squares = term == 1 ? terms_ / width * width : 0;
    for (std::int64_t j = 0; j < units; j += width) {
      T* const to = copy_.data() + j * terms_;
      if (j + width > units) {
        product<T>::template pack_strips<static_cast<int>(width)>(to, w + j * unit, unit, term, units - j, terms_);
        continue;
      }
      for (std::int64_t k = 0; k < squares; k += width)
        square_transpose<T>::run(to + k * width, w + j * unit + k, unit);
      product<T>::template pack_strips<static_cast<int>(width)>(to + squares * width, w + j * unit + squares * term,
                                                                unit, term, width, terms_ - squares);
    }
  }

  std::int64_t terms_;
  bool in_place_;
  scratch<T> copy_;
  const T* first_;
  std::int64_t strip_, term_;
};

/// sum[r][g] += the product of row r of `x` with strip g, whose terms lie `step` apart.
template <class T, int Rows, int Strips>
inline void add_products(pack<T> (&sum)[Rows][Strips], const T* x, std::int64_t row,
                         const std::array<const T*, Strips>& strip, std::int64_t step, std::int64_t terms) {
  for (std::int64_t k = 0; k < terms; ++k) {
    pack<T> w[Strips];
#pragma GCC unroll 8
    for (int g = 0; g < Strips; ++g) w[g] = pack<T>::load(strip[static_cast<std::size_t>(g)] + k * step);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const pack<T> a(x[r * row + k]);
#pragma GCC unroll 8
      for (int g = 0; g < Strips; ++g) sum[r][g] = fma(a, w[g], sum[r][g]);
    }
  }
}

/// y += x W for the rows [begin, end) of y [., units] and x.
template <class T>
void multiply_rows(T* y, std::int64_t units, const T* x, std::int64_t x_row, const weight_strips<T>& w,
                   std::int64_t begin, std::int64_t end) {
  constexpr int width = pack<T>::size;
  for (std::int64_t j = 0; j < units; j += width) {
    const std::array<const T*, 1> strip{w.at(j / width)};
    for_row_tiles<recurrent_rows<T>(1)>(begin, end, [&]<int Rows>(std::int64_t n) {
      pack<T> sum[Rows][1];
      for (int r = 0; r < Rows; ++r) sum[r][0] = load_lanes<T>(y + (n + r) * units + j, units - j);
      add_products<T, Rows, 1>(sum, x + n * x_row, x_row, strip, w.step(), w.terms());
      for (int r = 0; r < Rows; ++r) store_lanes(sum[r][0], y + (n + r) * units + j, units - j);
    });
  }
}

/// The weights from `terms` inputs to `units` units, `term` and `unit` apart, if products round them, else null.
template <class T>
std::unique_ptr<const bf16_matrix> rounded_weights(const T* w, std::int64_t term, std::int64_t unit, std::int64_t terms,
                                                   std::int64_t units, compute factors) {
  if constexpr (std::same_as<T, float>)
    if (factors == compute::bf16)
      return std::make_unique<const bf16_matrix>(matrix<const float>{w, term, unit}, terms, units);
  return nullptr;
}

/// y += x W for the rows [begin, end), by the rounded weights where there are some.
template <class T>
void add_rows(T* y, std::int64_t units, const T* x, std::int64_t x_row, const weight_strips<T>& w,
              const bf16_matrix* rounded, std::int64_t begin, std::int64_t end) {
  if constexpr (std::same_as<T, float>)
    if (rounded != nullptr)
      return rounded->add_product(y + begin * units, units, x + begin * x_row, x_row, end - begin);
  multiply_rows(y, units, x, x_row, w, begin, end);
}

/// The valid steps of a walk: `mask` [T, N, 1], no data for all.
struct step_mask {
  view<const bool> mask;
  bool operator()(std::int64_t t, std::int64_t n) const {
    return mask.data == nullptr || mask.data[t * mask.strides[0] + n * mask.strides[1]];
  }
};

/// Two walks that do not meet. A single row cannot be shared out between threads, so each direction takes one;
/// with more rows the threads share those of one direction after the other.
template <class F, class G>
void directions_side_by_side(std::int64_t batch, std::int64_t work, const F& forward, const G& reverse) {
  if (batch > 1) {
    forward();
    reverse();
    return;
  }
  parallel_for(2, work, 1, [&](std::int64_t begin, std::int64_t end) {
    if (begin == 0) forward();
    if (end == 2) reverse();
  });
}

}  // namespace tensorlab::inline v0::detail
