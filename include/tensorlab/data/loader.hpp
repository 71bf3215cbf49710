#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tensorlab/data/collate.hpp>
#include <tensorlab/data/dataset.hpp>
#include <tensorlab/data/ordered_workers.hpp>
#include <tensorlab/data/relay.hpp>
#include <tensorlab/data/sampler.hpp>

namespace tensorlab::inline v0::data {

struct loader_options {
  std::int64_t batch = 1;
  bool drop_last = false;  ///< Leave out a last batch that is smaller than `batch`.
  int workers = 0;         ///< Threads that load samples; 0: the calling thread does.
  int prefetch = 2;        ///< Batches kept ready or in the making; at least one per worker.
  std::uint64_t seed = 0;  ///< Seed of the streams that random data sets receive.
};

/// A place in the sequence of batches: the next one to come is number `batch` of epoch `epoch`.
struct loader_cursor {
  std::int64_t epoch = 0;
  std::int64_t batch = 0;
  friend bool operator==(const loader_cursor&, const loader_cursor&) = default;
};

namespace detail {

inline void check_loader(const loader_options& o) {
  if (o.batch < 1) throw_value_error(concat("loader: batch must be at least 1: ", o.batch));
  if (o.workers < 0) throw_value_error(concat("loader: negative number of workers: ", o.workers));
  if (o.prefetch < 0) throw_value_error(concat("loader: negative prefetch: ", o.prefetch));
}

inline std::int64_t batches_of(std::int64_t samples, const loader_options& o) {
  return o.drop_last ? samples / o.batch : (samples + o.batch - 1) / o.batch;
}

inline void check_order(const std::vector<std::int64_t>& order, std::int64_t count) {
  for (std::int64_t i : order) {
    if (i < 0 || i >= count)
      throw_value_error(concat("loader: the sampler asks for sample ", i, " of a data set of ", count));
  }
}

}  // namespace detail

/// Batches of a data set, epoch after epoch: `for (auto&& [x, y] : loader)` walks one epoch.
///
/// Batches, their order and the random numbers that samples see depend on the sampler, the seed and the epoch alone,
/// not on the number of workers. Workers run under no_grad. An exception from sample i arrives in the loop, in the
/// place of its batch, with `loader: sample i: ` before its message and with its own type (a type that the library
/// cannot rebuild comes nested in a tl::error). Leaving the loop early stops the workers.
///
/// Each loop takes the next epoch, unless set_epoch() or restore() chose one. The loader outlives its loops and is used
/// by one of them at a time.
template <dataset Dataset, sampler Sampler, class Collate = stack<backend_of<sample_of<Dataset>>>>
class loader {
 public:
  using sample_type = sample_of<Dataset>;
  using batch_type = decltype(std::declval<const Collate&>()(std::span<const sample_type>()));
  static_assert(!std::same_as<sample_type, bool>, "loader: samples of type bool; use std::uint8_t");

  /// **Throws** value_error for a batch below 1 or a negative number of workers.
  loader(Dataset samples, Sampler order, const loader_options& options, Collate collate = {})
      : dataset_(std::move(samples)), sampler_(std::move(order)), options_(options), collate_(std::move(collate)) {
    detail::check_loader(options_);
  }

  /// Batches in one epoch.
  std::int64_t size() const { return detail::batches_of(samples(), options_); }
  /// Samples that the sampler draws in one epoch.
  std::int64_t samples() const { return sampler_.size(dataset_.size()); }
  const Dataset& dataset() const { return dataset_; }
  const loader_options& options() const { return options_; }

  /// Where the loop stands: after k batches were handed out, {epoch, k}; after a whole epoch, {epoch + 1, 0}.
  const loader_cursor& cursor() const { return cursor_; }
  /// Makes the next loop start there: what it yields equals the rest of an uninterrupted run.
  void restore(const loader_cursor& at) {
    if (at.epoch < 0 || at.batch < 0)
      throw_value_error(concat("loader: negative cursor: epoch ", at.epoch, ", batch ", at.batch));
    cursor_ = at;
    chosen_ = true;
  }
  /// The next loop walks epoch `epoch` from its start.
  void set_epoch(std::int64_t epoch) { restore({epoch, 0}); }

  /// The batches still to come in one loop; ends when equal to std::default_sentinel.
  class iterator {
   public:
    using value_type = batch_type;
    using difference_type = std::ptrdiff_t;

    batch_type& operator*() const { return *current_; }
    batch_type* operator->() const { return current_.get(); }
    iterator& operator++() {
      advance();
      return *this;
    }
    void operator++(int) { advance(); }
    friend bool operator==(const iterator& i, std::default_sentinel_t) { return i.current_ == nullptr; }

   private:
    friend loader;
    explicit iterator(loader& from) : from_(&from), epoch_(from.cursor_.epoch) {
      auto order = from.sampler_.order(epoch_, from.dataset_.size());
      detail::check_order(order, from.dataset_.size());
      last_ = detail::batches_of(static_cast<std::int64_t>(order.size()), from.options_);
      const std::int64_t first = (std::min)(from.cursor_.batch, last_);
      auto make = [&from, epoch = epoch_, list = std::move(order)](std::int64_t batch) -> std::shared_ptr<void> {
        return from.make_batch(epoch, batch, list);
      };
      if (from.options_.workers == 0)
        make_ = std::move(make);
      else
        workers_ = std::make_unique<detail::ordered_workers>(first, last_, from.options_.workers,
                                                             from.options_.prefetch, std::move(make));
      next_ = first;
      advance();
    }

    void advance() {
      current_.reset();
      if (next_ == last_) {
        from_->cursor_ = {epoch_ + 1, 0};
        from_->chosen_ = true;
        workers_.reset();
        return;
      }
      if (workers_) {
        current_ = std::static_pointer_cast<batch_type>(workers_->next());
      } else {
        const no_grad untracked;
        current_ = std::static_pointer_cast<batch_type>(make_(next_));
      }
      from_->cursor_ = {epoch_, ++next_};
      from_->chosen_ = false;
    }

    loader* from_;
    std::int64_t epoch_;
    std::int64_t next_ = 0;
    std::int64_t last_ = 0;
    detail::ordered_workers::job make_;
    std::unique_ptr<detail::ordered_workers> workers_;
    std::shared_ptr<batch_type> current_;
  };

  iterator begin() {
    // A loop that was left early is not taken up again, unless restore() says so.
    if (!chosen_) cursor_ = {cursor_.epoch + 1, 0};
    return iterator(*this);
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::shared_ptr<batch_type> make_batch(std::int64_t epoch, std::int64_t batch,
                                         const std::vector<std::int64_t>& order) const {
    const auto start = static_cast<std::size_t>(batch * options_.batch);
    const std::size_t stop = (std::min)(start + static_cast<std::size_t>(options_.batch), order.size());
    const random::stream streams = detail::epoch_stream(options_.seed, detail::sample_purpose, epoch);
    std::vector<sample_type> samples;
    samples.reserve(stop - start);
    for (std::size_t k = start; k < stop; ++k) {
      relayed("sample ", order[k], [&] { samples.push_back(get_sample(dataset_, order[k], streams.split(k))); });
    }
    std::shared_ptr<batch_type> out;
    relayed("batch ", batch,
            [&] { out = std::make_shared<batch_type>(collate_(std::span<const sample_type>(samples))); });
    return out;
  }

  template <class F>
  static void relayed(const char* what, std::int64_t number, F f) {
    std::exception_ptr failure;
    try {
      f();
      return;
    } catch (...) {
      failure = detail::relay_current_exception(concat("loader: ", what, number, ": "));
    }
    std::rethrow_exception(std::move(failure));
  }

  Dataset dataset_;
  Sampler sampler_;
  loader_options options_;
  Collate collate_;
  loader_cursor cursor_;
  bool chosen_ = true;
};

}  // namespace tensorlab::inline v0::data
