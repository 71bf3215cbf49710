#pragma once

#include <tensorlab/backend/cuda/context.cuh>

namespace tensorlab::inline v0::cuda_kernel {

/// A block of threads as the group of a kernel body (backend/simt/group.hpp).
struct block_group {
  static constexpr int lanes = 256;

  __device__ std::int64_t index() const { return blockIdx.x; }
  __device__ std::int64_t count() const { return gridDim.x; }
  __device__ int rank() const { return static_cast<int>(threadIdx.x); }
  static constexpr __device__ int size() { return lanes; }
  __device__ void barrier() { __syncthreads(); }
  template <class V>
  __device__ V* slots() {
    __shared__ alignas(16) unsigned char bytes[lanes * sizeof(V)];
    return reinterpret_cast<V*>(bytes);
  }
};

template <class Body>
__global__ void __launch_bounds__(block_group::lanes) run_body(const __grid_constant__ Body body) {
  block_group g;
  body(g);
}

/// Runs kernel bodies on the device of their output, on the calling thread's stream.
struct launcher {
  static constexpr int lanes = block_group::lanes;
  static constexpr std::int64_t resident = 512;
  static constexpr std::int64_t most_groups = 32 * resident;
  using scratch = cuda_kernel::scratch;

  template <class Body>
  static void run(const char* op, const void* at, std::int64_t groups, const Body& body) {
    launch(op, at, groups, reinterpret_cast<const void*>(&run_body<Body>), &body);
  }

 private:
  static void launch(const char* op, const void* at, std::int64_t groups, const void* kernel, const void* body) {
    const place p(op, at);
    const auto grid = static_cast<unsigned>(groups < most_groups ? groups : most_groups);
    void* arguments[] = {const_cast<void*>(body)};
    check(cudaLaunchKernel(kernel, dim3(grid), dim3(lanes), arguments, 0, p.stream), op);
  }
};

}  // namespace tensorlab::inline v0::cuda_kernel
