#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <tensorlab/behaviour/window_set.hpp>

namespace tensorlab::inline v0::behaviour {

/// How far a window of poses may be changed so that what the person does stays the same.
struct pose_augmentation {
  double mirror = 0.5;   // probability that left and right change places
  double rotation = 15;  // degrees about the origin, to either side
  double scale = 0.15;   // share by which the body grows or shrinks at most
  double tempo = 0.25;   // share by which the motion is slowed down at most
  double noise = 0.02;   // standard deviation of every coordinate, in units of the windows
};

/// A random change of a pose window `(x [T, F], y [C])`, F being x and y of one joint after the other: the same
/// mirroring, turn and scale in all frames, a part of the window stretched over its whole length (linear between
/// frames), and noise. Labels stay. For `data::map`.
class augment_pose {
 public:
  using sample = std::tuple<host<float>, host<float>>;

  /// `joints` are the names in the order of the features; "left_..." and "right_..." of one name are a pair.
  /// **Throws** value_error if a joint has no partner or an option is out of range.
  augment_pose(const std::vector<std::string>& joints, const pose_augmentation& options = {}) : options_(options) {
    const bool sound = options.mirror >= 0 && options.mirror <= 1 && options.scale >= 0 && options.scale < 1 &&
                       options.tempo >= 0 && options.tempo < 1 && options.noise >= 0 && options.rotation >= 0;
    if (!sound) throw_value_error("augment_pose: mirror in 0..1, scale and tempo in 0..<1, rotation and noise from 0");
    for (const std::string& name : joints) {
      const std::string partner = other_side(name);
      const auto at = std::find(joints.begin(), joints.end(), partner);
      if (at == joints.end())
        throw_value_error(concat("augment_pose: joint ", name, " has no partner ", partner, " to be mirrored with"));
      partner_.push_back(static_cast<std::size_t>(at - joints.begin()));
    }
  }

  /// **Throws** shape_error unless x is [T, 2 * joints].
  sample operator()(const sample& s, const random::stream& rng) const {
    const host<float>& x = std::get<0>(s);
    const auto width = static_cast<std::int64_t>(2 * partner_.size());
    if (x.rank() != 2 || x.dim(1) != width || x.dim(0) < 1)
      throw_shape_error(
          concat("augment_pose: ", partner_.size(), " joints need windows [T, ", width, "], got ", x.shape()));
    return {change(x, rng), std::get<1>(s)};
  }

 private:
  static std::string other_side(const std::string& name) {
    if (name.starts_with("left_")) return "right_" + name.substr(5);
    if (name.starts_with("right_")) return "left_" + name.substr(6);
    return name;
  }

  host<float> change(const host<float>& x, const random::stream& rng) const {
    const bool mirror = rng.uniform() < options_.mirror;
    const double angle = rng.uniform(-1, 1) * options_.rotation * 3.141592653589793 / 180;
    const double scale = 1 + rng.uniform(-1, 1) * options_.scale;
    const double c = scale * std::cos(angle), s = scale * std::sin(angle), side = mirror ? -1 : 1;
    const double last = static_cast<double>(x.dim(0) - 1);
    const double length = last * (1 - rng.uniform(0, options_.tempo));
    const double first = rng.uniform(0, last - length);

    const std::vector<float> in = x.to_vector();
    const std::size_t frames = static_cast<std::size_t>(x.dim(0)), width = 2 * partner_.size();
    std::vector<float> out;
    out.reserve(in.size());
    for (std::size_t t = 0; t < frames; ++t) {
      const double at = frames == 1 ? 0 : first + length * static_cast<double>(t) / last;
      const auto before = static_cast<std::size_t>(at);
      const std::size_t after = (std::min)(before + 1, frames - 1);
      const double share = at - static_cast<double>(before);
      for (std::size_t j = 0; j < partner_.size(); ++j) {
        const std::size_t from = 2 * (mirror ? partner_[j] : j);
        const auto between = [&](std::size_t k) {
          return (1 - share) * static_cast<double>(in[before * width + k]) +
                 share * static_cast<double>(in[after * width + k]);
        };
        const double u = side * between(from), v = between(from + 1);
        out.push_back(static_cast<float>(c * u - s * v + options_.noise * rng.normal()));
        out.push_back(static_cast<float>(s * u + c * v + options_.noise * rng.normal()));
      }
    }
    return host<float>::from(out, x.shape());
  }

  pose_augmentation options_;
  std::vector<std::size_t> partner_;
};

}  // namespace tensorlab::inline v0::behaviour
