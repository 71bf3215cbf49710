#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <tensorlab/nn/module.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/quantized/range.hpp>

namespace tensorlab::inline v0::quantized {

/// The ranges of the inputs of a network's layers, by the layers' paths.
using calibration = std::map<std::string, range>;

/// How ranges are chosen.
struct calibration_options {
  /// The share of the values that a range covers, in percent, in (0, 100]; half of the others saturate at either end.
  double percentile = 100;
};

namespace detail {

/// The values that a layer was called with: their least and greatest, and how many there are of each bfloat16 in
/// between, in ascending order.
class observed_values {
 public:
  explicit observed_values(bool counts) : counts_(counts ? std::size_t{1} << 16 : 0) {}

  /// **Throws** value_error that names the layer for a value that is not finite.
  void add(const std::string& layer, std::span<const float> values) {
    for (float v : values) {
      if (!std::isfinite(v)) throw_value_error(concat("calibrate: layer '", layer, "': an input is ", v));
      lo_ = (std::min)(lo_, v);
      hi_ = (std::max)(hi_, v);
      if (!counts_.empty()) ++counts_[key_of(v)];
    }
    count_ += static_cast<std::int64_t>(values.size());
  }
  bool empty() const { return count_ == 0; }
  /// The range without the smallest and greatest values that make up half of 100 - `percentile` percent each.
  range covering(double percentile) const {
    if (counts_.empty()) return {lo_, hi_};
    const double left_out = static_cast<double>(count_) * (1 - percentile / 100) / 2;
    std::int64_t below = 0, above = 0;
    std::size_t first = 0, last = counts_.size() - 1;
    while (static_cast<double>(below + counts_[first]) <= left_out) below += counts_[first++];
    while (static_cast<double>(above + counts_[last]) <= left_out) above += counts_[last--];
    return {(std::max)(lo_, edge_of(first, false)), (std::min)(hi_, edge_of(last, true))};
  }

 private:
  static std::size_t key_of(float v) {
    const auto bits = v0::detail::bit_copy<std::uint32_t>(v);
    return (bits >> 31) != 0 ? 0x7fffu - ((bits >> 16) & 0x7fffu) : 0x8000u + (bits >> 16);
  }
  /// The least or greatest value of a key.
  static float edge_of(std::size_t key, bool greatest) {
    const bool negative = key < 0x8000u;
    const auto top = static_cast<std::uint32_t>(negative ? 0xffffu - key : key - 0x8000u);
    return v0::detail::bit_copy<float>(top << 16 | (negative == greatest ? 0u : 0xffffu));
  }

  std::vector<std::int64_t> counts_;
  std::int64_t count_ = 0;
  float lo_ = 0, hi_ = 0;  // 0 is always among the values
};

/// Finds the paths of a network's records, and that none is in training.
struct path_finder final : nn::visitor<float, cpu> {
  void enter(const std::string& path, const record_id& id, const std::string&, const std::string&) override {
    paths.emplace(id, path);
  }
  void on_mode(const std::string& path, nn::mode& m) override {
    if (m.training) throw_value_error(concat("calibrate: '", path, "' is set to training; call eval(net) before"));
  }
  std::map<record_id, std::string> paths;
};

class range_observer final : public nn::input_listener<float, cpu> {
 public:
  range_observer(std::map<record_id, std::string> paths, const calibration_options& o)
      : paths_(std::move(paths)), options_(o) {
    if (!(o.percentile > 0 && o.percentile <= 100))
      throw_value_error(concat("calibrate: percentile must lie in (0, 100], got ", o.percentile));
  }
  void on_input(const record_id& layer, const tensor<float, cpu>& x) override {
    const auto path = paths_.find(layer);
    if (path == paths_.end()) return;
    const auto at = seen_.try_emplace(path->second, options_.percentile < 100).first;
    const auto dense = x.array().contiguous();
    at->second.add(path->second, {dense.data(), static_cast<std::size_t>(dense.size())});
  }
  /// **Throws** value_error if no layer was called with values.
  calibration ranges() const {
    calibration c;
    for (const auto& [path, values] : seen_)
      if (!values.empty()) c.emplace(path, values.covering(options_.percentile));
    if (c.empty()) throw_value_error("calibrate: no linear, LSTM or GRU layer of the network was called with values");
    return c;
  }

 private:
  std::map<record_id, std::string> paths_;
  calibration_options options_;
  std::map<std::string, observed_values> seen_;
};

}  // namespace detail

/// The ranges of what enters the linear, LSTM and GRU layers of `net` while `run(net)` calls it with representative
/// inputs: `calibrate(net, [&](auto& m) { for (const auto& x : batches) m(x); })`. Nothing is recorded on the way.
///
/// A range always holds 0. **Throws** value_error for a network in training, an input that is not finite, a percentile
/// out of (0, 100], and if no such layer was called.
template <class M, class F>
calibration calibrate(M& net, F&& run, const calibration_options& options = {}) {
  static_assert(std::is_same_v<nn::value_type_of<M>, float> && std::is_same_v<nn::backend_of<M>, cpu>,
                "calibrate: only networks of float on the cpu backend have an 8-bit form");
  detail::path_finder finder;
  nn::visit(net, finder);
  detail::range_observer observer(std::move(finder.paths), options);
  const no_grad untracked;
  const nn::input_scope<float, cpu> scope(observer);
  run(net);
  return observer.ranges();
}

}  // namespace tensorlab::inline v0::quantized
