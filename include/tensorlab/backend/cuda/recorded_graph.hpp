#pragma once

#include <tensorlab/backend/cuda/graph_memory.hpp>
#include <tensorlab/core/graph.hpp>

namespace tensorlab::inline v0::cuda_kernel {

/// A graph of a stream's: its calls are made once for real, so that libraries are set up and scratch memory is at hand,
/// and once more while the stream captures instead of running them.
///
/// | member of `Stream` | meaning |
/// |---|---|
/// | `Stream(at)` | for the device that `at` lies on and this thread's stream there |
/// | `cache()`, `key()`, `device()` | where scratch memory comes from: a block_cache, the stream's key, the device |
/// | `branch(stream)` | for a scope, this thread's calls go to the stream, in order with what else is queued |
/// | `begin_capture()`, `end_capture()` | what is queued between them is kept, not run |
/// | `abandon_capture()` | drops what was queued since `begin_capture()` |
/// | `launch()` | queues what was kept |
template <class Stream>
class recorded_graph final : public graph {
 public:
  explicit recorded_graph(const void* at) : stream_(at), memory_(stream_.cache(), stream_.key(), stream_.device()) {}

  void record(const device_calls& calls) override {
    const typename Stream::branch here(stream_);
    const graph_memory::scope scratch(&memory_);
    calls();
    memory_.close();
    stream_.begin_capture();
    try {
      calls();
    } catch (const error& e) {
      stream_.abandon_capture();
      throw_backend_error(
          concat("record: a call cannot be captured in a graph; run the step without recording: ", e.what()));
    }
    stream_.end_capture();
  }
  void launch() override { stream_.launch(); }

 private:
  Stream stream_;
  graph_memory memory_;
};

}  // namespace tensorlab::inline v0::cuda_kernel
