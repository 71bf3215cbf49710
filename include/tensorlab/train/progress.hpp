#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

#include <tensorlab/train/status.hpp>

namespace tensorlab::inline v0::train {

/// Settings of progress.
struct progress_options {
  bool quiet = false;  // print nothing at all
  std::FILE* file = stdout;
  std::optional<bool> terminal;  // draw a bar; if not given, when the file is a terminal
};

namespace detail {

/// 59 -> 0:59, 3661 -> 1:01:01.
inline std::string clock_text(double seconds) {
  const auto all = static_cast<long long>(seconds + 0.5);
  char text[32];
  if (all < 3600)
    std::snprintf(text, sizeof text, "%lld:%02lld", all / 60, all % 60);
  else
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", all / 3600, all / 60 % 60, all % 60);
  return text;
}

inline std::string short_number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", v);
  return text;
}

inline std::string metrics_text(const status& s) {
  std::string text;
  for (const auto& [name, value] : s.metrics) text += "  " + name + " " + short_number(value);
  return text;
}

/// `epoch 3/30  loss 0.6973  val_loss 0.5124  lr 2.5e-05  0:12`
inline std::string epoch_line(const status& s, double seconds) {
  return concat("epoch ", s.epoch, "/", s.epochs, metrics_text(s), "  lr ", short_number(s.learning_rate), "  ",
                clock_text(seconds));
}

/// `epoch 3/30 [======>             ] 40/125  loss 0.6973  eta 0:26`
inline std::string bar_line(const status& s, double seconds) {
  constexpr std::int64_t width = 20;
  std::string line = concat("epoch ", s.epoch, "/", s.epochs);
  if (s.batches <= 0) return concat(line, " ", s.batch, metrics_text(s));
  const std::int64_t done = (std::min)(width, s.batch * width / s.batches);
  std::string bar(static_cast<std::size_t>(done), '=');
  if (done < width) bar += '>';
  bar.resize(static_cast<std::size_t>(width), ' ');
  const double left =
      s.batch > 0 ? seconds / static_cast<double>(s.batch) * static_cast<double>(s.batches - s.batch) : 0;
  return concat(line, " [", bar, "] ", s.batch, "/", s.batches, metrics_text(s), "  eta ", clock_text(left));
}

}  // namespace detail

/// A callback that shows how far training is: on a terminal a bar that moves within the epoch, and otherwise one line
/// per epoch. Give it to fit() last, so that it shows what the others add.
class progress {
 public:
  explicit progress(const progress_options& options = {})
      : options_(options),
        terminal_(options.terminal ? *options.terminal : !options.quiet && ::isatty(::fileno(options.file)) == 1) {}

  void on_epoch_begin(status&) { start_ = drawn_ = clock::now(); }
  void on_batch_end(status& s) {
    if (options_.quiet || !terminal_) return;
    const auto now = clock::now();
    // Drawing more often than the eye sees costs more than a small batch.
    if (now - drawn_ < std::chrono::milliseconds(100) && s.batch != 1) return;
    drawn_ = now;
    print("\r\x1b[K" + detail::bar_line(s, seconds(now)));
  }
  void on_epoch_end(status& s) {
    if (!options_.quiet) print((terminal_ ? "\r\x1b[K" : "") + detail::epoch_line(s, seconds(clock::now())) + "\n");
  }
  void on_train_end(status& s) {
    if (!options_.quiet && s.stopped) print((terminal_ ? "\r\x1b[K" : "") + ("stopped: " + s.stop_reason) + "\n");
  }

 private:
  using clock = std::chrono::steady_clock;

  double seconds(clock::time_point now) const { return std::chrono::duration<double>(now - start_).count(); }
  void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), options_.file);
    std::fflush(options_.file);
  }

  progress_options options_;
  bool terminal_;
  clock::time_point start_{}, drawn_{};
};

}  // namespace tensorlab::inline v0::train
