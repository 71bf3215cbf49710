#pragma once

#include <string>

#include <tensorlab/io/safetensors.hpp>
#include <tensorlab/train/status.hpp>

namespace tensorlab::inline v0::train {

/// A function for best_weights_options that writes each new best state, atomically, with `epoch` and the metrics as
/// texts.
struct write_safetensors {
  std::string path;
  explicit write_safetensors(std::string file) : path(std::move(file)) {}

  /// **Throws** file_error.
  void operator()(const named_tensors& state, const status& at) const {
    io::safetensors_file file{state, {{"epoch", std::to_string(at.epoch)}}};
    for (const auto& [name, value] : at.metrics) file.metadata.emplace_back(name, to_text(value));
    io::save_safetensors(path, file);
  }
};

}  // namespace tensorlab::inline v0::train
