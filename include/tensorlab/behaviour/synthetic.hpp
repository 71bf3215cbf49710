#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <tensorlab/behaviour/window_set.hpp>

namespace tensorlab::inline v0::behaviour {

/// Sizes of a synthetic window set.
struct synthetic_options {
  std::int64_t videos = 40, windows_per_video = 30;
  std::int64_t frames = 16, joints = 17;
  std::uint64_t seed = 7;
};

/// Windows of made-up skeletons for trying the pipeline without data: each of six actions moves its own joints at its
/// own pace, a window shows one or two of them or none, with noise. One in four videos is marked for testing.
inline window_set synthetic_windows(const synthetic_options& o = {}) {
  const std::vector<std::string> names{"wave", "jump", "kick", "bow", "turn", "clap"};
  const auto classes = static_cast<std::int64_t>(names.size());
  const std::int64_t count = o.videos * o.windows_per_video, features = 2 * o.joints;
  const random::stream rng(o.seed);
  std::vector<float> x(static_cast<std::size_t>(count * o.frames * features)),
      y(static_cast<std::size_t>(count * classes));
  window_set set;
  for (std::int64_t i = 0; i < count; ++i) {
    set.group.push_back(i / o.windows_per_video);
    const std::int64_t shown = rng.uniform() < 0.15 ? 0 : (rng.uniform() < 0.25 ? 2 : 1);
    for (std::int64_t k = 0; k < shown; ++k)
      y[static_cast<std::size_t>(i * classes) + rng.below(static_cast<std::uint64_t>(classes))] = 1;
    const double phase = rng.uniform(0, 6.283185307179586);
    for (std::int64_t t = 0; t < o.frames; ++t)
      for (std::int64_t f = 0; f < features; ++f) {
        const std::int64_t joint = f / 2;
        double v = std::sin(0.7 * static_cast<double>(f)) + 0.3 * rng.normal();
        for (std::int64_t c = 0; c < classes; ++c) {
          if (y[static_cast<std::size_t>(i * classes + c)] == 0 || joint % classes != c) continue;
          v += 0.9 * std::sin(phase + (0.25 + 0.13 * static_cast<double>(c)) * static_cast<double>(t) +
                              (f % 2 == 0 ? 0.0 : 1.0));
        }
        x[static_cast<std::size_t>((i * o.frames + t) * features + f)] = static_cast<float>(v);
      }
  }
  set.x = host<float>::from(std::span<const float>(x), {count, o.frames, features});
  set.y = host<float>::from(std::span<const float>(y), {count, classes});
  set.events = names;
  for (std::int64_t v = 0; v < o.videos; v += 4) set.test_groups.push_back(v);
  set.meta = {{"events", names}, {"win", o.frames}, {"pose_source", "synthetic"}, {"test_groups", set.test_groups}};
  return set;
}

}  // namespace tensorlab::inline v0::behaviour
