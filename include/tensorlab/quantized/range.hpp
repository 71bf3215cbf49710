#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/backend/cpu/int8.hpp>
#include <tensorlab/nn/parameter.hpp>

namespace tensorlab::inline v0::quantized {

/// The interval in which the values that enter a layer are represented; what lies outside saturates.
struct range {
  float lo = 0, hi = 0;
  friend bool operator==(const range&, const range&) = default;
};
inline std::string to_string(const range& r) { return concat("[", r.lo, ", ", r.hi, "]"); }

/// Weights as integers in [-127, 127] with a scale per row: w = scale q.
struct int8_matrix {
  buffer<std::int8_t, cpu> values;
  buffer<float, cpu> scale;
};

namespace detail {

using v0::detail::byte_scale;
using v0::detail::int8_strips;

/// Bytes for `r` widened to hold 0, which is then represented exactly: scale = (hi - lo) / 255, zero = round(-lo /
/// scale).
inline byte_scale byte_scale_of(const range& r) {
  const double lo = (std::min)(0.0, static_cast<double>(r.lo)), hi = (std::max)(0.0, static_cast<double>(r.hi));
  const double scale = (std::max)((hi - lo) / 255, static_cast<double>((std::numeric_limits<float>::min)()));
  return {static_cast<float>(scale), static_cast<std::int32_t>(std::nearbyint(-lo / scale))};
}

/// A range as a layer saves it; [0, 0] where there is none yet.
inline buffer<float, cpu> range_buffer(const range& r) {
  return buffer<float, cpu>(tensor<float, cpu>::from({r.lo, r.hi}, {2}));
}

/// **Throws** value_error unless the range is finite, in order and not empty.
inline void require_range(const std::string& layer, const range& r) {
  if (!std::isfinite(r.lo) || !std::isfinite(r.hi) || r.lo > r.hi || (r.lo == 0 && r.hi == 0))
    throw_value_error(concat(layer, ": not a range of inputs: ", r, "; calibrate with inputs that are not all zero"));
}

/// The range that a layer was quantised with. **Throws** value_error for a layer that was not calibrated.
inline range require_calibrated(const char* layer, const tensor<float, cpu>& saved) {
  const range r{saved.span()[0], saved.span()[1]};
  if (r == range{})
    throw_value_error(
        concat(layer, ": the layer is not calibrated: quantize it with the ranges of calibrate(), or load a state"));
  require_range(layer, r);
  return r;
}

/// **Throws** gradient_error if a gradient of `x` is wanted.
inline void require_untracked(const char* layer, const tensor<float, cpu>& x) {
  if (grad_enabled() && x.tracked())
    throw_gradient_error(
        concat(layer, ": 8-bit layers have no gradient; call them under no_grad or with stop_gradient(x)"));
}

inline bool all_finite(const tensor<float, cpu>& t) {
  const auto dense = t.array().contiguous();
  return std::all_of(dense.data(), dense.data() + dense.size(), [](float v) { return std::isfinite(v); });
}

/// A layer's weights before any are loaded. **Throws** value_error that starts with `name` for too many terms.
inline int8_matrix zero_matrix(const std::string& name, std::int64_t rows, std::int64_t terms) {
  if (terms > v0::detail::longest_int8_sum)
    throw_value_error(concat(name, ": a sum of ", terms, " products of bytes may not fit 32 bits; at most ",
                             v0::detail::longest_int8_sum, " inputs"));
  return {buffer<std::int8_t, cpu>(tensor<std::int8_t, cpu>::zeros({rows, terms})),
          buffer<float, cpu>(tensor<float, cpu>::ones({rows}))};
}
inline buffer<float, cpu> zero_bias(bool wanted, std::int64_t rows) {
  return wanted ? buffer<float, cpu>(tensor<float, cpu>::zeros({rows})) : buffer<float, cpu>();
}
/// **Throws** value_error that starts with `name` for a bias that is not finite.
inline buffer<float, cpu> copied_bias(const std::string& name, const std::optional<parameter<float, cpu>>& bias) {
  if (bias && !all_finite(*bias)) throw_value_error(concat(name, ": a bias is not finite"));
  return bias ? buffer<float, cpu>(tensor<float, cpu>(bias->array().clone_row_major())) : buffer<float, cpu>();
}

}  // namespace detail

/// Weights [rows, terms] as 8-bit integers: scale = max |w| / 127 of the row, q = round(w / scale).
///
/// **Throws** value_error that starts with `name` for a weight that is not finite and for rows of more than 32768
/// terms, whose sums do not fit 32 bits.
inline int8_matrix quantize_rows(const std::string& name, const tensor<float, cpu>& w) {
  const auto [rows, terms] = w.dims<2>("quantize_rows");
  const auto dense = w.array().contiguous();
  int8_matrix out = detail::zero_matrix(name, rows, terms);
  const auto q = out.values.mutable_span();
  const auto scale = out.scale.mutable_span();
  for (std::int64_t i = 0; i < rows; ++i) {
    const float* const row = dense.data() + i * terms;
    float largest = 0;
    for (std::int64_t k = 0; k < terms; ++k) {
      if (!std::isfinite(row[k])) throw_value_error(concat(name, ": row ", i, " of the weights is not finite"));
      largest = (std::max)(largest, std::abs(row[k]));
    }
    const float step = (std::max)(largest / 127, (std::numeric_limits<float>::min)());
    scale[static_cast<std::size_t>(i)] = step;
    for (std::int64_t k = 0; k < terms; ++k)
      q[static_cast<std::size_t>(i * terms + k)] =
          static_cast<std::int8_t>(std::clamp(std::nearbyint(row[k] / step), -127.0f, 127.0f));
  }
  return out;
}

}  // namespace tensorlab::inline v0::quantized
