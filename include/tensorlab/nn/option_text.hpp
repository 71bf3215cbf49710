#pragma once

#include <cstdio>
#include <string>

#include <tensorlab/ops/window.hpp>

/// Texts of settings, for the descriptions of layers.
namespace tensorlab::inline v0 {

inline std::string to_string(const window_pair& p) {
  return p.height == p.width ? concat(p.height) : concat("(", p.height, ", ", p.width, ")");
}
inline std::string to_string(const padding_sides& p) {
  return p.begin == p.end ? concat(p.begin) : concat("(", p.begin, ", ", p.end, ")");
}
inline std::string to_string(const window_padding& p) {
  return p.height == p.width ? to_string(p.height) : concat("(", p.height, ", ", p.width, ")");
}

namespace nn::detail {

/// The shortest usual form: 1e-05, 0.1.
inline std::string number_text(double v) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", v);
  return text;
}

/// The settings that convolutions and pools share, those that differ from the default alone.
template <class Stride, class Padding, class Dilation>
std::string window_text(const Stride& stride, const Padding& padding, const Dilation& dilation, std::int64_t groups) {
  std::string s;
  if (!(stride == Stride(1))) s += concat(", stride=", stride);
  if (!(padding == Padding(0))) s += concat(", padding=", padding);
  if (!(dilation == Dilation(1))) s += concat(", dilation=", dilation);
  if (groups != 1) s += concat(", groups=", groups);
  return s;
}

}  // namespace nn::detail

}  // namespace tensorlab::inline v0
