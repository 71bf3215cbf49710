#pragma once

#include <barrier>
#include <thread>
#include <vector>

#include <tensorlab/backend/simt.hpp>

namespace test {

/// A group whose lanes are threads: barriers, shared slots and the division of work among lanes are those of a GPU
/// block.
class thread_group {
 public:
  struct shared {
    std::barrier<> gate;
    std::vector<unsigned char> bytes;
    explicit shared(int lanes) : gate(lanes), bytes(static_cast<std::size_t>(lanes) * 32 + 16) {}
  };

  thread_group(shared& s, int rank, int size, std::int64_t index, std::int64_t count)
      : shared_(&s), rank_(rank), size_(size), index_(index), count_(count) {}
  int rank() const { return rank_; }
  int size() const { return size_; }
  std::int64_t index() const { return index_; }
  std::int64_t count() const { return count_; }
  void barrier() { shared_->gate.arrive_and_wait(); }
  template <class V>
  V* slots() {
    return reinterpret_cast<V*>(shared_->bytes.data());
  }

 private:
  shared* shared_;
  int rank_, size_;
  std::int64_t index_, count_;
};

/// Runs a body in groups of `Lanes` threads, one group after the other.
template <int Lanes, int Resident>
struct thread_launcher {
  static constexpr int lanes = Lanes;
  static constexpr std::int64_t resident = Resident;
  using scratch = tensorlab::simt_kernel::serial_launcher::scratch;

  template <class Body>
  static void run(const char*, const void*, std::int64_t groups, const Body& body) {
    const std::int64_t count = groups < resident ? groups : resident;
    thread_group::shared memory(lanes);
    std::vector<std::thread> threads;
    for (int rank = 0; rank < lanes; ++rank)
      threads.emplace_back([&, rank] {
        for (std::int64_t index = 0; index < count; ++index) {
          thread_group g(memory, rank, lanes, index, count);
          body(g);
          g.barrier();
        }
      });
    for (std::thread& t : threads) t.join();
  }
};

/// The simt backend's primitives with the work divided as on a GPU.
template <int Lanes, int Resident>
struct lanes : tensorlab::simt_kernel::elementwise_primitives<thread_launcher<Lanes, Resident>>,
               tensorlab::simt_kernel::reduction_primitives<thread_launcher<Lanes, Resident>>,
               tensorlab::simt_kernel::linear_primitives<thread_launcher<Lanes, Resident>>,
               tensorlab::simt_kernel::layer_primitives<thread_launcher<Lanes, Resident>>,
               tensorlab::simt_kernel::recurrent_primitives<thread_launcher<Lanes, Resident>> {};

/// Calls `f.operator()<L>()` with the serial launcher and with one of a few lanes in a few groups.
template <class F>
void with_launchers(const F& f) {
  f.template operator()<tensorlab::simt_kernel::serial_launcher>();
  f.template operator()<thread_launcher<4, 3>>();
}

}  // namespace test

// The serial group, a few lanes in a few groups, and more lanes than most slices have elements.
#define SIMT_TYPES                                                                                                  \
  (std::pair<tensorlab::simt, float>), (std::pair<tensorlab::simt, double>), (std::pair<test::lanes<4, 3>, float>), \
      (std::pair<test::lanes<8, 2>, double>)
