#pragma once

#include <string>
#include <string_view>

#include <tensorlab/io/safetensors.hpp>
#include <tensorlab/io/torch_file.hpp>
#include <tensorlab/nn/state_dict.hpp>

namespace tensorlab::inline v0::io {

namespace detail {

inline bool has_ending(const std::string& path, std::string_view ending) {
  return path.size() > ending.size() && std::string_view(path).substr(path.size() - ending.size()) == ending;
}

enum class weights_format { safetensors, torch };

inline weights_format weights_format_of(const char* op, const std::string& path) {
  if (has_ending(path, ".safetensors")) return weights_format::safetensors;
  if (has_ending(path, ".pt") || has_ending(path, ".pth")) return weights_format::torch;
  throw_value_error(concat(op, ": unknown kind of file: ", path, " (.safetensors, .pt and .pth are known)"));
}

}  // namespace detail

/// The tensors of a file of weights: a safetensors file, or a PyTorch file that holds a state dict, by itself or under
/// the key `state_dict` or `model`.
///
/// **Throws** value_error for another ending, and as load_safetensors() and load_torch().
inline named_tensors load_weights(const std::string& path) {
  if (detail::weights_format_of("load", path) == detail::weights_format::safetensors)
    return load_safetensors(path).tensors;
  const torch_value file = load_torch(path);
  for (const char* key : {"state_dict", "model"})
    if (const torch_value* inner = file.ref<torch_dict>(path).find(key); inner != nullptr && inner->is<torch_dict>())
      return named_tensors_of(*inner, concat(path, "['", key, "']"));
  return named_tensors_of(file, path);
}

/// Writes tensors to a file whose ending says how: `.safetensors`, `.pt` or `.pth`; atomically.
///
/// **Throws** value_error for another ending, file_error.
inline void save_weights(const std::string& path, named_tensors tensors) {
  if (detail::weights_format_of("save", path) == detail::weights_format::safetensors)
    save_safetensors(path, {std::move(tensors), {}});
  else
    save_torch(path, torch_state_dict(std::move(tensors)));
}

/// Writes the parameters and buffers of a module: `io::save("digits.safetensors", net)`. **Throws** as save_weights().
template <class Module>
void save(const std::string& path, Module& module) {
  save_weights(path, nn::state_dict(module));
}

/// Overwrites a module's parameters and buffers with those of a file.
///
/// **Throws** as load_weights(), and format_error that names the file and every key that is missing, unexpected or of
/// another shape, unless `options` allow it.
template <class Module>
nn::load_report load(const std::string& path, Module& module, const nn::load_options& options = {}) {
  const named_tensors weights = load_weights(path);
  try {
    return nn::load_state_dict(module, weights, options);
  } catch (const format_error& e) {
    throw_format_error(concat(path, ": ", e.what()));
  }
}

}  // namespace tensorlab::inline v0::io
