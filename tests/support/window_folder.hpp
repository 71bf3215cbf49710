#pragma once

#include <fstream>
#include <string>

#include <tensorlab/behaviour/window_set.hpp>

#include "support/temporary.hpp"

namespace test {

/// A folder with four windows of two frames and three features, two labels and a meta.json.
class window_folder : public temporary_directory {
 public:
  window_folder() {
    namespace behaviour = tensorlab::behaviour;
    tensorlab::io::save_npy(
        *this / "X.npy",
        behaviour::host<float>(behaviour::host<float>::arange(24, 0.f, 0.1f).array().restride({4, 2, 3}, {6, 3, 1})));
    tensorlab::io::save_npy(*this / "Y.npy", behaviour::host<float>::from({1, 0, 0, 0, 1, 1, 0, 0}, {4, 2}));
    write_meta(R"({"events": ["walk", "run"]})");
  }
  std::string path() const { return temporary_directory::path().string(); }
  void write_meta(const std::string& text) const { std::ofstream(*this / "meta.json") << text; }
};

}  // namespace test
