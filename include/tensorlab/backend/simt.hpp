#pragma once

#include <new>

#include <tensorlab/backend/concept.hpp>
#include <tensorlab/backend/device_primitives.hpp>
#include <tensorlab/backend/host_storage.hpp>
#include <tensorlab/backend/simt/elementwise.hpp>
#include <tensorlab/backend/simt/layers.hpp>
#include <tensorlab/backend/simt/linear.hpp>
#include <tensorlab/backend/simt/recurrent.hpp>
#include <tensorlab/backend/simt/reductions.hpp>

namespace tensorlab::inline v0 {

namespace simt_kernel {

/// Runs a body as one group of one lane on the calling thread.
struct serial_launcher {
  static constexpr int lanes = 1;
  static constexpr std::int64_t resident = 1;

  template <class Body>
  static void run(const char*, const void*, std::int64_t, const Body& body) {
    serial_group g;
    body(g);
  }

  /// Host memory until the end of scope.
  class scratch {
   public:
    scratch(const void*, std::size_t bytes) : data_(::operator new (bytes, std::align_val_t{64})) {}
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    ~scratch() { ::operator delete (data_, std::align_val_t{64}); }
    void* data() const { return data_; }

   private:
    void* data_;
  };
};

/// The primitives on the calling thread.
struct primitives : elementwise_primitives<serial_launcher>,
                    reduction_primitives<serial_launcher>,
                    linear_primitives<serial_launcher>,
                    layer_primitives<serial_launcher>,
                    recurrent_primitives<serial_launcher> {};

}  // namespace simt_kernel

/// The GPU's kernel bodies and launch plans in host memory, one lane at a time: what proves them without a GPU. Its
/// primitives can be recorded.
struct simt : detail::host_storage, device_primitives<simt_kernel::primitives> {
  static constexpr const char* name = "simt";
  static constexpr bool prefers_channels_last = true;
};

static_assert(backend<simt>);

}  // namespace tensorlab::inline v0
