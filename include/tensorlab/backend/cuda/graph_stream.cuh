#pragma once

#include <tensorlab/backend/cuda/context.cuh>
#include <tensorlab/backend/cuda/recorded_graph.hpp>

namespace tensorlab::inline v0::cuda_kernel {

/// An event that orders one stream behind another and is forgotten.
inline void order_behind(cudaStream_t later, cudaStream_t earlier) {
  cudaEvent_t event = nullptr;
  check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "record");
  cudaError_t status = cudaEventRecord(event, earlier);
  if (status == cudaSuccess) status = cudaStreamWaitEvent(later, event, 0);
  cudaEventDestroy(event);
  check(status, "record");
}

/// What recorded_graph asks for: a stream beside the calling thread's one, on which nobody else's work is queued that
/// would be captured with a graph's. Graphs are launched on the calling thread's stream.
class graph_stream {
 public:
  explicit graph_stream(const void* at) : device_(device_of(at)) {
    const place p("record", device_);
    state_ = &p.device->state(p.stream);
    cache_ = &p.device->memory();
    stream_ = p.stream;
    const std::lock_guard lock(state_->mutex);
    if (state_->beside == nullptr) check(cudaStreamCreateWithFlags(&state_->beside, cudaStreamNonBlocking), "record");
  }
  graph_stream(const graph_stream&) = delete;
  graph_stream& operator=(const graph_stream&) = delete;
  ~graph_stream() {
    if (graph_ != nullptr) cudaGraphExecDestroy(graph_);
  }

  block_cache& cache() const { return *cache_; }
  const void* key() const { return state_->beside; }
  int device() const { return device_; }

  class branch {
   public:
    explicit branch(graph_stream& s) : lock_(s.state_->capturing), stream_(s), chosen_(chosen_stream(s.device_)) {
      order_behind(s.state_->beside, s.stream_);
      chosen_stream(s.device_) = s.state_->beside;
    }
    branch(const branch&) = delete;
    branch& operator=(const branch&) = delete;
    ~branch() {
      chosen_stream(stream_.device_) = chosen_;
      try {
        order_behind(stream_.stream_, stream_.state_->beside);
      } catch (const error&) {  // the device has failed, which the next call that waits says
      }
    }

   private:
    std::lock_guard<std::mutex> lock_;
    graph_stream& stream_;
    cudaStream_t chosen_;
  };

  void begin_capture() { check(cudaStreamBeginCapture(state_->beside, cudaStreamCaptureModeThreadLocal), "record"); }
  void end_capture() {
    cudaGraph_t captured = nullptr;
    check(cudaStreamEndCapture(state_->beside, &captured), "record", advice);
    const cudaError_t status = cudaGraphInstantiate(&graph_, captured, 0);
    cudaGraphDestroy(captured);
    check(status, "record", advice);
  }
  void abandon_capture() noexcept {
    cudaGraph_t captured = nullptr;
    cudaStreamEndCapture(state_->beside, &captured);
    if (captured != nullptr) cudaGraphDestroy(captured);
    cudaGetLastError();
  }
  void launch() {
    const place p("record", device_);
    if (p.stream != stream_)
      throw_backend_error(
          "record: the step's graphs belong to another stream; replay it in the cuda::stream_scope that it was "
          "recorded in");
    check(cudaGraphLaunch(graph_, stream_), "record");
  }

 private:
  static constexpr const char* advice = "its calls make no CUDA graph; run the step without recording";

  int device_;
  stream_state* state_ = nullptr;
  block_cache* cache_ = nullptr;
  cudaStream_t stream_ = nullptr;
  cudaGraphExec_t graph_ = nullptr;
};

}  // namespace tensorlab::inline v0::cuda_kernel
