#pragma once

#include <charconv>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tensorlab/core/error.hpp>

/// Training loops, and what can be hung into them. Nothing here is needed by a loop of one's own.
namespace tensorlab::inline v0::train {

/// Numbers with names, such as the metrics of an epoch, in the order in which they were first set.
class values {
 public:
  using entry = std::pair<std::string, double>;

  values() = default;
  values(std::initializer_list<entry> entries) : entries_(entries) {}

  void set(std::string_view name, double value) {
    for (entry& e : entries_)
      if (e.first == name) {
        e.second = value;
        return;
      }
    entries_.emplace_back(name, value);
  }
  std::optional<double> find(std::string_view name) const {
    for (const entry& e : entries_)
      if (e.first == name) return e.second;
    return std::nullopt;
  }
  /// **Throws** value_error that lists the names there are.
  double at(std::string_view name) const {
    const std::optional<double> v = find(name);
    if (!v) throw_value_error(concat("values: nothing is called '", name, "'; there are: ", names()));
    return *v;
  }
  std::string names() const {
    std::string all;
    for (const entry& e : entries_) all += (all.empty() ? "" : ", ") + e.first;
    return all;
  }

  bool empty() const { return entries_.empty(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  friend bool operator==(const values&, const values&) = default;

 private:
  std::vector<entry> entries_;
};

/// The shortest text that reads back as the same number; `nan`, `inf` and `-inf` for those.
inline std::string to_text(double v) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, v).ptr);
}

}  // namespace tensorlab::inline v0::train
