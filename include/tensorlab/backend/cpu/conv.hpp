#pragma once

#include <concepts>
#include <cstring>

#include <tensorlab/backend/cpu/gemm.hpp>
#include <tensorlab/backend/cpu/primitive_cache.hpp>
#include <tensorlab/core/dtype.hpp>
#include <tensorlab/rule/activation.hpp>
#include <tensorlab/rule/binary.hpp>
#if TENSORLAB_HAS_ONEDNN
#include <tensorlab/backend/cpu/onednn.hpp>
#endif

namespace tensorlab::inline v0::detail {

/// A channels-last reading of an operand: the operand itself, or a copy for the length of a scope.
template <class T>
class channels_last_input {
 public:
  explicit channels_last_input(const view<const T>& v)
      : copy_(is_channels_last(v.shape, v.strides) ? 0 : v.size()), data_(copy_.data() ? copy_.data() : v.data) {
    if (copy_.data()) cpu_elementwise::map(rule::copy{}, view<T>{copy_.data(), v.shape, channels_last(v.shape)}, v);
  }
  const T* data() const { return data_; }

 private:
  scratch<T> copy_;
  const T* data_;
};

/// The same for a result: what was written to `data()` is in the operand after `finish()`.
template <class T>
class channels_last_output {
 public:
  explicit channels_last_output(const view<T>& v)
      : to_(v), copy_(is_channels_last(v.shape, v.strides) ? 0 : v.size()) {}
  T* data() const { return copy_.data() ? copy_.data() : to_.data; }
  void finish() const {
    if (copy_.data())
      cpu_elementwise::map(rule::copy{}, to_, view<const T>{copy_.data(), to_.shape, channels_last(to_.shape)});
  }

 private:
  view<T> to_;
  scratch<T> copy_;
};

/// A factor of a convolution in bf16, dense in the given order.
class bf16_factor {
 public:
  bf16_factor(const view<const float>& v, const strides& order) : data_(v.size()), v_{data_.data(), v.shape, order} {
    cpu_elementwise::map(rule::convert<bf16>{}, view<bf16>{data_.data(), v.shape, order}, v);
  }
  const view<const bf16>& get() const { return v_; }

 private:
  scratch<bf16> data_;
  view<const bf16> v_;
};

/// The same values as floats again.
class rounded_factor {
 public:
  explicit rounded_factor(const bf16_factor& f)
      : data_(f.get().size()), v_{data_.data(), f.get().shape, f.get().strides} {
    cpu_elementwise::map(rule::convert<float>{}, view<float>{data_.data(), v_.shape, v_.strides}, f.get());
  }
  const view<const float>& get() const { return v_; }

 private:
  scratch<float> data_;
  view<const float> v_;
};

/// Convolution as matrix products over the windows' elements, laid out as rows (r, s, c): for the types and builds that
/// oneDNN does not serve. Activations are dense and channels-last.
template <class T>
struct window_products {
  shape x, y, w;
  window_geometry g;
  std::int64_t in_group = w[1], out_group = y[1] / g.groups;  // channels of a group
  std::int64_t terms = w[2] * w[3] * in_group;
  std::int64_t image = y[2] * y[3];
  std::int64_t pixels = y[0] * image;

  /// Elements of the largest buffer of windows, unless one image takes more.
  static constexpr std::int64_t buffer = std::int64_t{1} << 20;

  bool windows_are_pixels() const {
    return w[2] * w[3] == 1 && g.stride[0] * g.stride[1] == 1 && x[2] == y[2] && x[3] == y[3] && g.pad_begin[0] == 0 &&
           g.pad_begin[1] == 0;
  }

  /// Whether a convolution is one product of pixels and weights.
  bool is_product() const { return windows_are_pixels() && g.groups == 1; }

  // Where a product takes less time than oneDNN's convolution: 0.9 of it for the data gradient always, and with more
  // channels than before for the forward pass; 0.65 to 0.9 for the weights' gradient with more channels, or with fewer
  // pixels than channels; otherwise up to 1.2 of it.
  bool gains_channels() const { return is_product() && y[1] > x[1]; }
  bool has_few_pixels() const { return is_product() && pixels < x[1]; }

  /// The weights of all groups as matrices [terms, out_group], in a buffer of this order.
  view<T> weights_as_terms(T* data) const {
    const std::int64_t group = terms * out_group;
    return {data,
            {g.groups, out_group, in_group, w[2], w[3]},
            {group, 1, out_group, w[3] * in_group * out_group, in_group * out_group}};
  }
  template <class U>
  view<U> grouped(const view<U>& plain) const {
    const strides& s = plain.strides;
    return {plain.data, {g.groups, out_group, in_group, w[2], w[3]}, {s[0] * out_group, s[0], s[1], s[2], s[3]}};
  }

  void forward(T* y_data, const T* x_data, const view<const T>& weights, const T* bias) const {
    if (is_product() && bias == nullptr)
      return multiply(matrix<T>{y_data, y[1], 1}, matrix<const T>{x_data, x[1], 1},
                      matrix<const T>{weights.data, weights.strides[1], weights.strides[0]}, pixels, y[1], x[1], false);
    const scratch<T> matrices(w.size());
    cpu_elementwise::map(rule::copy{}, weights_as_terms(matrices.data()), grouped(weights));
    if (bias != nullptr)
      cpu_elementwise::map(rule::copy{}, view<T>{y_data, {pixels, y[1]}, {y[1], 1}},
                           view<const T>{bias, {pixels, y[1]}, {0, 1}});
    for_each_block((std::max)(std::int64_t{1}, buffer / terms), [&](std::int64_t group, std::int64_t begin,
                                                                    std::int64_t end, T* rows) {
      multiply(matrix<T>{y_data + begin * y[1] + group * out_group, y[1], 1}, windows(x_data, group, begin, end, rows),
               matrix<const T>{matrices.data() + group * terms * out_group, out_group, 1}, end - begin, out_group,
               terms, bias != nullptr);
    });
  }

  void weights_gradient(const view<T>& dw, const T* dy, const T* x_data) const {
    if (is_product())
      return multiply(matrix<T>{dw.data, dw.strides[0], dw.strides[1]}, matrix<const T>{dy, 1, y[1]},
                      matrix<const T>{x_data, x[1], 1}, y[1], x[1], pixels, false);
    const scratch<T> matrices(w.size());
    for_each_block((std::max)(std::int64_t{1}, buffer / terms), [&](std::int64_t group, std::int64_t begin,
                                                                    std::int64_t end, T* rows) {
      const matrix<const T> a = windows(x_data, group, begin, end, rows);
      multiply(matrix<T>{matrices.data() + group * terms * out_group, out_group, 1}, {a.data, a.column, a.row},
               matrix<const T>{dy + begin * y[1] + group * out_group, y[1], 1}, terms, out_group, end - begin,
               begin > 0);
    });
    cpu_elementwise::map(rule::copy{}, grouped(dw), view<const T>(weights_as_terms(matrices.data())));
  }

  void data_gradient(T* dx, const T* dy, const view<const T>& weights) const {
    if (is_product())
      return multiply(matrix<T>{dx, x[1], 1}, matrix<const T>{dy, y[1], 1},
                      matrix<const T>{weights.data, weights.strides[0], weights.strides[1]}, pixels, x[1], y[1], false);
    const scratch<T> matrices(w.size());
    cpu_elementwise::map(rule::copy{}, weights_as_terms(matrices.data()), grouped(weights));
    const std::int64_t images = (std::max)(std::int64_t{1}, buffer / (terms * image));
    for_each_block(images * image, [&](std::int64_t group, std::int64_t begin, std::int64_t end, T* rows) {
      multiply(matrix<T>{rows, terms, 1}, matrix<const T>{dy + begin * y[1] + group * out_group, y[1], 1},
               matrix<const T>{matrices.data() + group * terms * out_group, 1, out_group}, end - begin, terms,
               out_group, false);
      gather_windows(dx, rows, group, begin / image, end / image);
    });
  }

 private:
  /// Calls `body(group, first pixel, end pixel, buffer of windows)`.
  template <class F>
  void for_each_block(std::int64_t length, const F& body) const {
    length = (std::min)(length, pixels);
    const scratch<T> rows(length * terms);
    for (std::int64_t group = 0; group < g.groups; ++group)
      for (std::int64_t begin = 0; begin < pixels; begin += length)
        body(group, begin, (std::min)(pixels, begin + length), rows.data());
  }

  /// The windows of output pixels [begin, end) as a matrix [pixels, terms].
  matrix<const T> windows(const T* x_data, std::int64_t group, std::int64_t begin, std::int64_t end, T* rows) const {
    if (windows_are_pixels()) return {x_data + begin * x[1] + group * in_group, x[1], 1};
    parallel_for(end - begin, terms, 1, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = from; i < to; ++i) {
        const std::int64_t pixel = begin + i, n = pixel / image, p = pixel % image / y[3], q = pixel % y[3];
        T* row = rows + i * terms;
        for (std::int64_t r = 0; r < w[2]; ++r)
          for (std::int64_t s = 0; s < w[3]; ++s, row += in_group) {
            const std::int64_t h = p * g.stride[0] - g.pad_begin[0] + r * g.dilation[0];
            const std::int64_t v = q * g.stride[1] - g.pad_begin[1] + s * g.dilation[1];
            if (h >= 0 && h < x[2] && v >= 0 && v < x[3])
              std::memcpy(row, x_data + ((n * x[2] + h) * x[3] + v) * x[1] + group * in_group,
                          static_cast<std::size_t>(in_group) * sizeof(T));
            else
              std::fill_n(row, in_group, T(0));
          }
      }
    });
    return {rows, terms, 1};
  }

  /// dx of a group's channels: each pixel adds up the windows it was in, always in the same order.
  void gather_windows(T* dx, const T* rows, std::int64_t group, std::int64_t first_image,
                      std::int64_t end_image) const {
    parallel_for((end_image - first_image) * x[2], x[3] * terms, 1, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t line = from; line < to; ++line) {
        const std::int64_t n = line / x[2], h = line % x[2];
        for (std::int64_t v = 0; v < x[3]; ++v) {
          T* const out = dx + (((first_image + n) * x[2] + h) * x[3] + v) * x[1] + group * in_group;
          std::fill_n(out, in_group, T(0));
          for (std::int64_t r = 0; r < w[2]; ++r)
            for (std::int64_t s = 0; s < w[3]; ++s) {
              const std::int64_t p = h + g.pad_begin[0] - r * g.dilation[0], q = v + g.pad_begin[1] - s * g.dilation[1];
              if (p < 0 || q < 0 || p % g.stride[0] != 0 || q % g.stride[1] != 0) continue;
              if (p / g.stride[0] >= y[2] || q / g.stride[1] >= y[3]) continue;
              const std::int64_t pixel = n * image + p / g.stride[0] * y[3] + q / g.stride[1];
              const T* const term = rows + pixel * terms + (r * w[3] + s) * in_group;
              for (std::int64_t c = 0; c < in_group; ++c) out[c] += term[c];
            }
        }
      }
    });
  }
};

struct cpu_conv {
  template <class T>
  static void conv(view<T> y, view<const T> x, view<const T> w, const T* bias, const window_geometry& g) {
    if (y.size() == 0) return;
    if (w.size() == 0 || x.size() == 0) return fill_channels(y, bias);
    if constexpr (std::same_as<T, float>)
      if (g.factors == compute::bf16) {
        const bf16_factor first(x, channels_last(x.shape)), second(w, row_major(w.shape));
#if TENSORLAB_HAS_ONEDNN && defined(__AVX512BF16__)
        const channels_last_output<float> out(y);
        if (g.groups == 1 &&
            onednn::convolve({onednn::pass::forward, x.shape, w.shape, y.shape, row_major(w.shape), g, bias != nullptr},
                             first.get().data, second.get().data, bias, out.data()))
          return out.finish();
#endif
        return conv(y, rounded_factor(first).get(), rounded_factor(second).get(), bias, unrounded(g));
      }
    const channels_last_input<T> in(x);
    const channels_last_output<T> out(y);
    const window_products<T> products{x.shape, y.shape, w.shape, g};
#if TENSORLAB_HAS_ONEDNN
    if constexpr (std::same_as<T, float>)
      if (bias != nullptr || !products.gains_channels()) {
        onednn::convolve({onednn::pass::forward, x.shape, w.shape, y.shape, w.strides, g, bias != nullptr}, in.data(),
                         w.data, bias, out.data());
        return out.finish();
      }
#endif
    products.forward(out.data(), in.data(), w, bias);
    out.finish();
  }

  /// Puts a convolution into a recording with its weights, which do not change, in oneDNN's order. False, with nothing
  /// done, where oneDNN does not serve it.
  template <class T>
  [[gnu::cold]] static bool prepare([[maybe_unused]] capture& c, [[maybe_unused]] view<T> y,
                                    [[maybe_unused]] view<const T> x, [[maybe_unused]] view<const T> w,
                                    [[maybe_unused]] const T* bias, [[maybe_unused]] const window_geometry& g) {
#if TENSORLAB_HAS_ONEDNN
    if constexpr (std::same_as<T, float>) {
      if (y.size() == 0 || x.size() == 0 || w.size() == 0 || g.factors != compute::full) return false;
      const onednn::convolution_problem p{onednn::pass::forward, x.shape, w.shape, y.shape, w.strides, g,
                                          bias != nullptr};
      const auto made = std::make_shared<const onednn::prepared_convolution>(p, w.data);
      c.perform([=] {
        const channels_last_input<T> in(x);
        const channels_last_output<T> out(y);
        (*made)(in.data(), bias, out.data());
        out.finish();
      });
      return true;
    }
#endif
    return false;
  }

  /// y = max(y + residual, 0) in place; null data: no residual.
  template <class T>
  static void add_relu(view<T> y, view<const T> residual) {
    // Not oneDNN's, whose sum takes as long as this pass and whose relu turns NaN into 0.
    struct sum_relu {
      static pack<T> f(const pack<T>& a, const pack<T>& b) { return rule::relu::f(pack<T>(a + b)); }
    };
    if (residual.data == nullptr) return cpu_elementwise::map(rule::relu{}, y, view<const T>(y));
    cpu_elementwise::map(sum_relu{}, y, view<const T>(y), residual);
  }

  template <class T>
  static void conv_dx(view<T> dx, view<const T> dy, view<const T> w, const window_geometry& g) {
    if (dx.size() == 0) return;
    if (dy.size() == 0 || w.size() == 0) return cpu_elementwise::map(rule::fill<T>{T(0)}, dx);
    if constexpr (std::same_as<T, float>)
      if (g.factors == compute::bf16) {
        const bf16_factor first(dy, channels_last(dy.shape)), second(w, row_major(w.shape));
#if TENSORLAB_HAS_ONEDNN && defined(__AVX512BF16__)
        const channels_last_output<float> out(dx);
        if (g.groups == 1 &&
            onednn::convolve({onednn::pass::data, dx.shape, w.shape, dy.shape, row_major(w.shape), g, false},
                             out.data(), second.get().data, nullptr, first.get().data))
          return out.finish();
#endif
        return conv_dx(dx, rounded_factor(first).get(), rounded_factor(second).get(), unrounded(g));
      }
    const channels_last_input<T> in(dy);
    const channels_last_output<T> out(dx);
    const window_products<T> products{dx.shape, dy.shape, w.shape, g};
#if TENSORLAB_HAS_ONEDNN
    if constexpr (std::same_as<T, float>)
      if (!products.is_product()) {
        onednn::convolve({onednn::pass::data, dx.shape, w.shape, dy.shape, w.strides, g, false}, out.data(), w.data,
                         nullptr, in.data());
        return out.finish();
      }
#endif
    products.data_gradient(out.data(), in.data(), w);
    out.finish();
  }

  template <class T>
  static void conv_dw(view<T> dw, view<const T> dy, view<const T> x, const window_geometry& g) {
    if (dw.size() == 0) return;
    if (dy.size() == 0 || x.size() == 0) return cpu_elementwise::map(rule::fill<T>{T(0)}, dw);
    if constexpr (std::same_as<T, float>)
      if (g.factors == compute::bf16) {
        const bf16_factor first(dy, channels_last(dy.shape)), second(x, channels_last(x.shape));
#if TENSORLAB_HAS_ONEDNN && defined(__AVX512BF16__)
        if (g.groups == 1 &&
            onednn::convolve({onednn::pass::weights, x.shape, dw.shape, dy.shape, dw.strides, g, false},
                             second.get().data, dw.data, nullptr, first.get().data))
          return;
#endif
        return conv_dw(dw, rounded_factor(first).get(), rounded_factor(second).get(), unrounded(g));
      }
    const channels_last_input<T> gradient(dy), in(x);
    const window_products<T> products{x.shape, dy.shape, dw.shape, g};
#if TENSORLAB_HAS_ONEDNN
    if constexpr (std::same_as<T, float>)
      if (!products.gains_channels() && !products.has_few_pixels()) {
        onednn::convolve({onednn::pass::weights, x.shape, dw.shape, dy.shape, dw.strides, g, false}, in.data(), dw.data,
                         nullptr, gradient.data());
        return;
      }
#endif
    products.weights_gradient(dw, gradient.data(), in.data());
  }

  static void allow_winograd([[maybe_unused]] bool allowed) {
#if TENSORLAB_HAS_ONEDNN
    onednn::winograd_allowed() = allowed;
#endif
  }

  /// Hits, misses and size of the cache of convolution primitives; all zero without oneDNN.
  static cache_statistics convolution_cache() {
#if TENSORLAB_HAS_ONEDNN
    return onednn::convolutions().statistics();
#else
    return {};
#endif
  }

 private:
  static window_geometry unrounded(window_geometry g) {
    g.factors = compute::full;
    return g;
  }

  template <class T>
  static void fill_channels(const view<T>& y, const T* bias) {
    if (bias == nullptr) return cpu_elementwise::map(rule::fill<T>{T(0)}, y);
    cpu_elementwise::map(rule::copy{}, y, view<const T>{bias, y.shape, {0, 1, 0, 0}});
  }
};

}  // namespace tensorlab::inline v0::detail
