#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <tensorlab/train/values.hpp>

namespace tensorlab::inline v0::train {

/// Where a training loop stands: what callbacks read and may change.
struct status {
  std::int64_t epoch = 0, epochs = 0;   // counted from 1, and how many there are to be
  std::int64_t batch = 0, batches = 0;  // of this epoch, counted from 1; batches is 0 if their number is unknown
  std::int64_t iteration = 0;           // batches of the whole run so far
  std::int64_t samples = 0;             // of this epoch so far
  double loss = 0;                      // of the last batch
  double learning_rate = 0;
  double grad_norm = 0;  // of the last step, before clipping; 0 if gradients are not clipped by norm
  values metrics;        // of this epoch: means over its samples so far, `loss` first; callbacks add theirs
  bool stopped = false;
  std::string stop_reason;

  /// Ends the run: after this batch, or after the callbacks of this epoch's end.
  void stop(std::string reason) {
    stopped = true;
    stop_reason = std::move(reason);
  }
};

namespace detail {

template <class C>
concept has_train_begin = requires(C& c, status& s) {
  c.on_train_begin(s);
};
template <class C>
concept has_epoch_begin = requires(C& c, status& s) {
  c.on_epoch_begin(s);
};
template <class C>
concept has_batch_end = requires(C& c, status& s) {
  c.on_batch_end(s);
};
template <class C>
concept has_epoch_end = requires(C& c, status& s) {
  c.on_epoch_end(s);
};
template <class C>
concept has_train_end = requires(C& c, status& s) {
  c.on_train_end(s);
};

}  // namespace detail

/// What can be hung into a training loop: any object with one or more of the members `on_train_begin(status&)`,
/// `on_epoch_begin(status&)`, `on_batch_end(status&)`, `on_epoch_end(status&)`, `on_train_end(status&)`.
template <class C>
concept callback = detail::has_train_begin<std::remove_reference_t<C>> ||
    detail::has_epoch_begin<std::remove_reference_t<C>> || detail::has_batch_end<std::remove_reference_t<C>> ||
    detail::has_epoch_end<std::remove_reference_t<C>> || detail::has_train_end<std::remove_reference_t<C>>;

/// A function of the status as a callback at the end of each epoch.
template <class F>
struct after_epoch {
  F call;
  explicit after_epoch(F f) : call(std::move(f)) {}
  void on_epoch_end(status& s) { call(s); }
};
/// A function of the status as a callback at the end of each batch.
template <class F>
struct after_batch {
  F call;
  explicit after_batch(F f) : call(std::move(f)) {}
  void on_batch_end(status& s) { call(s); }
};

}  // namespace tensorlab::inline v0::train
