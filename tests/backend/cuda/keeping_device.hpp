#pragma once

#include <functional>
#include <memory>
#include <new>
#include <vector>

#include <tensorlab/backend/cuda/blas_conv.hpp>
#include <tensorlab/backend/cuda/recorded_graph.hpp>
#include <tensorlab/backend/device_primitives.hpp>
#include <tensorlab/backend/simt.hpp>

#include "backend/cuda/naive_blas.hpp"

namespace test {

/// A GPU's part in recorded steps, played by the host: while it captures, launches are kept instead of run, with the
/// addresses that they were made for.
struct keeping_device {
  using launches = std::vector<std::function<void()>>;

  static inline launches* captured = nullptr;  // where launches go, null: they run
  static inline bool beside = false;           // whether launches go to the stream of graphs
  static inline int kept = 0, run = 0, graph_launches = 0;

  static tensorlab::cuda_kernel::block_cache& cache() {
    static struct blocks_until_exit {
      tensorlab::cuda_kernel::block_cache blocks{
          {[](std::size_t bytes) -> void* { return ::operator new (bytes, std::align_val_t{64}); },
           [](void* p) { ::operator delete (p, std::align_val_t{64}); }},
          std::size_t{1} << 30};
      ~blocks_until_exit() { blocks.release(); }
    } memory;
    return memory.blocks;
  }
  static void launch(std::function<void()> f) {
    ++(captured != nullptr ? kept : run);
    if (captured != nullptr)
      captured->push_back(std::move(f));
    else
      f();
  }

  /// A stream as recorded_graph asks for.
  class stream {
   public:
    explicit stream(const void*) {}
    tensorlab::cuda_kernel::block_cache& cache() const { return keeping_device::cache(); }
    const void* key() const { return &beside; }
    int device() const { return 0; }
    struct branch {
      explicit branch(stream&) { beside = true; }
      branch(const branch&) = delete;
      branch& operator=(const branch&) = delete;
      ~branch() { beside = false; }
    };
    void begin_capture() {
      REQUIRE(beside);
      captured = &launches_;
    }
    void end_capture() { captured = nullptr; }
    void abandon_capture() { captured = nullptr; }
    void launch() {
      REQUIRE_FALSE(beside);
      ++graph_launches;
      for (const auto& f : launches_) f();
    }

   private:
    launches launches_;
  };

  struct launcher {
    static constexpr int lanes = 1;
    static constexpr std::int64_t resident = 1;

    template <class Body>
    static void run(const char*, const void*, std::int64_t, const Body& body) {
      launch([body] {
        tensorlab::simt_kernel::serial_group g;
        body(g);
      });
    }
    class scratch {
     public:
      scratch(const void*, std::size_t bytes) : graph_(tensorlab::cuda_kernel::graph_memory::current()) {
        if (bytes == 0) return;
        REQUIRE((graph_ != nullptr) == beside);
        data_ = graph_ != nullptr ? graph_->take(bytes) : cache().allocate(bytes, nullptr);
      }
      scratch(const scratch&) = delete;
      scratch& operator=(const scratch&) = delete;
      ~scratch() {
        if (graph_ != nullptr)
          graph_->give_back(data_);
        else
          cache().deallocate(data_);
      }
      void* data() const { return data_; }

     private:
      tensorlab::cuda_kernel::graph_memory* graph_;
      void* data_ = nullptr;
    };
  };

  struct blas {
    template <class T>
    static void call(const void* at, const tensorlab::cuda_kernel::blas_call& c, T* out, const T* first,
                     const T* second) {
      launch([=] { naive_blas::call(at, c, out, first, second); });
    }
  };

  struct primitives : tensorlab::simt_kernel::elementwise_primitives<launcher>,
                      tensorlab::simt_kernel::reduction_primitives<launcher>,
                      tensorlab::simt_kernel::linear_primitives<launcher>,
                      tensorlab::simt_kernel::layer_primitives<launcher>,
                      tensorlab::simt_kernel::recurrent_primitives<launcher> {
    using products = tensorlab::cuda_kernel::blas_gemm<launcher, blas>;
    using convolutions = tensorlab::cuda_kernel::blas_conv<launcher, blas>;

    template <class... A>
    static void gemm(const A&... a) {
      products::gemm(a...);
    }
    template <class... A>
    static void conv(const A&... a) {
      convolutions::conv(a...);
    }
    template <class... A>
    static void conv_dx(const A&... a) {
      convolutions::conv_dx(a...);
    }
    template <class... A>
    static void conv_dw(const A&... a) {
      convolutions::conv_dw(a...);
    }
  };

  static std::unique_ptr<tensorlab::graph> make_graph(const void* at) {
    return std::make_unique<tensorlab::cuda_kernel::recorded_graph<stream>>(at);
  }
};

/// The backend of that device: its memory is not the host's to look into.
struct keeping : tensorlab::device_primitives<keeping_device::primitives, &keeping_device::make_graph> {
  static constexpr const char* name = "keeping";
  static constexpr bool host_accessible = false;
  static constexpr bool prefers_channels_last = true;

  static void* allocate(std::size_t bytes, int) {
    return bytes == 0 ? nullptr : keeping_device::cache().allocate(bytes, nullptr);
  }
  static void deallocate(void* p, std::size_t, int) noexcept { keeping_device::cache().deallocate(p); }
  static void copy_to_host(void* to, const void* from, std::size_t bytes, int device) {
    REQUIRE(keeping_device::captured == nullptr);
    tensorlab::detail::host_storage::copy_to_host(to, from, bytes, device);
  }
  static void copy_from_host(void* to, const void* from, std::size_t bytes, int device) {
    REQUIRE(keeping_device::captured == nullptr);
    tensorlab::detail::host_storage::copy_from_host(to, from, bytes, device);
  }
  static void synchronize(int) {}
};

}  // namespace test
