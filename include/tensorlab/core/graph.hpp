#pragma once

#include <memory>

namespace tensorlab::inline v0 {

/// Calls with fixed arguments that queue work on a device, to be made in their order.
struct device_calls {
  const void* context;
  void (*make)(const void* context);

  void operator()() const { make(context); }
};

/// A run of calls that a device repeats as one. A backend whose devices can do so derives from it and names a
/// graph_source at its primitives (backend/device_primitives.hpp).
class graph {
 public:
  graph() = default;
  graph(const graph&) = delete;
  graph& operator=(const graph&) = delete;
  virtual ~graph() = default;

  /// Makes the calls, once, and keeps what they queued. **Throws** backend_error if the device cannot.
  virtual void record(const device_calls& calls) = 0;
  /// Queues again what record() kept. **Throws** backend_error if the device cannot.
  virtual void launch() = 0;
};

/// Makes an empty graph for the device that `at` lies on, null for any; null itself where a backend has no graphs.
using graph_source = std::unique_ptr<graph> (*)(const void* at);

}  // namespace tensorlab::inline v0
