#pragma once

#include <tensorlab/backend/cuda/blas_gemm.hpp>
#include <tensorlab/backend/cuda/context.cuh>

namespace tensorlab::inline v0::cuda_kernel {

/// Products by cuBLAS in strict float32 or float64, or of float32 rounded to bf16 by its tensor cores, on the calling
/// thread's stream.
struct cublas {
  static constexpr std::size_t workspace_bytes = std::size_t{32} << 20;  // what Hopper asks for; older GPUs use less

  template <class T>
  static void call(const void* at, const blas_call& c, T* out, const T* first, const T* second) {
    const place p("gemm", at);
    stream_state& s = p.device->state(p.stream);
    const std::lock_guard lock(s.mutex);
    if (s.blas == nullptr) create(p, s);
    const auto transpose = [](bool yes) { return yes ? CUBLAS_OP_T : CUBLAS_OP_N; };
    const cublasOperation_t op1 = transpose(c.transpose_first), op2 = transpose(c.transpose_second);
    const T one = 1, begin = c.accumulate ? T(1) : T(0);
    cublasStatus_t status;
    if (sizeof(T) == 4 && c.factors == compute::bf16) {
      const float whole = 1, kept = c.accumulate ? 1.0f : 0.0f;
      status = cublasGemmStridedBatchedEx_64(s.blas, op1, op2, c.m, c.n, c.k, &whole, first, CUDA_R_32F, c.ld_first,
                                             c.step_first, second, CUDA_R_32F, c.ld_second, c.step_second, &kept, out,
                                             CUDA_R_32F, c.ld_out, c.step_out, c.batch, CUBLAS_COMPUTE_32F_FAST_16BF,
                                             CUBLAS_GEMM_DEFAULT);
    } else if constexpr (sizeof(T) == 4) {
      status =
          cublasSgemmStridedBatched_64(s.blas, op1, op2, c.m, c.n, c.k, &one, first, c.ld_first, c.step_first, second,
                                       c.ld_second, c.step_second, &begin, out, c.ld_out, c.step_out, c.batch);
    } else {
      status =
          cublasDgemmStridedBatched_64(s.blas, op1, op2, c.m, c.n, c.k, &one, first, c.ld_first, c.step_first, second,
                                       c.ld_second, c.step_second, &begin, out, c.ld_out, c.step_out, c.batch);
    }
    check(status, "gemm", "column-major product, m ", c.m, ", n ", c.n, ", k ", c.k, ", batch ", c.batch);
  }

 private:
  static void create(const place& p, stream_state& s) {
    cublasHandle_t handle = nullptr;
    check(cublasCreate(&handle), "gemm");
    check(cublasSetStream(handle, p.stream), "gemm");
    check(cublasSetMathMode(handle, CUBLAS_DEFAULT_MATH), "gemm");
    s.blas_workspace = allocate_on(p, workspace_bytes);
    check(cublasSetWorkspace(handle, s.blas_workspace, workspace_bytes), "gemm");
    s.blas = handle;
  }
};

}  // namespace tensorlab::inline v0::cuda_kernel
