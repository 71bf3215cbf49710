#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <tensorlab/io/file.hpp>
#include <tensorlab/train/values.hpp>

namespace tensorlab::inline v0::train {

/// What an epoch has left: its number, counted from 1, and its metrics.
struct epoch_record {
  std::int64_t epoch = 0;
  values metrics;
  friend bool operator==(const epoch_record&, const epoch_record&) = default;
};

/// The metrics of a run, epoch by epoch.
struct history {
  std::vector<epoch_record> epochs;
  std::string stop_reason;  // empty if the run was not stopped

  friend bool operator==(const history&, const history&) = default;

  /// One metric of all epochs that have it.
  std::vector<double> series(std::string_view name) const {
    std::vector<double> out;
    for (const epoch_record& r : epochs)
      if (const auto v = r.metrics.find(name)) out.push_back(*v);
    return out;
  }
  /// All metrics' names, in the order in which they first occur.
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const epoch_record& r : epochs)
      for (const auto& [name, value] : r.metrics)
        if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
    return out;
  }
};

namespace detail {

inline std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

inline std::string json_string(const std::string& text) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += std::string("\\u00") + digits[c >> 4] + digits[c & 15];
    else
      out += c;
  }
  return out + '"';
}

}  // namespace detail

/// A header line and a line per epoch; a field is empty where an epoch lacks the metric. Numbers read back exactly.
inline std::string to_csv(const history& h) {
  const std::vector<std::string> names = h.names();
  std::string out = "epoch";
  for (const std::string& n : names) out += ',' + detail::csv_field(n);
  out += '\n';
  for (const epoch_record& r : h.epochs) {
    out += std::to_string(r.epoch);
    for (const std::string& n : names) {
      const auto v = r.metrics.find(n);
      out += ',' + (v ? to_text(*v) : std::string());
    }
    out += '\n';
  }
  return out;
}

/// The epoch as a JSON object on one line: `{"epoch": 1, "loss": 0.5}`; numbers that are not finite become null.
inline std::string to_json_line(const epoch_record& r) {
  std::string out = "{\"epoch\": " + std::to_string(r.epoch);
  for (const auto& [name, value] : r.metrics)
    out += ", " + detail::json_string(name) + ": " + (std::isfinite(value) ? to_text(value) : std::string("null"));
  return out + "}\n";
}

/// A JSON object per line and epoch.
inline std::string to_json_lines(const history& h) {
  std::string out;
  for (const epoch_record& r : h.epochs) out += to_json_line(r);
  return out;
}

/// Writes the history, atomically: as CSV, or as JSON lines if the name ends in `.jsonl`. **Throws** file_error.
inline void save_history(const std::string& path, const history& h) {
  const bool json = path.size() >= 6 && path.compare(path.size() - 6, 6, ".jsonl") == 0;
  const std::string text = json ? to_json_lines(h) : to_csv(h);
  io::atomic_write(path, [&](io::atomic_file& file) { file.write(text); });
}

}  // namespace tensorlab::inline v0::train
