#pragma once

#include <cmath>

#include <tensorlab/backend/cpu/moments.hpp>
#include <tensorlab/backend/cpu/pixels.hpp>

/// The statistics of a batch normalisation of channels-last images.
namespace tensorlab::inline v0::detail {

/// Writes mean and 1 / sqrt(variance + eps) of each channel.
///
/// Of each chunk of rows the mean is taken first and the deviations from it then, so nothing is lost to a large mean;
/// chunks are merged as moments are.
template <class T>
void channel_moments(const pixel_rows& p, const T* x, double eps, const view<T>& mean, const view<T>& rstd) {
  const std::int64_t channels = p.channels;
  const row_chunks chunks(p);
  // The mean, and the sums of deviations and of their squares.
  const scratch<double> parts(chunks.count * 3 * channels);
  parallel_for(chunks.count, chunks.length * channels, 1, [&](std::int64_t first, std::int64_t last) {
    const channel_numbers<T, 1> about(channels);
    const channel_sums<T, 2> sums(channels);
    for (std::int64_t c = first; c < last; ++c) {
      const std::int64_t begin = chunks.begin(c), end = chunks.end(c);
      const auto take_deviations = [&] {
        sums.take(begin, end, std::array{x}, about, [](const pack<T>& v, const pack<T>& m) {
          const pack<T> d = v - m;
          return std::array{d, d * d};
        });
      };
      std::fill_n(about.of(0), channels, T(0));
      take_deviations();
      for (std::int64_t i = 0; i < channels; ++i)
        about.of(0)[i] = static_cast<T>(sums.of(0)[i] / static_cast<double>(end - begin));
      take_deviations();
      double* const to = parts.data() + c * 3 * channels;
      std::copy_n(about.of(0), channels, to);
      std::copy_n(sums.of(0), channels, to + channels);
      std::copy_n(sums.of(1), channels, to + 2 * channels);
    }
  });
  const scratch<double> merged(1 + 2 * channels);  // as moments keep them
  char* const all = reinterpret_cast<char*>(merged.data());
  moments<T>::init(nullptr, all, channels);
  for (std::int64_t c = 0; c < chunks.count; ++c) {
    const double* const from = parts.data() + c * 3 * channels;
    const double before = static_cast<double>(chunks.begin(c)), rows = static_cast<double>(chunks.end(c)) - before;
    moments<T>::merge(all, 0, channels, channels, rows, before, from, from + channels, from + 2 * channels);
  }
  const double* const middle = merged.data() + 1;
  const double* const squares = middle + channels;
  for (std::int64_t i = 0; i < channels; ++i) {
    mean.data[i * mean.strides[p.axis]] = static_cast<T>(middle[i]);
    rstd.data[i * rstd.strides[p.axis]] =
        static_cast<T>(1.0 / std::sqrt(squares[i] / static_cast<double>(p.rows) + eps));
  }
}

/// Writes the sums of dy and of dy xhat, xhat = (x - mean) rstd, for each channel.
template <class T>
void channel_gradient_sums(const pixel_rows& p, const T* dy, const T* x, const view<const T>& mean,
                           const view<const T>& rstd, const view<T>& sum, const view<T>& sum_xhat) {
  const std::int64_t channels = p.channels;
  const row_chunks chunks(p);
  const channel_numbers<T, 2> numbers(channels);
  for (std::int64_t i = 0; i < channels; ++i) {
    numbers.of(0)[i] = mean.data[i * mean.strides[p.axis]];
    numbers.of(1)[i] = rstd.data[i * rstd.strides[p.axis]];
  }
  const scratch<double> parts(chunks.count * 2 * channels);
  parallel_for(chunks.count, chunks.length * channels, 1, [&](std::int64_t first, std::int64_t last) {
    const channel_sums<T, 2> sums(channels);
    for (std::int64_t c = first; c < last; ++c) {
      sums.take(chunks.begin(c), chunks.end(c), std::array{dy, x}, numbers,
                [](const pack<T>& d, const pack<T>& v, const pack<T>& m, const pack<T>& r) {
                  return std::array{d, d * ((v - m) * r)};
                });
      for (int k = 0; k < 2; ++k) std::copy_n(sums.of(k), channels, parts.data() + (2 * c + k) * channels);
    }
  });
  double* const total = parts.data();
  for (std::int64_t c = 1; c < chunks.count; ++c)
    for (std::int64_t i = 0; i < 2 * channels; ++i) total[i] += total[c * 2 * channels + i];
  for (std::int64_t i = 0; i < channels; ++i) {
    sum.data[i * sum.strides[p.axis]] = static_cast<T>(total[i]);
    sum_xhat.data[i * sum_xhat.strides[p.axis]] = static_cast<T>(total[channels + i]);
  }
}

}  // namespace tensorlab::inline v0::detail
