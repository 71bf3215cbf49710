#pragma once

#include <string>

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/option_text.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/nn/visit.hpp>
#include <tensorlab/ops/pool.hpp>

namespace tensorlab::inline v0 {

inline std::string to_string(const max_pool2d_options& o) {
  return concat("kernel=", o.kernel, nn::detail::window_text(o.stride, o.padding, o.dilation, 1));
}
inline std::string to_string(const avg_pool2d_options& o) {
  return concat("kernel=", o.kernel, nn::detail::window_text(o.stride, o.padding, window_pair(1), 1),
                o.count_include_pad ? "" : ", count_include_pad=false");
}
inline std::string to_string(const max_pool1d_options& o) {
  return concat("kernel=", o.kernel, nn::detail::window_text(o.stride, o.padding, o.dilation, 1));
}
inline std::string to_string(const avg_pool1d_options& o) {
  return concat("kernel=", o.kernel, nn::detail::window_text(o.stride, o.padding, std::int64_t{1}, 1),
                o.count_include_pad ? "" : ", count_include_pad=false");
}

}  // namespace tensorlab::inline v0

/// Pooling as layers: `max_pool2d{{.kernel = 3, .stride = 2, .padding = 1}}`. Equations, shapes and errors are those of
/// ops/pool.hpp.
namespace tensorlab::inline v0::nn {

/// The largest element of each window: [N, C, H, W] -> [N, C, P, Q].
struct max_pool2d {
  max_pool2d_options opt{.kernel = 1};

  static constexpr auto fields() { return v0::fields("opt", &max_pool2d::opt); }

  template <class T, backend B>
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, v0::max_pool2d(x, opt));
  }
};

/// The mean of each window: [N, C, H, W] -> [N, C, P, Q].
struct avg_pool2d {
  avg_pool2d_options opt{.kernel = 1};

  static constexpr auto fields() { return v0::fields("opt", &avg_pool2d::opt); }

  template <class T, backend B>
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, v0::avg_pool2d(x, opt));
  }
};

/// The largest element of each window: [N, C, L] -> [N, C, P].
struct max_pool1d {
  max_pool1d_options opt{.kernel = 1};

  static constexpr auto fields() { return v0::fields("opt", &max_pool1d::opt); }

  template <class T, backend B>
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, v0::max_pool1d(x, opt));
  }
};

/// The mean of each window: [N, C, L] -> [N, C, P].
struct avg_pool1d {
  avg_pool1d_options opt{.kernel = 1};

  static constexpr auto fields() { return v0::fields("opt", &avg_pool1d::opt); }

  template <class T, backend B>
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, v0::avg_pool1d(x, opt));
  }
};

/// The mean over all positions: [N, C, ..] -> [N, C].
struct global_avg_pool {
  static constexpr auto fields() { return v0::fields(); }

  template <class T, backend B>
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, v0::global_avg_pool(x));
  }
};

}  // namespace tensorlab::inline v0::nn
