#pragma once

#include <cstring>
#include <string>
#include <vector>

#include <tensorlab/core/error.hpp>
#include <tensorlab/nn/state_dict.hpp>

/// Numbers in saved states.
namespace tensorlab::inline v0::optim::detail {

/// A number as a tensor of rank 0.
template <class X>
host_tensor host_scalar(X value) {
  host_tensor h{dtype_of<X>, {}, std::vector<std::uint8_t>(sizeof(X))};
  std::memcpy(h.bytes.data(), &value, sizeof(X));
  return h;
}

/// The only element of a saved scalar. **Throws** format_error that names the key.
template <class X>
X saved_scalar(const char* op, const std::string& key, const host_tensor& h) {
  if (h.extents.size() != 1) throw_format_error(concat(op, ": ", key, " must hold one number, has shape ", h.extents));
  return nn::detail::elements_as<X>(h)[0];
}

inline const host_tensor* find(const named_tensors& state, const std::string& key) {
  for (const auto& entry : state)
    if (entry.first == key) return &entry.second;
  return nullptr;
}

}  // namespace tensorlab::inline v0::optim::detail
