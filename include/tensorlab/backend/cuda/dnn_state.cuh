#pragma once

#include <map>
#include <vector>

#include <tensorlab/backend/cache_statistics.hpp>
#include <tensorlab/backend/cuda/status.cuh>

namespace tensorlab::inline v0::cuda_kernel {

/// A cuDNN algorithm for one convolution and the memory it works in; -1 where cuDNN has none that is wanted.
struct dnn_choice {
  int algorithm = -1;
  std::size_t workspace = 0;
};

/// What cuDNN needs on one stream: a handle, descriptors that are set anew by each call, and the choices made so far.
struct dnn_state {
  static constexpr std::size_t most_choices = 4096;

  cudnnHandle_t handle = nullptr;
  cudnnTensorDescriptor_t x = nullptr, y = nullptr;
  cudnnFilterDescriptor_t w = nullptr;
  cudnnConvolutionDescriptor_t window = nullptr;
  std::map<std::vector<std::int64_t>, dnn_choice> choices;
  cache_statistics use;  // of `choices`; its size and capacity are not kept here

  explicit dnn_state(cudaStream_t stream) {
    check(cudnnCreate(&handle), "conv");
    check(cudnnSetStream(handle, stream), "conv");
    check(cudnnCreateTensorDescriptor(&x), "conv");
    check(cudnnCreateTensorDescriptor(&y), "conv");
    check(cudnnCreateFilterDescriptor(&w), "conv");
    check(cudnnCreateConvolutionDescriptor(&window), "conv");
  }
  dnn_state(const dnn_state&) = delete;
  dnn_state& operator=(const dnn_state&) = delete;
};

}  // namespace tensorlab::inline v0::cuda_kernel
