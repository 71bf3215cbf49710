#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tensorlab/core/dtype.hpp>
#include <tensorlab/core/shape.hpp>

namespace tensorlab::inline v0 {

/// A tensor without static types in host memory: row-major elements as little-endian bytes. What files hold.
struct host_tensor {
  v0::dtype type = dtype::float32;
  v0::shape extents;
  std::vector<std::uint8_t> bytes;

  friend bool operator==(const host_tensor&, const host_tensor&) = default;
};

/// Tensors with names, in order.
using named_tensors = std::vector<std::pair<std::string, host_tensor>>;

}  // namespace tensorlab::inline v0
