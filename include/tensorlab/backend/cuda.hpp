#pragma once

#include <cstddef>

#include <tensorlab/backend/cache_statistics.hpp>
#include <tensorlab/backend/concept.hpp>
#include <tensorlab/backend/cuda/primitives.hpp>
#include <tensorlab/backend/device_primitives.hpp>

namespace tensorlab::inline v0 {

/// The backend for NVIDIA GPUs: what the host compiler sees of it. Everything is defined in cuda/kernels.cu,
/// cuda/dropout.cu and cuda/recurrent.cu, the files that the CUDA compiler reads; no CUDA header is needed here.
///
/// Primitives are queued on the calling thread's stream and return at once; they run on the device that holds the
/// output. Results do not depend on the GPU's size and repeat bit for bit: no floating point atomics, strict float32
/// (no tf32).
///
/// **Throws** device_error when there is no usable GPU, backend_error with the name of the op for a failure reported by
/// the CUDA runtime, cuBLAS or cuDNN (for a failed kernel, at the next call that waits).
///
/// Primitives can be recorded: runs of them become CUDA graphs, which belong to the stream they were recorded on.
struct cuda : device_primitives<cuda_kernel::primitives, &cuda_kernel::make_graph> {
  static constexpr const char* name = "cuda";
  static constexpr bool host_accessible = false;
  static constexpr bool prefers_channels_last = true;
  static constexpr bool has_bf16_products = true;

  /// Number of GPUs that the driver shows; 0 without a driver.
  static int device_count() noexcept;
  /// Whether the GPU is there, answers, and can run the kernels that this program was built with.
  static bool usable(int device = 0) noexcept;
  /// One line for logs: the GPU's name, compute capability and memory.
  static std::string describe(int device = 0);

  /// Memory of the caching allocator, 512-byte aligned; null for 0 bytes.
  static void* allocate(std::size_t bytes, int device);
  static void deallocate(void* p, std::size_t bytes, int device) noexcept;
  static void copy_to_host(void* to, const void* from, std::size_t bytes, int device);
  static void copy_from_host(void* to, const void* from, std::size_t bytes, int device);
  /// Waits for all work queued on the device.
  static void synchronize(int device = 0);

  /// Bytes and calls of the caching allocator since the program started.
  struct memory_use {
    std::size_t live_bytes = 0;            // in use, each block rounded up to its size class
    std::size_t peak_bytes = 0;            // the largest `live_bytes` since the last reset
    std::size_t cached_bytes = 0;          // held for reuse
    std::uint64_t requests = 0;            // blocks handed out
    std::uint64_t requested_bytes = 0;     // asked for by all of these together
    std::uint64_t device_allocations = 0;  // blocks that came from the driver
  };
  static memory_use memory(int device = 0);
  static void reset_peak(int device = 0);
  /// Gives unused memory back to the driver.
  static void release_cached(int device = 0);
  /// Freed blocks beyond this many bytes go back to the driver at once. Half of the GPU's memory by default.
  static void set_cache_limit(std::size_t bytes, int device = 0);

  /// Whether float32 convolutions are given to cuDNN where it takes them (the default), or all done as matrix products
  /// and by kernels of our own. Both give the same values up to rounding.
  static void use_cudnn(bool yes);
  /// cuDNN's algorithms chosen so far for convolutions on this thread's stream: one entry per pass, shapes and window.
  static cache_statistics convolution_cache(int device = 0);

  /// The stream (a cudaStream_t) that this thread's work on a device is queued on.
  static void* stream(int device = 0);
  /// Lets this thread's work use another stream (a cudaStream_t, null for the library's own) until the end of scope.
  ///
  /// A block of memory belongs to the stream it was allocated on: order streams by events before one uses the other's
  /// arrays, and keep those alive until it has.
  class stream_scope {
   public:
    explicit stream_scope(void* cuda_stream, int device = 0);
    ~stream_scope();
    stream_scope(const stream_scope&) = delete;
    stream_scope& operator=(const stream_scope&) = delete;

   private:
    void* before_;
    int device_;
  };
};

static_assert(backend<cuda>);

}  // namespace tensorlab::inline v0
