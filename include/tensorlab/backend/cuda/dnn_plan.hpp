#pragma once

#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/backend/view.hpp>

namespace tensorlab::inline v0::cuda_kernel {

/// Whether a convolution is one for cuDNN, and in which memory order.
struct dnn_plan {
  bool suits = false, channels_last = false;

  /// For images `y` and `x` of the forward pass and weights `w`.
  ///
  /// cuDNN pads both sides alike, takes 32-bit extents, and wants both images dense in one memory order. Depthwise
  /// windows are left to the bodies of our own, which read every element once.
  template <class Y, class X, class W>
  static dnn_plan of(const view<Y>& y, const view<X>& x, const view<W>& w, const window_geometry& g) {
    dnn_plan p;
    constexpr std::int64_t most = 0x7fffffff;
    if (y.size() == 0 || x.size() == 0 || w.size() == 0) return p;
    if (y.size() > most || x.size() > most || w.size() > most) return p;
    if (g.groups > 1 && w.shape[1] == 1) return p;
    window_geometry even = g;
    even.pad_end = g.pad_begin;
    if (even.out(0, x.shape[2]) != y.shape[2] || even.out(1, x.shape[3]) != y.shape[3]) return p;
    p.channels_last = is_dense(y, true) && is_dense(x, true);
    p.suits = p.channels_last || (is_dense(y, false) && is_dense(x, false));
    return p;
  }

  /// Whether an [N, C, H, W] operand is dense in the order N, H, W, C or N, C, H, W.
  template <class T>
  static bool is_dense(const view<T>& v, bool channels_last) {
    const shape &s = v.shape, &t = v.strides;
    if (!channels_last) return v.is_row_major();
    return v0::is_row_major({s[0], s[2], s[3], s[1]}, {t[0], t[2], t[3], t[1]});
  }
};

}  // namespace tensorlab::inline v0::cuda_kernel
