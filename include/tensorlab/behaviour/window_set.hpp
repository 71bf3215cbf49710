#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <tensorlab/backend/reference.hpp>
#include <tensorlab/io/json.hpp>
#include <tensorlab/io/npy.hpp>

/// Pose windows with several labels: what the behaviour pipeline trains on.
namespace tensorlab::inline v0::behaviour {

/// A tensor in plain host memory.
template <class T>
using host = tensor<T, reference>;

/// Windows, labels and what is known about them.
struct window_set {
  host<float> x;                          // [N, T, F]
  host<float> y;                          // [N, C], each in [0, 1]
  std::vector<std::string> events;        // C names
  std::vector<std::string> joints;        // whose x and y the features are, in their order; empty if unknown
  nlohmann::ordered_json meta;            // meta.json as it was read
  std::vector<std::int64_t> group;        // N: the video a window was cut from; empty if unknown
  std::vector<std::int64_t> test_groups;  // videos to be held out; may be empty

  std::int64_t size() const { return x.dim(0); }
  std::int64_t features() const { return x.dim(2); }
  std::int64_t classes() const { return y.dim(1); }

  /// Whether window `i` has at least one label.
  bool any_label(std::int64_t i) const {
    const auto row = y.span().subspan(static_cast<std::size_t>(i * classes()), static_cast<std::size_t>(classes()));
    return std::any_of(row.begin(), row.end(), [](float v) { return v > 0.5f; });
  }
};

namespace detail {

inline void require_finite(const host<float>& t, const std::string& path) {
  const auto values = t.span();
  const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
  if (bad == values.end()) return;
  std::int64_t rest = bad - values.begin();
  dims at = t.shape();
  for (int d = t.rank() - 1; d >= 0; --d) {
    at[d] = rest % t.shape()[d];
    rest /= t.shape()[d];
  }
  throw_format_error(concat(path, ": element ", at, " is ", std::isnan(*bad) ? "NaN" : "infinite",
                            "; clean the windows before training"));
}

inline void require_labels(const host<float>& y, const std::string& path) {
  const auto values = y.span();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] >= 0 && values[i] <= 1) continue;
    const auto c = static_cast<std::size_t>(y.dim(1));
    throw_format_error(concat(path, ": label [", i / c, ", ", i % c, "] is ", values[i], "; labels must lie in 0..1"));
  }
}

/// An array file with elements of type `T` and `rank` axes, which `axes` names.
template <class T>
host<T> load_array(const std::string& path, int rank, const char* axes) {
  const auto bytes = io::read_file(path);
  const auto header = io::parse_npy_header(bytes, path);
  if (header.type != dtype_of<T>)
    throw_format_error(concat(path, ": elements are ", header.type, ", not ", dtype_of<T>,
                              "; save the array with .astype(\"", dtype_of<T>, "\")"));
  if (header.shape.rank() != rank)
    throw_format_error(concat(path, ": expected shape ", axes, ", got ", header.shape, "; reshape the array to it"));
  return io::parse_npy<T, reference>(bytes, path, {});
}

/// PyTorch's files, which keep meta.json beside the weights, have integers of 64 signed bits.
inline void require_signed_integers(const nlohmann::ordered_json& value, const std::string& path) {
  if (value.is_structured()) {
    for (const auto& v : value) require_signed_integers(v, path);
  } else if (value.is_number_unsigned() && value.template get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
    throw_format_error(concat(path, ": the integer ", value.template get<std::uint64_t>(), " is larger than ",
                              INT64_MAX, "; write it as a string"));
  }
}

inline std::vector<std::string> names(const nlohmann::ordered_json& meta, const char* key, const std::string& path) {
  std::vector<std::string> out;
  if (!meta[key].is_array()) throw_format_error(concat(path, ": \"", key, "\" is not a list"));
  for (const auto& v : meta[key]) {
    if (!v.is_string()) throw_format_error(concat(path, ": \"", key, "\" holds something that is not a string"));
    out.push_back(v.template get<std::string>());
  }
  return out;
}

inline std::vector<std::string> event_names(const nlohmann::ordered_json& meta, std::int64_t classes,
                                            const std::string& path) {
  const char* key = meta.contains("events") ? "events" : "event_labels";
  if (!meta.contains(key) || !meta[key].is_array())
    throw_format_error(concat(path, ": no list of label names under the key \"events\""));
  auto found = names(meta, key, path);
  if (static_cast<std::int64_t>(found.size()) != classes)
    throw_format_error(concat(path, ": ", found.size(), " label names for the ", classes, " columns of Y.npy"));
  return found;
}

inline std::vector<std::int64_t> integers(const nlohmann::ordered_json& list, const char* key,
                                          const std::string& path) {
  std::vector<std::int64_t> out;
  for (const auto& v : list) {
    if (!v.is_number_integer())
      throw_format_error(concat(path, ": \"", key, "\" holds something that is not an integer"));
    out.push_back(v.template get<std::int64_t>());
  }
  return out;
}

}  // namespace detail

/// Reads `X.npy` (float32 [N, T, F]), `Y.npy` (float32 [N, C]) and `meta.json` of a folder and checks them.
///
/// The video of each window comes from `window_video` in meta.json or from `groups.npy`, where there is one;
/// `test_groups` in meta.json names the videos to be held out. **Throws** file_error or format_error that names the
/// file and what to do: a missing folder or file, wrong ranks or types, numbers of windows that differ, no window, NaN,
/// labels outside 0..1, test_groups without videos or with all of them, an integer beyond 64 signed bits.
inline window_set load_window_set(const std::string& folder) {
  namespace fs = std::filesystem;
  if (!fs::is_directory(folder))
    throw_format_error(concat(folder, ": no such folder; give one that holds X.npy, Y.npy and meta.json"));
  const auto path = [&](const char* name) { return (fs::path(folder) / name).string(); };
  for (const char* name : {"X.npy", "Y.npy", "meta.json"})
    if (!fs::exists(path(name)))
      throw_format_error(concat(path(name), ": no such file; the folder must hold X.npy, Y.npy and meta.json"));

  window_set set;
  set.x = detail::load_array<float>(path("X.npy"), 3, "[windows, frames, features]");
  set.y = detail::load_array<float>(path("Y.npy"), 2, "[windows, labels]");
  if (set.x.dim(0) != set.y.dim(0))
    throw_format_error(concat(path("Y.npy"), ": another number of windows than X.npy: Y ", set.y.shape(), ", X ",
                              set.x.shape(), " (", set.y.dim(0), " vs ", set.x.dim(0),
                              "); write both files from the same windows"));
  if (set.x.size() == 0 || set.y.size() == 0)
    throw_format_error(concat(path("X.npy"), ": no windows: X ", set.x.shape(), ", Y ", set.y.shape()));
  detail::require_finite(set.x, path("X.npy"));
  detail::require_finite(set.y, path("Y.npy"));
  detail::require_labels(set.y, path("Y.npy"));

  set.meta = io::load_json(path("meta.json"));
  detail::require_signed_integers(set.meta, path("meta.json"));
  set.events = detail::event_names(set.meta, set.classes(), path("meta.json"));
  if (set.meta.contains("joints")) set.joints = detail::names(set.meta, "joints", path("meta.json"));
  if (set.meta.contains("window_video")) {
    set.group = detail::integers(set.meta["window_video"], "window_video", path("meta.json"));
  } else if (fs::exists(path("groups.npy"))) {
    set.group = detail::load_array<std::int64_t>(path("groups.npy"), 1, "[windows]").to_vector();
  }
  if (!set.group.empty() && static_cast<std::int64_t>(set.group.size()) != set.size())
    throw_format_error(concat(folder, ": the video is given for ", set.group.size(), " of ", set.size(), " windows"));
  if (set.meta.contains("test_groups")) {
    set.test_groups = detail::integers(set.meta["test_groups"], "test_groups", path("meta.json"));
    if (set.group.empty() && !set.test_groups.empty())
      throw_format_error(concat(path("meta.json"), ": \"test_groups\" names videos, but the video of each window is ",
                                "unknown; add \"window_video\" or groups.npy, or leave test_groups out"));
    const auto held = [&](std::int64_t g) {
      return std::find(set.test_groups.begin(), set.test_groups.end(), g) != set.test_groups.end();
    };
    if (!set.group.empty() && std::all_of(set.group.begin(), set.group.end(), held))
      throw_format_error(concat(path("meta.json"), ": \"test_groups\" holds out all ", set.size(),
                                " windows; leave some videos for training"));
  }
  return set;
}

/// pos_weight per label: negatives / positives over `windows`, positives counted as at least 1, clipped to [1, 100].
inline std::vector<float> positive_weights(const window_set& set, const std::vector<std::int64_t>& windows) {
  const auto c = static_cast<std::size_t>(set.classes());
  std::vector<double> positives(c, 0.0);
  for (std::int64_t i : windows)
    for (std::size_t k = 0; k < c; ++k)
      positives[k] += static_cast<double>(set.y.span()[static_cast<std::size_t>(i) * c + k]);
  std::vector<float> weights;
  for (double p : positives) {
    const double at_least_one = (std::max)(1.0, p);
    weights.push_back(static_cast<float>(
        std::clamp((static_cast<double>(windows.size()) - at_least_one) / at_least_one, 1.0, 100.0)));
  }
  return weights;
}

/// Sampling weights: `boost` for a window with at least one label, 1 for one without.
inline std::vector<double> sampling_weights(const window_set& set, const std::vector<std::int64_t>& windows,
                                            double boost) {
  std::vector<double> weights;
  for (std::int64_t i : windows) weights.push_back(set.any_label(i) ? boost : 1.0);
  return weights;
}

/// Splits window numbers into those of videos in `held_out` and the rest.
struct held_out_split {
  std::vector<std::int64_t> rest, held_out;
};
inline held_out_split hold_out(const window_set& set) {
  held_out_split s;
  for (std::int64_t i = 0; i < set.size(); ++i) {
    const bool out = !set.group.empty() && std::find(set.test_groups.begin(), set.test_groups.end(),
                                                     set.group[static_cast<std::size_t>(i)]) != set.test_groups.end();
    (out ? s.held_out : s.rest).push_back(i);
  }
  return s;
}

}  // namespace tensorlab::inline v0::behaviour
