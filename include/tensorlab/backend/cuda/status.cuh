#pragma once

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <cudnn.h>

#include <tensorlab/core/error.hpp>

namespace tensorlab::inline v0::cuda_kernel {

// A failed CUDA, cuBLAS or cuDNN call as a backend_error that names the op, then what it worked on where the caller
// says so (`operands`, texts and shapes that are joined); a missing GPU or driver as a device_error.

template <class... Operands>
void check(cudaError_t status, const char* op, const Operands&... operands) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // a launch failure would be reported again by the next op
  const std::string what = concat(op, ": CUDA: ", cudaGetErrorString(status), " (", cudaGetErrorName(status), ")",
                                  sizeof...(Operands) > 0 ? ": " : "", operands...);
  if (status == cudaErrorNoDevice || status == cudaErrorInsufficientDriver || status == cudaErrorInvalidDevice)
    throw_device_error(what);
  throw_backend_error(what);
}

template <class... Operands>
void check(cublasStatus_t status, const char* op, const Operands&... operands) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw_backend_error(concat(op, ": cuBLAS: ", cublasGetStatusString(status), " (", static_cast<int>(status), ")",
                               sizeof...(Operands) > 0 ? ": " : "", operands...));
}

template <class... Operands>
void check(cudnnStatus_t status, const char* op, const Operands&... operands) {
  if (status != CUDNN_STATUS_SUCCESS)
    throw_backend_error(concat(op, ": cuDNN: ", cudnnGetErrorString(status), " (", static_cast<int>(status), ")",
                               sizeof...(Operands) > 0 ? ": " : "", operands...));
}

}  // namespace tensorlab::inline v0::cuda_kernel
