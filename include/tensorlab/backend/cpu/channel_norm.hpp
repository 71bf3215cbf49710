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
    number_of(p, mean, i) = static_cast<T>(middle[i]);
    number_of(p, rstd, i) = static_cast<T>(1.0 / std::sqrt(squares[i] / static_cast<double>(p.rows) + eps));
  }
}

struct nothing_before {
  void operator()(std::int64_t, std::int64_t) const {}
};

/// Writes two sums for each channel, of what `terms(dy, x, numbers..)` gives for each pixel. `before(begin, end)` is
/// called ahead of a chunk of rows, which fits a cache: it may write them.
template <class T, int Count, class F, class Before>
void channel_term_sums(const pixel_rows& p, const T* dy, const T* x, const channel_numbers<T, Count>& numbers,
                       const view<T>& first_sum, const view<T>& second_sum, const F& terms, const Before& before) {
  const std::int64_t channels = p.channels;
  const row_chunks chunks(p);
  const scratch<double> parts(chunks.count * 2 * channels);
  parallel_for(chunks.count, chunks.length * channels, 1, [&](std::int64_t first, std::int64_t last) {
    const channel_sums<T, 2> sums(channels);
    for (std::int64_t c = first; c < last; ++c) {
      before(chunks.begin(c), chunks.end(c));
      sums.take(chunks.begin(c), chunks.end(c), std::array{dy, x}, numbers, terms);
      for (int k = 0; k < 2; ++k) std::copy_n(sums.of(k), channels, parts.data() + (2 * c + k) * channels);
    }
  });
  double* const total = parts.data();
  for (std::int64_t c = 1; c < chunks.count; ++c)
    for (std::int64_t i = 0; i < 2 * channels; ++i) total[i] += total[c * 2 * channels + i];
  for (std::int64_t i = 0; i < channels; ++i) {
    number_of(p, first_sum, i) = static_cast<T>(total[i]);
    number_of(p, second_sum, i) = static_cast<T>(total[channels + i]);
  }
}

/// Writes the sums of dy and of dy xhat, xhat = (x - mean) rstd, for each channel.
template <class T, class Before = nothing_before>
void channel_gradient_sums(const pixel_rows& p, const T* dy, const T* x, const view<const T>& mean,
                           const view<const T>& rstd, const view<T>& sum, const view<T>& sum_xhat,
                           const Before& before = {}) {
  const channel_numbers<T, 2> numbers(p.channels);
  for (std::int64_t i = 0; i < p.channels; ++i) {
    numbers.of(0)[i] = number_of(p, mean, i);
    numbers.of(1)[i] = number_of(p, rstd, i);
  }
  const auto terms = [](const pack<T>& d, const pack<T>& v, const pack<T>& m, const pack<T>& r) {
    return std::array{d, d * ((v - m) * r)};
  };
  channel_term_sums(p, dy, x, numbers, sum, sum_xhat, terms, before);
}

/// The numbers of a normalisation's forward pass: mean, rstd gamma, beta; and of its backward pass with these two:
/// dx = (dy - offset - (x - mean) slope) rstd gamma.
enum channel_number { at_mean, at_scale, at_shift, at_offset, at_slope };

template <class T, int Count, class S, class G>
void fill_forward_numbers(const channel_numbers<T, Count>& to, const pixel_rows& p, const view<S>& mean,
                          const view<S>& rstd, const view<G>& gamma, const view<G>& beta) {
  for (std::int64_t i = 0; i < p.channels; ++i) {
    to.of(at_mean)[i] = number_of(p, mean, i);
    to.of(at_scale)[i] = number_of(p, rstd, i) * number_of(p, gamma, i);
    to.of(at_shift)[i] = number_of(p, beta, i);
  }
}

template <class T>
void fill_backward_numbers(const channel_numbers<T, 5>& to, const pixel_rows& p, const view<const T>& rstd,
                           const view<T>& dgamma, const view<T>& dbeta) {
  const double share = 1.0 / static_cast<double>(p.rows);
  for (std::int64_t i = 0; i < p.channels; ++i) {
    const double hat = static_cast<double>(number_of(p, rstd, i)) * static_cast<double>(number_of(p, dgamma, i));
    to.of(at_offset)[i] = static_cast<T>(static_cast<double>(number_of(p, dbeta, i)) * share);
    to.of(at_slope)[i] = static_cast<T>(hat * share);
  }
}

/// A pixel's gradient, with the numbers above.
struct channel_gradient_of {
  template <class V>
  V operator()(const V& dy, const V& x, const V& mean, const V& scale, const V&, const V& offset,
               const V& slope) const {
    return (dy - fma(x - mean, slope, offset)) * scale;
  }
};

}  // namespace tensorlab::inline v0::detail
