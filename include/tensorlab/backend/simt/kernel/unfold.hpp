#pragma once

#include <tensorlab/backend/simt/group.hpp>
#include <tensorlab/backend/simt/kernel/image.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// The patches that a convolution's windows see, as the rows of a matrix: element (n, p, q), (r, s, c) of it is x at
/// (n, c, p stride - pad + r dilation, ..), or 0 on the padding. A lane per element.
template <class T>
struct unfold_body {
  image<const T> x;
  window_axis vertical, horizontal;
  std::int64_t height, width;  // of the output
  T* patches;

  TL_HD std::int64_t count() const {
    return x.extent[0] * height * width * vertical.kernel * horizontal.kernel * x.extent[1];
  }

  template <class G>
  TL_HD void operator()(G& g) const {
    const std::int64_t all = count(), step = global_size(g);
    for (std::int64_t i = global_rank(g); i < all; i += step) {
      std::int64_t rest = i / x.extent[1];
      const std::int64_t c = i - rest * x.extent[1];
      const std::int64_t s = rest % horizontal.kernel;
      rest /= horizontal.kernel;
      const std::int64_t r = rest % vertical.kernel;
      rest /= vertical.kernel;
      const std::int64_t v = horizontal.input(rest % width, s);
      rest /= width;
      const std::int64_t h = vertical.input(rest % height, r);
      const bool inside = h >= 0 && h < x.extent[2] && v >= 0 && v < x.extent[3];
      patches[i] = inside ? x.at(rest / height, c, h, v) : T(0);
    }
  }
};

/// The sum of what the patches hold of each input: the transpose of `unfold_body`. A lane per input.
template <class T>
struct refold_body {
  image<T> dx;
  window_axis vertical, horizontal;
  std::int64_t height, width;
  const T* patches;

  template <class G>
  TL_HD void operator()(G& g) const {
    for_each_element(g, dx, [&](const std::int64_t* at) {
      T sum = T(0);
      const auto add = [&](std::int64_t r, std::int64_t s, std::int64_t p, std::int64_t q) {
        const std::int64_t row = (at[0] * height + p) * width + q;
        sum += patches[((row * vertical.kernel + r) * horizontal.kernel + s) * dx.extent[1] + at[1]];
      };
      for_each_output(vertical, horizontal, at, height, width, add);
      dx.at(at[0], at[1], at[2], at[3]) = sum;
    });
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
