#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include <tensorlab/core/graph.hpp>

namespace tensorlab::inline v0::detail {

/// How a call stands to the work that is queued on a device.
enum class call_kind : std::uint8_t {
  host,    // has its place: it computes on the host, waits, or queues work with arguments of its own
  beside,  // changes handles of the host's alone, so that the device's calls around it need not know
  device,  // queues work with fixed arguments
};

/// What a call is, beside its closure.
struct call_traits {
  call_kind kind = call_kind::host;
  graph_source source = nullptr;  // device calls: what makes graphs of them
  const void* at = nullptr;       // device calls: on the device
};

/// The calls of a recorded step, in their order. Runs of device calls become graphs when they are repeated first; what
/// the host does beside them is moved behind their run.
class call_list {
 public:
  call_list() = default;
  call_list(const call_list&) = delete;
  call_list& operator=(const call_list&) = delete;
  ~call_list() {
    parts_.clear();  // a graph's device may still read what closures own
    for (const call& c : calls_)
      if (c.destroy != nullptr) c.destroy(c.closure.get());
  }

  /// Keeps a closure, which `move_into(room)` puts into memory for `bytes`.
  template <class MoveInto>
  void add(const call_traits& traits, std::size_t bytes, void (*function)(const void*), void (*destroy)(void*),
           const MoveInto& move_into) {
    constexpr std::size_t unit = sizeof(std::max_align_t);
    call c{std::make_unique<std::max_align_t[]>((bytes + unit - 1) / unit), function, destroy, traits};
    move_into(static_cast<void*>(c.closure.get()));
    calls_.push_back(std::move(c));
    parts_.clear();
  }

  /// Makes the calls, or launches the graphs of their runs.
  void replay() {
    if (parts_.empty()) divide();
    for (part& p : parts_) {
      if (p.made != nullptr)
        p.made->launch();
      else if (p.source != nullptr && p.end - p.begin > 1)
        record(p);
      else
        make(&calls_[p.begin], &calls_[p.begin] + (p.end - p.begin));
    }
  }

  std::size_t size() const { return calls_.size(); }
  /// The graphs that were made so far.
  std::size_t graphs() const {
    std::size_t count = 0;
    for (const part& p : parts_) count += p.made != nullptr ? 1 : 0;
    return count;
  }

 private:
  struct call {
    std::unique_ptr<std::max_align_t[]> closure;
    void (*make)(const void* closure);
    void (*destroy)(void* closure);  // null where nothing is to be done
    call_traits traits;
  };
  /// Calls `begin` to `end`: a run for one source of graphs, or calls to be made one by one.
  struct part {
    std::size_t begin, end;
    graph_source source;
    std::unique_ptr<graph> made;
  };

  static void make(const call* begin, const call* end) {
    for (const call* c = begin; c != end; ++c) c->make(c->closure.get());
  }

  void record(part& p) {
    const std::pair<const call*, const call*> range{&calls_[p.begin], &calls_[p.begin] + (p.end - p.begin)};
    const void* at = nullptr;  // that of an empty operand says nothing
    for (const call* c = range.first; at == nullptr && c != range.second; ++c) at = c->traits.at;
    auto g = p.source(at);
    g->record({&range, [](const void* context) {
                 const auto& r = *static_cast<const std::pair<const call*, const call*>*>(context);
                 make(r.first, r.second);
               }});
    p.made = std::move(g);
  }

  void divide() {
    std::vector<call> ordered, beside;
    ordered.reserve(calls_.size());
    beside.reserve(calls_.size());
    parts_.reserve(calls_.size());
    const auto put = [&](call& c, graph_source source) {
      if (parts_.empty() || parts_.back().source != source)
        parts_.push_back({ordered.size(), ordered.size(), source, nullptr});
      ordered.push_back(std::move(c));
      ++parts_.back().end;
    };
    const auto end_run = [&] {
      for (call& c : beside) put(c, nullptr);
      beside.clear();
    };
    for (call& c : calls_) {
      const graph_source run = parts_.empty() ? nullptr : parts_.back().source;
      if (run != nullptr && c.traits.kind == call_kind::beside) {
        beside.push_back(std::move(c));
        continue;
      }
      if (c.traits.source != run) end_run();
      put(c, c.traits.source);
    }
    end_run();
    calls_ = std::move(ordered);
  }

  std::vector<call> calls_;
  std::vector<part> parts_;
};

}  // namespace tensorlab::inline v0::detail
