#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#if defined(__AVX512VNNI__) || defined(__AVX2__)
#include <immintrin.h>
#endif

#include <tensorlab/backend/cpu/recurrent.hpp>

/// Products of 8-bit activations and weights, y = s_x s_w sum (q_x - zero) q_w + b: Jacob et al., "Quantization and
/// training of neural networks for efficient integer-arithmetic-only inference" (CVPR 2018). Weights have a scale per
/// output and no zero point, activations one scale and zero point per layer. Sums of 32 bits are exact, so all forms of
/// the kernels and all numbers of threads give the same bits.
namespace tensorlab::inline v0::detail {

/// Real values as bytes: x = scale (q - zero), q in [0, 255].
struct byte_scale {
  float scale;
  std::int32_t zero;
};

/// The most terms of a sum: 2 * 255 * 127 * 2^15, the products and what the zero point takes off them, is below 2^31.
inline constexpr std::int64_t longest_int8_sum = 32768;

/// Sixteen sums, each of which takes four products of unsigned bytes with signed ones at a time, in plain C++.
struct plain_dots {
  struct sums {
    std::int32_t lane[16];
  };
  struct four {
    std::uint8_t byte[4];
  };
  struct weights {
    const std::int8_t* byte;
  };
  static sums load_sums(const std::int32_t* from) {
    sums s;
    std::memcpy(&s, from, sizeof(s));
    return s;
  }
  static void store(const sums& s, std::int32_t* to) { std::memcpy(to, &s, sizeof(s)); }
  static four spread(const std::uint8_t* x) { return {{x[0], x[1], x[2], x[3]}}; }
  static weights load_weights(const std::int8_t* w) { return {w}; }
  static void add(sums& s, const four& a, const weights& w) {
    for (int l = 0; l < 16; ++l)
      for (int i = 0; i < 4; ++i) s.lane[l] += std::int32_t{a.byte[i]} * w.byte[4 * l + i];
  }
};

#if defined(__AVX2__)
/// The same with products of 16-bit numbers, as those of bytes saturate.
struct avx2_dots {
  struct sums {
    __m256i half[2];
  };
  struct four {
    __m256i even, odd;
  };
  struct weights {
    __m256i even[2], odd[2];
  };
  static sums load_sums(const std::int32_t* from) {
    const auto* const p = reinterpret_cast<const __m256i*>(from);
    return {{_mm256_loadu_si256(p), _mm256_loadu_si256(p + 1)}};
  }
  static void store(const sums& s, std::int32_t* to) {
    auto* const p = reinterpret_cast<__m256i*>(to);
    _mm256_storeu_si256(p, s.half[0]);
    _mm256_storeu_si256(p + 1, s.half[1]);
  }
  static four spread(const std::uint8_t* x) {
    std::int32_t word;
    std::memcpy(&word, x, sizeof(word));
    const __m256i all = _mm256_set1_epi32(word);
    return {_mm256_and_si256(all, _mm256_set1_epi16(0xff)), _mm256_srli_epi16(all, 8)};
  }
  static weights load_weights(const std::int8_t* w) {
    weights out;
    for (int i = 0; i < 2; ++i) {
      const __m256i all = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + 32 * i));
      out.even[i] = _mm256_srai_epi16(_mm256_slli_epi16(all, 8), 8);
      out.odd[i] = _mm256_srai_epi16(all, 8);
    }
    return out;
  }
  static void add(sums& s, const four& a, const weights& w) {
    for (int i = 0; i < 2; ++i)
      s.half[i] = _mm256_add_epi32(
          s.half[i], _mm256_add_epi32(_mm256_madd_epi16(a.even, w.even[i]), _mm256_madd_epi16(a.odd, w.odd[i])));
  }
};
#endif

#if defined(__AVX512F__) && defined(__AVX512VNNI__)
/// The same in one instruction, which does not saturate.
struct vnni_dots {
  struct sums {
    __m512i lanes;
  };
  using four = sums;
  using weights = sums;
  static sums load_sums(const std::int32_t* from) { return {_mm512_loadu_si512(from)}; }
  static void store(const sums& s, std::int32_t* to) { _mm512_storeu_si512(to, s.lanes); }
  static four spread(const std::uint8_t* x) {
    std::int32_t word;
    std::memcpy(&word, x, sizeof(word));
    return {_mm512_set1_epi32(word)};
  }
  static weights load_weights(const std::int8_t* w) { return {_mm512_loadu_si512(w)}; }
  static void add(sums& s, const four& a, const weights& w) {
    s.lanes = _mm512_dpbusd_epi32(s.lanes, a.lanes, w.lanes);
  }
};
using int8_dots = vnni_dots;
#elif defined(__AVX2__)
using int8_dots = avx2_dots;
#else
using int8_dots = plain_dots;
#endif

/// Bytes from one row of quantised activations to the next.
constexpr std::int64_t byte_row(std::int64_t terms) { return (terms + 63) / 64 * 64; }

/// The lanes, which are whole and in [0, 255], as bytes.
template <class T>
void store_bytes(const pack<T>& v, std::uint8_t* to) {
#if defined(__AVX512F__)
  if constexpr (sizeof(v.lanes) == sizeof(__m512)) {
    __m512 all;
    std::memcpy(&all, &v.lanes, sizeof(all));
    return _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtepi32_epi8(_mm512_cvttps_epi32(all)));
  }
#endif
  T lanes[pack<T>::size];
  v.store(lanes);
  for (int i = 0; i < pack<T>::size; ++i) to[i] = static_cast<std::uint8_t>(lanes[i]);
}

/// As many 32-bit numbers as a pack has lanes, rounded to float.
inline pack<float> load_integers(const std::int32_t* from) {
  typedef std::int32_t integers __attribute__((vector_size(sizeof(pack<float>))));
  typedef float floats __attribute__((vector_size(sizeof(pack<float>))));
  integers v;
  std::memcpy(&v, from, sizeof(v));
  using batch = pack<float>::batch;
  return batch(static_cast<batch::register_type>(__builtin_convertvector(v, floats)));
}

/// clamp(round(x / scale) + zero, 0, 255), ties to even; zero for NaN.
class byte_quantiser {
 public:
  explicit byte_quantiser(const byte_scale& s)
      : inverse_(1 / s.scale), zero_(static_cast<float>(s.zero)), low_(-zero_), high_(pack<float>(255) - zero_) {}

  void store(const pack<float>& x, std::uint8_t* to) const {
    const pack<float> v = x * inverse_, raised = select(v > low_, v, low_);
    store_bytes(nearbyint(select(raised < high_, raised, high_)) + zero_, to);
  }
  /// A row of `count` values; `to` has byte_row(count) bytes. Returns 0, or NaN if a value is not finite.
  float row(const float* x, std::int64_t count, std::uint8_t* to) const {
    pack<float> spoilt(0);
    for (std::int64_t i = 0; i < count; i += pack<float>::size) {
      const pack<float> v = load_lanes(x + i, count - i);
      spoilt += v - v;
      store(v, to + i);
    }
    return fold_lanes(spoilt, [](const pack<float>& a, const pack<float>& b) { return a + b; });
  }

 private:
  pack<float> inverse_, zero_, low_, high_;
};

/// Rows of activations as bytes with four bytes of a term beside each other; the padding is zero.
class byte_rows {
 public:
  byte_rows(std::int64_t rows, std::int64_t terms) : row_(byte_row(terms)), data_(rows * row_) {
    if (rows != 0) std::memset(data_.data(), 0, static_cast<std::size_t>(rows * row_));
  }
  std::uint8_t* at(std::int64_t row) const { return data_.data() + row * row_; }
  std::int64_t step() const { return row_; }

 private:
  std::int64_t row_;
  scratch<std::uint8_t> data_;
};

/// Signed weights of `units` outputs with `terms` inputs in strips of 16 outputs, four terms of an output beside each
/// other, and what turns an output's sum into a real number. Outputs and terms beyond the last are zero.
class int8_strips {
 public:
  static constexpr std::int64_t width = 16, group = 4;

  /// `w` [units, terms] is dense, `scale` [units] its scale; `x` tells what the activations' bytes mean.
  int8_strips(const std::int8_t* w, const float* scale, std::int64_t units, std::int64_t terms, const byte_scale& x)
      : strips_((units + width - 1) / width),
        groups_((terms + group - 1) / group),
        bytes_(strips_ * groups_ * width * group),
        start_(strips_ * width),
        scale_(strips_ * width) {
    if (strips_ == 0) return;
    std::memset(bytes_.data(), 0, static_cast<std::size_t>(strips_ * groups_ * width * group));
    for (std::int64_t j = 0; j < strips_ * width; ++j) {
      start_.data()[j] = 0;
      scale_.data()[j] = 0;
      if (j >= units) continue;
      std::int8_t* const to = bytes_.data() + (j / width * groups_ * width + j % width) * group;
      std::int32_t sum = 0;
      for (std::int64_t k = 0; k < terms; ++k) {
        to[k / group * width * group + k % group] = w[j * terms + k];
        sum += w[j * terms + k];
      }
      start_.data()[j] = -x.zero * sum;
      scale_.data()[j] = x.scale * scale[j];
    }
  }
  std::int64_t strips() const { return strips_; }
  std::int64_t groups() const { return groups_; }
  const std::int8_t* at(std::int64_t strip) const { return bytes_.data() + strip * groups_ * width * group; }
  /// What the sums of a strip start from: -zero sum q_w.
  const std::int32_t* start(std::int64_t strip) const { return start_.data() + strip * width; }
  const float* scale(std::int64_t strip) const { return scale_.data() + strip * width; }

 private:
  std::int64_t strips_, groups_;
  scratch<std::int8_t> bytes_;
  scratch<std::int32_t> start_;
  scratch<float> scale_;
};

/// The strip of each of several weights.
template <int Strips>
struct strip_choice {
  const int8_strips* weights[Strips];
  std::int64_t strip[Strips];
};

/// to[r][s] = sum (q_x - zero) q_w for `Rows` rows of activations and `Strips` strips with equally many terms.
template <class Dots, int Rows, int Strips>
inline void int8_products(std::int32_t (&to)[Rows][Strips][16], const std::uint8_t* x, std::int64_t row,
                          const strip_choice<Strips>& choice) {
  typename Dots::sums sum[Rows][Strips];
  const std::int8_t* strip[Strips];
  // Loops that are not unrolled would keep the sums out of the registers.
#pragma GCC unroll 8
  for (int s = 0; s < Strips; ++s) {
    strip[s] = choice.weights[s]->at(choice.strip[s]);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) sum[r][s] = Dots::load_sums(choice.weights[s]->start(choice.strip[s]));
  }
  const std::int64_t groups = choice.weights[0]->groups();
  for (std::int64_t g = 0; g < groups; ++g) {
    typename Dots::weights w[Strips];
#pragma GCC unroll 8
    for (int s = 0; s < Strips; ++s) w[s] = Dots::load_weights(strip[s] + g * 64);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const typename Dots::four a = Dots::spread(x + r * row + g * 4);
#pragma GCC unroll 8
      for (int s = 0; s < Strips; ++s) Dots::add(sum[r][s], a, w[s]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 8
    for (int s = 0; s < Strips; ++s) Dots::store(sum[r][s], to[r][s]);
}

/// y = x W^T + b of dense rows of floats: x [rows, terms] is quantised on the way. `b` may be null. A row with a value
/// that is not finite gives NaN.
template <class Dots = int8_dots>
struct int8_linear {
  static constexpr int tile_rows = 8;

  float* y;
  const float* x;
  std::int64_t rows, terms, units;
  const int8_strips& weights;
  byte_scale scale;
  const float* bias;

  void run() const {
    const byte_rows bytes(rows, terms);
    const scratch<float> spoilt(rows);
    const byte_quantiser quantiser(scale);
    parallel_for(rows, terms / 4 + 1, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t n = begin; n < end; ++n) spoilt.data()[n] = quantiser.row(x + n * terms, terms, bytes.at(n));
    });
    // Blocks shrink until every thread has some.
    constexpr std::int64_t block_rows = 12 * tile_rows;
    const std::int64_t strips = weights.strips(), down = (rows + block_rows - 1) / block_rows;
    std::int64_t wide = 16;
    while (wide > 2 && down * ((strips + wide - 1) / wide) < 2 * available_threads()) wide /= 2;
    const std::int64_t across = (strips + wide - 1) / wide;
    const std::int64_t work = (std::min)(rows, block_rows) * wide * weights.groups();
    parallel_for(across * down, work, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t block = begin; block < end; ++block) {
        const std::int64_t first = block / across * block_rows, last = (std::min)(rows, first + block_rows);
        std::int64_t s = block % across * wide;
        const std::int64_t stop = (std::min)(strips, s + wide);
        // The sums of one row would wait for each other's additions.
        for (; last - first == 1 && s + 4 <= stop; s += 4) tile<1, 4>(bytes, spoilt.data(), first, s);
        for (; s + 2 <= stop; s += 2)
          for_row_tiles<tile_rows>(first, last,
                                   [&]<int Rows>(std::int64_t n) { tile<Rows, 2>(bytes, spoilt.data(), n, s); });
        if (s < stop)
          for_row_tiles<tile_rows>(first, last,
                                   [&]<int Rows>(std::int64_t n) { tile<Rows, 1>(bytes, spoilt.data(), n, s); });
      }
    });
  }

 private:
  template <int Rows, int Strips>
  void tile(const byte_rows& bytes, const float* spoilt, std::int64_t n, std::int64_t first) const {
    alignas(64) std::int32_t sum[Rows][Strips][16];
    strip_choice<Strips> choice;
    for (int s = 0; s < Strips; ++s) {
      choice.weights[s] = &weights;
      choice.strip[s] = first + s;
    }
    int8_products<Dots, Rows, Strips>(sum, bytes.at(n), bytes.step(), choice);
    for (int s = 0; s < Strips; ++s)
      for (int l = 0; l < 16; l += pack<float>::size) {
        const std::int64_t unit = (first + s) * 16 + l;
        if (unit >= units) break;
        const pack<float> step = pack<float>::load(weights.scale(first + s) + l),
                          b = bias == nullptr ? pack<float>(0) : load_lanes(bias + unit, units - unit);
        for (int r = 0; r < Rows; ++r)
          store_lanes(fma(load_integers(sum[r][s] + l), step, b) + pack<float>(spoilt[n + r]),
                      y + (n + r) * units + unit, units - unit);
      }
  }
};

}  // namespace tensorlab::inline v0::detail
