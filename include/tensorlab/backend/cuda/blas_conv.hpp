#pragma once

#include <tensorlab/backend/cuda/blas_gemm.hpp>
#include <tensorlab/backend/simt/kernel/unfold.hpp>

namespace tensorlab::inline v0::cuda_kernel {

/// Convolutions without groups as matrix products: of the images themselves where the window is one pixel, else of the
/// patches that its positions see, some images at a time. Grouped ones go to the bodies of our own.
template <class L, class Blas>
struct blas_conv {
  /// Whether the images themselves are the product's left matrix.
  static bool is_product(const window_geometry& g) {
    for (std::size_t i = 0; i < 2; ++i)
      if (g.kernel[i] != 1 || g.stride[i] != 1 || g.pad_begin[i] != 0 || g.pad_end[i] != 0) return false;
    return g.groups == 1;
  }

  template <class T>
  static void conv(view<T> y, view<const T> x, view<const T> w, const T* bias, const window_geometry& g) {
    if (!suits(y, x, w, g)) return own::conv(y, x, w, bias, g);
    const gemm_epilogue<T> e{bias, false, g.factors};
    const weights<T> matrix(w);
    if (is_product(g)) return product::gemm(pixels(y), pixels(x), matrix.transposed(y), e);
    for_each_part(y.shape, w.shape, [&](std::int64_t first, std::int64_t count) {
      const view<T> part = images(y, first, count);
      const patches<T> from(part, w, y.data);
      from.unfold(images(x, first, count), g);
      product::gemm(pixels(part), from.read(), matrix.transposed(part), e);
    });
  }

  template <class T>
  static void conv_dx(view<T> dx, view<const T> dy, view<const T> w, const window_geometry& g) {
    if (!suits(dx, dy, w, g)) return own::conv_dx(dx, dy, w, g);
    const weights<T> matrix(w);
    if (is_product(g))
      return product::gemm(pixels(dx), pixels(dy), matrix.plain(dy), gemm_epilogue<T>{nullptr, false, g.factors});
    for_each_part(dy.shape, w.shape, [&](std::int64_t first, std::int64_t count) {
      const view<const T> part = images(dy, first, count);
      const patches<T> to(part, w, dx.data);
      product::gemm(to.write(), pixels(part), matrix.plain(part), gemm_epilogue<T>{nullptr, false, g.factors});
      to.refold(images(dx, first, count), g);
    });
  }

  template <class T>
  static void conv_dw(view<T> dw, view<const T> dy, view<const T> x, const window_geometry& g) {
    if (!suits(dw, dy, x, g)) return own::conv_dw(dw, dy, x, g);
    const std::int64_t outputs = dw.shape[0], taps = dw.size() / outputs;
    const bool direct = has_rows(dw);
    const typename L::scratch memory(dw.data, direct ? 0 : static_cast<std::size_t>(dw.size()) * sizeof(T));
    const view<T> to{direct ? dw.data : static_cast<T*>(memory.data()), {outputs, taps}, {taps, 1}};
    const auto add = [&](const view<const T>& gradient, const T* seen, bool accumulate) {
      const dense_pixels<T> rows(gradient);
      const view<const T> left{rows.data, {outputs, rows.count}, {1, outputs}};
      const view<const T> right{seen, {rows.count, taps}, {taps, 1}};
      product::gemm(to, left, right, gemm_epilogue<T>{nullptr, accumulate, g.factors});
    };
    if (is_product(g)) {
      add(dy, dense_pixels<T>(x).data, false);
    } else {
      for_each_part(dy.shape, dw.shape, [&](std::int64_t first, std::int64_t count) {
        const view<const T> part = images(dy, first, count);
        const patches<T> from(part, dw, dw.data);
        from.unfold(images(x, first, count), g);
        add(part, from.data(), first > 0);
      });
    }
    if (!direct)
      elementwise::map(rule::copy{}, pixels(dw), view<const T>{to.data, pixels(dw).shape, row_major(pixels(dw).shape)});
  }

 private:
  using product = blas_gemm<L, Blas>;
  using own = simt_kernel::linear_primitives<L>;
  using elementwise = simt_kernel::elementwise_primitives<L>;

  static constexpr std::int64_t most_patches = std::int64_t{1} << 25;  // elements held at a time

  template <class A, class B, class C>
  static bool suits(const view<A>& a, const view<B>& b, const view<C>& c, const window_geometry& g) {
    return g.groups == 1 && a.size() > 0 && b.size() > 0 && c.size() > 0;
  }
  /// [N, C, H, W] read as [N, H, W, C].
  template <class T>
  static view<T> pixels(const view<T>& v) {
    return {v.data,
            {v.shape[0], v.shape[2], v.shape[3], v.shape[1]},
            {v.strides[0], v.strides[2], v.strides[3], v.strides[1]}};
  }
  template <class T>
  static view<T> images(view<T> v, std::int64_t first, std::int64_t count) {
    v.data += first * v.strides[0];
    v.shape[0] = count;
    return v;
  }
  /// Whether the pixels' channels lie one after the other, without gaps.
  template <class T>
  static bool has_rows(const view<T>& v) {
    return pixels(v).is_row_major();
  }

  template <class F>
  static void for_each_part(const shape& y, const shape& w, F f) {
    const std::int64_t per_image = y[2] * y[3] * w[1] * w[2] * w[3];
    const std::int64_t at_once = per_image < most_patches ? most_patches / per_image : 1;
    for (std::int64_t first = 0; first < y[0]; first += at_once)
      f(first, first + at_once < y[0] ? at_once : y[0] - first);
  }

  /// The dense pixels of an image operand, copied where they are not.
  template <class T>
  struct dense_pixels {
    typename L::scratch memory;
    const T* data;
    std::int64_t count;

    explicit dense_pixels(const view<const T>& v)
        : memory(v.data, has_rows(v) ? 0 : static_cast<std::size_t>(v.size()) * sizeof(T)),
          data(v.data),
          count(v.size() / v.shape[1]) {
      if (has_rows(v)) return;
      const view<const T> from = pixels(v);
      elementwise::map(rule::copy{}, view<T>{static_cast<T*>(memory.data()), from.shape, row_major(from.shape)}, from);
      data = static_cast<const T*>(memory.data());
    }
  };

  /// Weights [K, C, R, S] as the matrix [K, R S C].
  template <class T>
  struct weights {
    dense_pixels<T> dense;
    std::int64_t outputs, taps;

    explicit weights(const view<const T>& w) : dense(w), outputs(w.shape[0]), taps(w.size() / w.shape[0]) {}
    /// Repeated for the leading dimensions of an image operand's pixels.
    template <class U>
    view<const T> plain(const view<U>& image) const {
      return {dense.data, {image.shape[0], image.shape[2], outputs, taps}, {0, 0, taps, 1}};
    }
    template <class U>
    view<const T> transposed(const view<U>& image) const {
      return {dense.data, {image.shape[0], image.shape[2], taps, outputs}, {0, 0, 1, taps}};
    }
  };

  /// Room for the patches [N, P, Q, R S C] of some images; `y` has the convolution's output shape.
  template <class T>
  class patches {
   public:
    template <class Y, class W>
    patches(const view<Y>& y, const view<W>& w, const void* at)
        : shape_{y.shape[0], y.shape[2], y.shape[3], w.shape[1] * w.shape[2] * w.shape[3]},
          memory_(at, static_cast<std::size_t>(shape_.size()) * sizeof(T)) {}
    T* data() const { return static_cast<T*>(memory_.data()); }
    view<T> write() const { return {data(), shape_, row_major(shape_)}; }
    view<const T> read() const { return write(); }

    void unfold(const view<const T>& x, const window_geometry& g) const {
      const simt_kernel::unfold_body<T> body{simt_kernel::image<const T>(x),
                                             simt_kernel::window_axis(g, 0),
                                             simt_kernel::window_axis(g, 1),
                                             shape_[1],
                                             shape_[2],
                                             data()};
      elementwise::over_lanes("conv", data(), body.count(), body);
    }
    void refold(const view<T>& dx, const window_geometry& g) const {
      const simt_kernel::refold_body<T> body{simt_kernel::image<T>(dx),
                                             simt_kernel::window_axis(g, 0),
                                             simt_kernel::window_axis(g, 1),
                                             shape_[1],
                                             shape_[2],
                                             data()};
      elementwise::over_lanes("conv_dx", dx.data, dx.size(), body);
    }

   private:
    shape shape_;
    typename L::scratch memory_;
  };
};

}  // namespace tensorlab::inline v0::cuda_kernel
