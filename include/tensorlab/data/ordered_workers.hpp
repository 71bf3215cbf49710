#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <tensorlab/autograd/grad_mode.hpp>

namespace tensorlab::inline v0::data::detail {

/// Threads that compute job(first), ..., job(last - 1) ahead of time; next() hands the results out in this order,
/// whichever thread finishes first. At most `ahead` results wait or are in the making. Jobs run under no_grad.
///
/// The destructor lets running jobs finish, starts no other and joins the threads.
class ordered_workers {
 public:
  using job = std::function<std::shared_ptr<void>(std::int64_t)>;

  ordered_workers(std::int64_t first, std::int64_t last, int threads, int ahead, job work)
      : work_(std::move(work)), last_(last), taken_(first), delivered_(first) {
    slots_.resize(static_cast<std::size_t>(ahead < threads ? threads : ahead));
    try {
      for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
    } catch (...) {
      stop();
      throw;
    }
  }
  ordered_workers(const ordered_workers&) = delete;
  ordered_workers& operator=(const ordered_workers&) = delete;
  ~ordered_workers() { stop(); }

  /// The next result; waits for it. Null after the last one. Rethrows the exception of its job.
  std::shared_ptr<void> next() {
    std::unique_lock lock(mutex_);
    if (delivered_ == last_) return nullptr;
    slot& s = slot_of(delivered_);
    ready_.wait(lock, [&] { return s.ready; });
    ++delivered_;
    s.ready = false;
    std::exception_ptr failure = std::exchange(s.failure, nullptr);
    std::shared_ptr<void> result = std::move(s.result);
    lock.unlock();
    room_.notify_one();
    if (failure) std::rethrow_exception(std::move(failure));
    return result;
  }

 private:
  struct slot {
    bool ready = false;
    std::shared_ptr<void> result;
    std::exception_ptr failure;
  };

  slot& slot_of(std::int64_t ticket) { return slots_[static_cast<std::size_t>(ticket) % slots_.size()]; }

  void run() {
    const no_grad untracked;
    for (;;) {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [&] {
        return stopping_ || taken_ == last_ || taken_ < delivered_ + static_cast<std::int64_t>(slots_.size());
      });
      if (stopping_ || taken_ == last_) return;
      const std::int64_t ticket = taken_++;
      // A thread that takes the last ticket wakes the others, which wait for room that will not be needed.
      if (taken_ == last_) room_.notify_all();
      lock.unlock();

      std::shared_ptr<void> result;
      std::exception_ptr failure;
      try {
        result = work_(ticket);
      } catch (...) {
        failure = std::current_exception();
      }

      lock.lock();
      slot& s = slot_of(ticket);
      s.result = std::move(result);
      s.failure = std::move(failure);
      s.ready = true;
      lock.unlock();
      ready_.notify_one();
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    room_.notify_all();
    for (std::thread& t : threads_) t.join();
    threads_.clear();
  }

  job work_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::condition_variable room_;
  std::vector<slot> slots_;
  std::int64_t last_;
  std::int64_t taken_;
  std::int64_t delivered_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tensorlab::inline v0::data::detail
