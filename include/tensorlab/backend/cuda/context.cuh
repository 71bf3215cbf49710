#pragma once

#include <atomic>
#include <map>
#include <memory>

#include <tensorlab/backend/cuda.hpp>
#include <tensorlab/backend/cuda/block_cache.hpp>
#include <tensorlab/backend/cuda/dnn_state.cuh>
#include <tensorlab/backend/cuda/graph_memory.hpp>

namespace tensorlab::inline v0::cuda_kernel {

/// The library handles of one stream. cuBLAS gets its workspace from us: results repeat bit for bit and calls can be
/// captured into graphs.
struct stream_state {
  std::mutex mutex;  // handles serve one thread at a time
  cublasHandle_t blas = nullptr;
  void* blas_workspace = nullptr;
  std::unique_ptr<dnn_state> dnn;
  std::mutex capturing;           // held while calls of a graph are made on the stream beside
  cudaStream_t beside = nullptr;  // where graphs to be launched on this one are captured; made for the first
};

/// The current GPU as this process uses it: its stream, memory and handles. Created on first use, never destroyed,
/// since arrays in static storage may give memory back at exit.
class device_state {
 public:
  device_state();

  cudaStream_t own_stream() const { return own_stream_; }
  block_cache& memory() { return memory_; }
  stream_state& state(cudaStream_t stream) {
    const std::lock_guard lock(mutex_);
    auto& s = streams_[stream];
    if (s == nullptr) s = std::make_unique<stream_state>();
    return *s;
  }

 private:
  cudaStream_t own_stream_ = nullptr;
  block_cache memory_;
  std::mutex mutex_;
  std::map<cudaStream_t, std::unique_ptr<stream_state>> streams_;
};

constexpr int max_devices = 64;

/// The stream that this thread was told to use on a device, if any.
inline cudaStream_t& chosen_stream(int device) {
  thread_local cudaStream_t chosen[max_devices] = {};
  return chosen[device];
}

inline int count_devices() noexcept {
  static const int count = [] {
    int n = 0;
    if (cudaGetDeviceCount(&n) != cudaSuccess) {
      cudaGetLastError();
      return 0;
    }
    return n < max_devices ? n : max_devices;
  }();
  return count;
}

/// Makes `device` the calling thread's and returns its state. **Throws** device_error that names `op` when it is not
/// there.
inline device_state& use_device(const char* op, int device) {
  if (device < 0 || device >= count_devices()) {
    throw_device_error(concat(op, ": no GPU ", device, ": the driver shows ", count_devices(),
                              count_devices() == 0 ? " (is a driver installed?)" : ""));
  }
  static std::atomic<device_state*> states[max_devices] = {};
  device_state* known = states[device].load(std::memory_order_acquire);
  if (known != nullptr && count_devices() == 1) return *known;
  check(cudaSetDevice(device), op);
  if (known == nullptr) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    known = states[device].load(std::memory_order_relaxed);
    if (known == nullptr) {
      known = new device_state;
      states[device].store(known, std::memory_order_release);
    }
  }
  return *known;
}

/// The device that `at` lies on; the only one, without asking, where there is one.
inline int device_of(const void* at) {
  if (count_devices() <= 1 || at == nullptr) return 0;
  cudaPointerAttributes attributes{};
  check(cudaPointerGetAttributes(&attributes, at), "cuda");
  return attributes.type == cudaMemoryTypeDevice ? attributes.device : 0;
}

/// What an op runs on: the device of its output and this thread's stream there.
struct place {
  device_state* device;
  cudaStream_t stream;

  place(const char* op, int index) : device(&use_device(op, index)) {
    const graph_memory* const graph = graph_memory::current();
    if (graph != nullptr && graph->device() != index)
      throw_backend_error(concat(op, ": a step that works on GPU ", graph->device(), " and GPU ", index,
                                 " makes no CUDA graph; run it without recording"));
    const cudaStream_t chosen = chosen_stream(index);
    stream = chosen != nullptr ? chosen : device->own_stream();
  }
  place(const char* op, const void* at) : place(op, device_of(at)) {}
};

inline device_state::device_state()
    : memory_({[](std::size_t bytes) -> void* {
                 void* p = nullptr;
                 if (cudaMalloc(&p, bytes) == cudaSuccess) return p;
                 cudaGetLastError();
                 return nullptr;
               },
               [](void* block) { cudaFree(block); }},
              0) {
  check(cudaStreamCreateWithFlags(&own_stream_, cudaStreamNonBlocking), "cuda");
  std::size_t unused = 0, total = 0;
  check(cudaMemGetInfo(&unused, &total), "cuda");
  memory_.set_limit(total / 2);
}

/// Device memory for the length of a scope, safe to let go while kernels that use it are queued: the graph's that is
/// being recorded on this thread, else the cache's.
class scratch {
 public:
  scratch(const void* at, std::size_t bytes);
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() {
    if (data_ == nullptr) return;
    if (graph_ != nullptr)
      graph_->give_back(data_);
    else
      memory_->deallocate(data_);
  }
  void* data() const { return data_; }

 private:
  block_cache* memory_ = nullptr;
  graph_memory* graph_ = nullptr;
  void* data_ = nullptr;
};

[[noreturn]] inline void throw_out_of_memory(const place& p, std::size_t bytes) {
  const block_cache::statistics use = p.device->memory().use();
  std::size_t unused = 0, total = 0;
  cudaMemGetInfo(&unused, &total);
  throw_backend_error(concat("cuda: out of memory: ", bytes, " bytes asked for, ", use.live_bytes, " bytes in use, ",
                             unused, " of ", total, " bytes of the GPU free"));
}

/// A block for work on `p`'s stream. **Throws** backend_error when the GPU has none left.
inline void* allocate_on(const place& p, std::size_t bytes) {
  if (void* block = p.device->memory().allocate(bytes, p.stream)) return block;
  throw_out_of_memory(p, bytes);
}

inline scratch::scratch(const void* at, std::size_t bytes) : graph_(graph_memory::current()) {
  if (bytes == 0) return;
  const place p("cuda", at);
  memory_ = &p.device->memory();
  if (graph_ == nullptr) {
    data_ = allocate_on(p, bytes);
    return;
  }
  data_ = graph_->take(bytes);
  if (data_ == nullptr) throw_out_of_memory(p, bytes);
}

}  // namespace tensorlab::inline v0::cuda_kernel
