#pragma once

#include <algorithm>
#include <array>

#include <tensorlab/backend/cpu/allocator.hpp>
#include <tensorlab/backend/cpu/parallel.hpp>
#include <tensorlab/backend/cpu/simd.hpp>
#include <tensorlab/backend/view.hpp>

/// Passes over images whose pixels are dense rows of channels, with a few numbers for each channel at hand.
namespace tensorlab::inline v0::detail {

/// The rows of a channels-last operand; no rows where it is none.
struct pixel_rows {
  int axis = 0;  // the channels' dimension
  std::int64_t rows = 0, channels = 0;
};

/// The pixels of `y`, of which `per_channel` has one number each along one dimension, broadcast along the others; no
/// rows unless y, and every x in the same order, is dense with the channels innermost.
template <class S, class T, class... Ts>
pixel_rows pixels_of(const view<S>& per_channel, const view<T>& y, const view<Ts>&... x) {
  pixel_rows p;
  int channel_axes = 0;
  for (int d = 0; d < y.rank(); ++d)
    if (per_channel.strides[d] != 0 && y.shape[d] > 1) {
      p.axis = d;
      ++channel_axes;
    }
  if (channel_axes != 1 || y.strides[p.axis] != 1) return {};
  if (!((x.strides == y.strides) && ...) || dense_like(y.shape, y.strides) != y.strides) return {};
  p.channels = y.shape[p.axis];
  p.rows = y.size() / p.channels;
  return p;
}

/// Whether a broadcast operand has one number for each channel, or one for all.
template <class T>
bool is_per_channel(const pixel_rows& p, const view<T>& v) {
  for (int d = 0; d < v.rank(); ++d)
    if (d != p.axis && v.strides[d] != 0 && v.shape[d] > 1) return false;
  return true;
}

/// An operand's number for a channel.
template <class T>
T& number_of(const pixel_rows& p, const view<T>& v, std::int64_t channel) {
  return v.data[channel * v.strides[p.axis]];
}

/// Some numbers for each channel in packs: vector after vector, with room for whole packs.
template <class T, int Count>
class channel_numbers {
 public:
  explicit channel_numbers(std::int64_t channels)
      : padded_((channels + pack<T>::size - 1) / pack<T>::size * pack<T>::size), data_(padded_ * Count) {
    std::fill_n(data_.data(), padded_ * Count, T(0));
  }
  T* of(int k) const { return data_.data() + k * padded_; }

 private:
  std::int64_t padded_;
  scratch<T> data_;
};

/// y = f(x.., c..) for the channels c of each element; x and y may be the same memory.
template <class T, std::size_t Inputs, int Count, class F>
void for_each_pixel(const pixel_rows& p, T* y, const std::array<const T*, Inputs>& x,
                    const channel_numbers<T, Count>& numbers, const F& f) {
  constexpr int width = pack<T>::size;
  parallel_for(
      p.rows, p.channels, (std::max)(std::int64_t{1}, 1024 / p.channels), [&](std::int64_t begin, std::int64_t end) {
        const auto at = [&]<std::size_t... Input, int... K>(std::int64_t offset, std::int64_t j, const auto& load,
                                                            std::index_sequence<Input...>,
                                                            std::integer_sequence<int, K...>) {
          return f(load(x[Input] + offset + j)..., pack<T>::load(numbers.of(K) + j)...);
        };
        constexpr auto inputs = std::make_index_sequence<Inputs>{};
        constexpr auto vectors = std::make_integer_sequence<int, Count>{};
        for (std::int64_t r = begin; r < end; ++r) {
          const std::int64_t offset = r * p.channels;
          std::int64_t j = 0;
          for (; j + width <= p.channels; j += width)
            at(
                offset, j, [](const T* from) { return pack<T>::load(from); }, inputs, vectors)
                .store(y + offset + j);
          if (j < p.channels) {
            const int rest = static_cast<int>(p.channels - j);
            const auto load = [&](const T* from) {
              return load_some<T>(reinterpret_cast<const char*>(from), sizeof(T), rest);
            };
            store_some(at(offset, j, load, inputs, vectors), reinterpret_cast<char*>(y + offset + j), sizeof(T), rest);
          }
        }
      });
}

/// Sums over rows of pixels for each channel, `Sums` of them side by side. f(x.., c..) gives a pixel's terms as an
/// array of packs.
///
/// Terms are added up in T over some rows and then in double. A few rows are taken at once: their memory is read in its
/// order, and sums are fetched and put back once for all of them.
template <class T, int Sums>
class channel_sums {
 public:
  static constexpr int width = pack<T>::size;
  static constexpr std::int64_t rows_in_t = 64;
  static constexpr int rows_at_once = 4;

  explicit channel_sums(std::int64_t channels)
      : channels_(channels),
        padded_((channels + width - 1) / width * width),
        in_t_(Sums * padded_),
        total_(Sums * padded_) {}

  /// Sum k of the channels.
  double* of(int k) const { return total_.data() + k * padded_; }

  /// Starts again with the rows [begin, end).
  template <std::size_t Inputs, int Count, class F>
  void take(std::int64_t begin, std::int64_t end, const std::array<const T*, Inputs>& x,
            const channel_numbers<T, Count>& numbers, const F& f) const {
    std::fill_n(total_.data(), Sums * padded_, 0.0);
    for (std::int64_t r = begin; r < end;) {
      const std::int64_t stop = (std::min)(end, r + rows_in_t);
      std::fill_n(in_t_.data(), Sums * padded_, T(0));
      const std::int64_t several = r + (stop - r) / rows_at_once * rows_at_once;
      const std::int64_t packs = channels_ / width * width;
      for (std::int64_t i = r; i < several; i += rows_at_once)
        for (std::int64_t j = 0; j < packs; j += width)
          add<rows_at_once>(
              i, j, numbers, f, [&](std::size_t k, std::int64_t at) { return pack<T>::load(x[k] + at); },
              std::make_index_sequence<Inputs>{}, std::make_integer_sequence<int, Count>{});
      for (; r < stop; ++r)
        for (std::int64_t j = r < several ? packs : 0; j < channels_; j += width) {
          const int count = static_cast<int>((std::min)(channels_ - j, std::int64_t{width}));
          const auto load = [&](std::size_t k, std::int64_t at) {
            return load_some<T>(reinterpret_cast<const char*>(x[k] + at), sizeof(T), count);
          };
          add<1>(r, j, numbers, f, load, std::make_index_sequence<Inputs>{}, std::make_integer_sequence<int, Count>{});
        }
      for (std::int64_t i = 0; i < Sums * padded_; ++i) total_.data()[i] += static_cast<double>(in_t_.data()[i]);
    }
  }

 private:
  /// Adds a pack of channels from j on, of some rows.
  template <int Rows, int Count, class F, class Load, std::size_t... Input, int... K>
  TL_INLINE void add(std::int64_t row, std::int64_t j, const channel_numbers<T, Count>& numbers, const F& f,
                     const Load& load, std::index_sequence<Input...>, std::integer_sequence<int, K...>) const {
    pack<T> sum[Sums];
    for (int s = 0; s < Sums; ++s) sum[s] = pack<T>::load(in_t_.data() + s * padded_ + j);
#pragma GCC unroll 4
    for (int r = 0; r < Rows; ++r) {
      const std::array<pack<T>, Sums> terms =
          f(load(Input, (row + r) * channels_ + j)..., pack<T>::load(numbers.of(K) + j)...);
      for (int s = 0; s < Sums; ++s) sum[s] = sum[s] + terms[static_cast<std::size_t>(s)];
    }
    for (int s = 0; s < Sums; ++s) sum[s].store(in_t_.data() + s * padded_ + j);
  }

  std::int64_t channels_, padded_;
  scratch<T> in_t_;
  scratch<double> total_;
};

/// Rows in chunks that stay in a processor's second cache, cut by the shape alone: sums of chunks that are combined in
/// order do not depend on the number of threads.
struct row_chunks {
  explicit row_chunks(const pixel_rows& p)
      : rows(p.rows), length((std::max)(std::int64_t{64}, 32768 / p.channels)), count((rows + length - 1) / length) {}
  std::int64_t begin(std::int64_t chunk) const { return chunk * length; }
  std::int64_t end(std::int64_t chunk) const { return (std::min)(rows, (chunk + 1) * length); }

  std::int64_t rows, length, count;
};

}  // namespace tensorlab::inline v0::detail
