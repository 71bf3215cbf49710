#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <tensorlab/autograd/observer.hpp>
#include <tensorlab/backend/concept.hpp>
#include <tensorlab/fwd.hpp>
#include <tensorlab/io/json.hpp>
#include <tensorlab/train/status.hpp>

namespace tensorlab::inline v0::train {

/// Settings of a step profile.
struct step_profile_options {
  std::int64_t warm_up = 0;  // first steps that do not count: they fill caches; at least 0
  std::int64_t traced = 5;   // counted steps whose events are kept for the trace; at least 0
  double fastest = 1;        // share of the counted steps, the fastest, that the means are over; in (0, 1]
  int device = 0;            // the one that is waited for and whose memory is counted
};

/// One op's part of a step: means over steps, so that rows add up.
struct profile_row {
  std::string name;
  double calls = 0;     // forward passes; where there are none, all calls
  double forward = 0;   // microseconds
  double backward = 0;  // microseconds
  double time = 0;      // microseconds, what is neither of these included
  double share = 0;     // of the step's time, in percent
  double bytes = 0;     // of memory asked for
};

/// Where a step profile has its figures from.
struct profile_source {
  std::int64_t (*now)(int device);               // nanoseconds, when the device has done all that it was given
  std::uint64_t (*requested_bytes)(int device);  // since the program started; null where nobody counts

  template <backend B>
  static profile_source of() {
    profile_source s{[](int device) {
                       if constexpr (!B::host_accessible) B::synchronize(device);
                       (void)device;
                       const auto t = std::chrono::steady_clock::now().time_since_epoch();
                       return static_cast<std::int64_t>(std::chrono::nanoseconds(t).count());
                     },
                     nullptr};
    if constexpr (requires(int device) { B::memory(device).requested_bytes; })
      s.requested_bytes = [](int device) { return static_cast<std::uint64_t>(B::memory(device).requested_bytes); };
    else if constexpr (requires { B::memory().requested_bytes; })
      s.requested_bytes = [](int) { return static_cast<std::uint64_t>(B::memory().requested_bytes); };
    return s;
  }
};

/// What step_profile is but for its backend: adds up a thread's events, each moment of a step under one name.
///
/// A forward op has the time since the event before it, so what a program computes between two ops without saying so
/// counts as part of the latter. The backward pass of an op includes the ops that it is made of; an op that is made of
/// recorded ops keeps what they leave. `backward pass` sums gradients and hands them to the leaves, `data` is fit()
/// waiting for a batch, `other` what follows the last op before a scope or the end of the step. The time that profiling
/// itself takes is left out. Allocated memory is that of all threads.
class step_recorder : public op_observer {
 public:
  /// **Throws** value_error for settings out of range.
  step_recorder(const step_profile_options& options, const profile_source& source)
      : options_(options), source_(source) {
    if (options.warm_up < 0 || options.traced < 0)
      throw_value_error(concat("step_profile: warm_up and traced must be at least 0, got ", options.warm_up, " and ",
                               options.traced));
    if (!(options.fastest > 0 && options.fastest <= 1))
      throw_value_error(concat("step_profile: fastest must be in (0, 1], got ", to_text(options.fastest)));
    find("other");
  }
  ~step_recorder() override { stop_watching(); }

  /// A step that is being measured, until the end of scope; one that ends by an exception does not count.
  class measured_step {
   public:
    explicit measured_step(step_recorder& r) : recorder_(r), exceptions_(std::uncaught_exceptions()) {
      recorder_.start();
    }
    measured_step(const measured_step&) = delete;
    measured_step& operator=(const measured_step&) = delete;
    ~measured_step() {
      if (std::uncaught_exceptions() == exceptions_ && recorder_.try_read())
        recorder_.finish();
      else
        recorder_.abandon();
    }

   private:
    step_recorder& recorder_;
    int exceptions_;
  };

  /// Measures a step of this thread, until the end of the scope that holds what is returned.
  ///
  /// **Throws** value_error while another one is measured.
  [[nodiscard]] measured_step measure() {
    if (open_ && current_observer() == this) throw_value_error("step_profile: a step is being measured already");
    return measured_step(*this);
  }

  /// As a callback of fit(), a step goes from the end of one batch to that of the next; validation is not measured.
  void on_epoch_begin(status&) { start(); }
  void on_batch_end(status& s) {
    if (!open_) return;
    now_ = read();
    finish();
    if (s.batch != s.batches && !s.stopped) start();
  }
  void on_epoch_end(status&) { abandon(); }
  void on_train_end(status&) { abandon(); }

  /// The number of steps that count.
  std::int64_t steps() const { return steps_; }

  /// The parts of a step, the longest first, `other` last. **Throws** value_error if no step counts.
  std::vector<profile_row> rows() const {
    const std::vector<sums> parts = summed();
    std::int64_t all = 0;
    for (const sums& s : parts) all += s.all();
    std::vector<profile_row> out;
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (parts[i].used()) out.push_back(row(entries_[i].name, parts[i], static_cast<double>(all)));
    std::stable_sort(out.begin(), out.end(), [](const profile_row& a, const profile_row& b) {
      const bool last = a.name == "other", other_last = b.name == "other";
      return last != other_last ? other_last : a.time > b.time;
    });
    return out;
  }
  /// The sum of the rows.
  profile_row total() const {
    profile_row sum{.name = "total"};
    for (const profile_row& r : rows()) {
      sum.forward += r.forward;
      sum.backward += r.backward;
      sum.time += r.time;
      sum.share += r.share;
      sum.bytes += r.bytes;
    }
    return sum;
  }
  /// The rows and their sum as text, a line each. **Throws** value_error if no step counts.
  std::string table() const {
    std::vector<profile_row> lines = rows();
    std::size_t width = 5;
    for (const profile_row& r : lines) width = (std::max)(width, r.name.size());
    std::string text = concat("op", std::string(width - 2, ' '),
                              "    calls   forward us  backward us      time us  share %  allocated KiB\n");
    const auto add = [&](const profile_row& r, bool calls) {
      text += r.name + std::string(width - r.name.size(), ' ');
      text += calls ? number(" %8.1f", r.calls) : std::string(9, ' ');
      for (double us : {r.forward, r.backward, r.time}) text += number(" %12.1f", us);
      text += number(" %8.2f", r.share);
      text += source_.requested_bytes != nullptr ? number(" %14.1f", r.bytes / 1024) : std::string(14, ' ') + "-";
      text += "\n";
    };
    for (const profile_row& r : lines) add(r, r.name != "other");
    add(total(), false);
    text += concat("means of ", used_steps(), used_steps() == 1 ? " step" : " steps");
    if (used_steps() < steps_) text += concat(", the fastest of ", steps_);
    return text + "\n";
  }

  /// Writes the events of the traced steps in the trace event format, which chrome://tracing and Perfetto show:
  /// complete events, in microseconds, with the bytes asked for; an op's category is its phase.
  ///
  /// Here the time of profiling is part of the events around it. **Throws** file_error, value_error if no step counts.
  void save_trace(const std::string& path) const {
    require_steps();
    static constexpr const char* categories[] = {"forward", "backward", "optimiser", "other"};
    io::json list = io::json::array();
    std::int64_t step = options_.warm_up;
    for (const event& e : events_) {
      const bool whole = e.entry == no_entry;
      io::json j;
      j["name"] = whole ? concat("step ", ++step) : entries_[e.entry].name;
      j["cat"] = whole ? "step" : categories[static_cast<std::size_t>(e.phase)];
      j["ph"] = "X";
      j["ts"] = static_cast<double>(e.begin.time - events_.front().begin.time) * 1e-3;
      j["dur"] = static_cast<double>(e.duration) * 1e-3;
      j["pid"] = 1;
      j["tid"] = 1;
      if (source_.requested_bytes != nullptr) j["args"]["bytes"] = e.bytes;
      list.push_back(std::move(j));
    }
    io::save_json(path, {{"displayTimeUnit", "ms"}, {"traceEvents", std::move(list)}}, -1);
  }

  void ended(const char* name, op_phase phase) override {
    if (!open_ || inside_another()) return;
    const reading r = read();
    const std::size_t i = find(name);
    if (keep_) events_.push_back({i, phase, last_, r.time - last_.time, r.bytes - last_.bytes});
    charge(i, phase, r);
    ++entries_[i].step.calls[static_cast<std::size_t>(phase)];
    last_ = read();
  }
  void begin(const char* name, op_phase phase) override {
    if (!open_) return;
    const reading r = read();
    const std::size_t i = find(name);
    charge_open(r);
    ++entries_[i].step.calls[static_cast<std::size_t>(phase)];
    frames_.push_back({i, phase, open_event(i, phase, r)});
    last_ = read();
  }
  void end() noexcept override {
    // A step that began inside of this scope knows nothing of it.
    if (!open_ || frames_.empty()) return;
    try_read();
    charge_open(now_);
    close_event(frames_.back().event, now_);
    frames_.pop_back();
    try_read();
    last_ = now_;
  }

 private:
  static constexpr std::size_t no_entry = (std::numeric_limits<std::size_t>::max)();

  struct reading {
    std::int64_t time = 0;
    std::uint64_t bytes = 0;
  };
  struct sums {
    std::array<std::int64_t, 4> calls{}, time{};
    std::uint64_t bytes = 0;

    std::int64_t all() const { return time[0] + time[1] + time[2] + time[3]; }
    bool used() const {
      return std::any_of(calls.begin(), calls.end(), [](std::int64_t n) { return n > 0; }) || all() > 0;
    }
    void add(const sums& s) {
      for (std::size_t i = 0; i < 4; ++i) {
        calls[i] += s.calls[i];
        time[i] += s.time[i];
      }
      bytes += s.bytes;
    }
  };
  struct entry {
    std::string name;
    sums step, total;
  };
  /// A counted step, entry by entry.
  struct counted {
    std::int64_t time = 0;
    std::vector<sums> parts;
  };
  struct event {
    std::size_t entry;
    op_phase phase;
    reading begin;
    std::int64_t duration = 0;
    std::uint64_t bytes = 0;
  };
  struct frame {
    std::size_t entry;
    op_phase phase;
    std::size_t event;
  };

  reading read() const {
    return {source_.now(options_.device), source_.requested_bytes ? source_.requested_bytes(options_.device) : 0};
  }
  /// Reads where nothing may be thrown: what a device has to complain of, the next call that waits will say again.
  bool try_read() noexcept {
    try {
      now_ = read();
      return true;
    } catch (...) {
      now_ = last_;
      return false;
    }
  }

  std::size_t find(const char* name) {
    const auto found = index_.find(std::string_view(name));
    if (found != index_.end()) return found->second;
    entries_.push_back({name, {}, {}});
    index_.emplace(name, entries_.size() - 1);
    return entries_.size() - 1;
  }

  /// Whether the ops under way are parts of an op's backward pass or of an optimiser.
  bool inside_another() const {
    return !frames_.empty() &&
           (frames_.back().phase == op_phase::backward || frames_.back().phase == op_phase::optimiser);
  }
  void charge(std::size_t i, op_phase phase, const reading& until) {
    entries_[i].step.time[static_cast<std::size_t>(phase)] += until.time - last_.time;
    entries_[i].step.bytes += until.bytes - last_.bytes;
  }
  void charge_open(const reading& until) {
    if (frames_.empty())
      charge(0, op_phase::other, until);
    else
      charge(frames_.back().entry, frames_.back().phase, until);
  }

  std::size_t open_event(std::size_t i, op_phase phase, const reading& at) {
    if (keep_) events_.push_back({i, phase, at});
    return events_.size() - 1;
  }
  void close_event(std::size_t i, const reading& at) {
    if (!keep_) return;
    events_[i].duration = at.time - events_[i].begin.time;
    events_[i].bytes = at.bytes - events_[i].begin.bytes;
  }

  void start() {
    abandon();
    for (entry& e : entries_) e.step = {};
    keep_ = warmed_ >= options_.warm_up && steps_ < options_.traced;
    first_event_ = events_.size();
    open_event(no_entry, op_phase::other, read());
    previous_ = exchange_observer(this);
    open_ = true;
    last_ = read();
  }
  /// Counts the step that ends now.
  void finish() {
    charge_open(now_);
    close_event(first_event_, now_);
    frames_.clear();
    stop_watching();
    open_ = false;
    if (warmed_ < options_.warm_up) {
      ++warmed_;
      return;
    }
    ++steps_;
    for (entry& e : entries_) e.total.add(e.step);
    if (options_.fastest == 1) return;
    counted c;
    for (const entry& e : entries_) {
      c.time += e.step.all();
      c.parts.push_back(e.step);
    }
    history_.push_back(std::move(c));
  }
  void abandon() {
    stop_watching();
    if (open_ && keep_) events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(first_event_), events_.end());
    frames_.clear();
    open_ = false;
  }
  void stop_watching() {
    if (current_observer() == this) exchange_observer(previous_);
  }

  void require_steps() const {
    if (steps_ == 0)
      throw_value_error(
          concat("step_profile: no step counts: ", warmed_, " of ", options_.warm_up, " to warm up were measured"));
  }
  /// The number of steps that the means are over.
  std::int64_t used_steps() const {
    return static_cast<std::int64_t>(std::ceil(options_.fastest * static_cast<double>(steps_)));
  }
  /// The sums over these steps, entry by entry.
  std::vector<sums> summed() const {
    require_steps();
    std::vector<sums> out(entries_.size());
    if (options_.fastest == 1) {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = entries_[i].total;
      return out;
    }
    std::vector<const counted*> order;
    for (const counted& c : history_) order.push_back(&c);
    std::stable_sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->time < b->time; });
    order.resize(static_cast<std::size_t>(used_steps()));
    for (const counted* c : order)
      for (std::size_t i = 0; i < c->parts.size(); ++i) out[i].add(c->parts[i]);
    return out;
  }
  profile_row row(const std::string& name, const sums& s, double all) const {
    const auto per_step = [n = static_cast<double>(used_steps())](auto v) { return static_cast<double>(v) / n; };
    const auto& [calls, time, bytes] = s;
    return {name,
            per_step(calls[0] > 0 ? calls[0] : calls[1] + calls[2] + calls[3]),
            per_step(time[0]) * 1e-3,
            per_step(time[1]) * 1e-3,
            per_step(s.all()) * 1e-3,
            all > 0 ? 100 * static_cast<double>(s.all()) / all : 0,
            per_step(bytes)};
  }
  static std::string number(const char* format, double v) {
    char text[64];
    std::snprintf(text, sizeof text, format, v);
    return text;
  }

  step_profile_options options_;
  profile_source source_;
  std::vector<entry> entries_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<frame> frames_;
  std::vector<event> events_;
  std::vector<counted> history_;  // empty if all steps are used
  std::size_t first_event_ = 0;
  reading last_, now_;
  std::int64_t warmed_ = 0, steps_ = 0;
  op_observer* previous_ = nullptr;
  bool open_ = false, keep_ = false;
};

/// How the time of training steps on backend `B` is spent, op by op: for a loop of one's own or as a callback of fit(),
/// to which it is given before the callback that validates.
///
/// Where the backend is not the host, the device is waited for at each event: a step takes longer than unobserved.
///
/// ```cpp
/// tl::train::step_profile<> profile({.warm_up = 3});
/// for (int i = 0; i < 20; ++i) {
///   const auto step = profile.measure();
///   const auto loss = tl::loss::cross_entropy(net(x), y);
///   ..
/// }
/// std::puts(profile.table().c_str());
/// profile.save_trace("step.json");
/// ```
template <backend B = cpu>
class step_profile final : public step_recorder {
 public:
  explicit step_profile(const step_profile_options& options = {}) : step_recorder(options, profile_source::of<B>()) {}
};

}  // namespace tensorlab::inline v0::train
