// Linked into the programs whose every test needs a GPU.

#include <cuda_runtime_api.h>

#include "support/catch.hpp"

namespace {

std::string no_gpu() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess) return std::string("no usable GPU: ") + cudaGetErrorString(status);
  return count == 0 ? "no GPU" : "";
}

[[maybe_unused]] const auto registered = (test::obstacle = &no_gpu);

}  // namespace
