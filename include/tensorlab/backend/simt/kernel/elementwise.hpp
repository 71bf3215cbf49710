#pragma once

#include <type_traits>
#include <utility>

#include <tensorlab/backend/simt/group.hpp>
#include <tensorlab/backend/simt/nest.hpp>
#include <tensorlab/backend/update_batch.hpp>
#include <tensorlab/rule/activation.hpp>
#include <tensorlab/rule/binary.hpp>
#include <tensorlab/rule/rnn.hpp>
#include <tensorlab/rule/unary.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// y = rule.f(x...): a lane per element.
template <class R, class U, class... Ts>
struct map_body {
  static constexpr int operands = 1 + static_cast<int>(sizeof...(Ts));
  R rule;
  nest<operands> walk;
  bool dense;
  U* y;
  const void* x[sizeof...(Ts) + 1];

  template <class G>
  TL_HD void operator()(G& g) const {
    run(g, std::index_sequence_for<Ts...>{});
  }

 private:
  template <class G, std::size_t... At>
  TL_HD void run(G& g, std::index_sequence<At...>) const {
    const std::int64_t step = global_size(g);
    for (std::int64_t i = global_rank(g); i < walk.count; i += step) {
      std::int64_t at[operands] = {};
      if (dense) {  // one place for the rule's code: it is instantiated hundreds of times
        for (int k = 0; k < operands; ++k) at[k] = i;
      } else {
        walk.offsets(i, at);
      }
      y[at[0]] = rule.f(Ts(static_cast<const Ts*>(x[At])[at[At + 1]])...);
    }
  }
};

/// Neighbouring elements that a lane moves at once.
template <class T, int Width>
struct alignas(Width * sizeof(T)) pack {
  T lane[Width];
};

/// y = rule.f(x...) over dense memory, 16 bytes of each operand at a time: for rules that only wait for memory.
template <class R, class U, class... Ts>
struct packed_map_body {
  static constexpr std::size_t widest() {
    std::size_t bytes = sizeof(U);
    ((bytes = bytes < sizeof(Ts) ? sizeof(Ts) : bytes), ...);
    return bytes;
  }
  static constexpr int width = static_cast<int>(16 / widest());
  R rule;
  std::int64_t count;
  U* y;
  const void* x[sizeof...(Ts) + 1];

  /// Whether the operands begin where packs may.
  bool aligned() const { return is_multiple(y, width * sizeof(U)) && all_aligned(std::index_sequence_for<Ts...>{}); }

  template <class G>
  TL_HD void operator()(G& g) const {
    run(g, std::index_sequence_for<Ts...>{});
  }

 private:
  static bool is_multiple(const void* p, std::size_t bytes) { return reinterpret_cast<std::uintptr_t>(p) % bytes == 0; }
  template <std::size_t... At>
  bool all_aligned(std::index_sequence<At...>) const {
    return (is_multiple(x[At], width * sizeof(Ts)) && ...);
  }

  template <class G, std::size_t... At>
  TL_HD void run(G& g, std::index_sequence<At...>) const {
    const std::int64_t step = global_size(g), packs = count / width;
    for (std::int64_t i = global_rank(g); i < packs; i += step)
      apply(i, static_cast<const pack<Ts, width>*>(x[At])[i]...);
    for (std::int64_t i = packs * width + global_rank(g); i < count; i += step)
      y[i] = rule.f(Ts(static_cast<const Ts*>(x[At])[i])...);
  }

  TL_HD void apply(std::int64_t i, const pack<Ts, width>&... in) const {
    pack<U, width> out;
    for (int j = 0; j < width; ++j) out.lane[j] = rule.f(Ts(in.lane[j])...);
    reinterpret_cast<pack<U, width>*>(y)[i] = out;
  }
};

/// Rules worth a second kernel that moves packs.
using light_ops = type_list<rule::copy, rule::where, rule::add, rule::sub, rule::mul, rule::div, rule::maximum,
                            rule::minimum, rule::neg, rule::square, rule::add_scalar, rule::mul_scalar, rule::relu,
                            chain<rule::relu>, rule::leaky_relu, chain<rule::leaky_relu>, rule::relu6,
                            chain<rule::relu6>, rule::lstm_cell, rule::gru_output>;
template <class R>
inline constexpr bool is_light = is_listed<R, light_ops>;
template <class T>
inline constexpr bool is_light<rule::fill<T>> = true;

/// y_i = rule.f(i, x_i...), i the row-major number: a lane per element.
template <class R, class U, class... Ts>
struct generate_body {
  static constexpr int operands = 1 + static_cast<int>(sizeof...(Ts));
  R rule;
  nest<operands> walk;
  U* y;
  const void* x[sizeof...(Ts) + 1];

  template <class G>
  TL_HD void operator()(G& g) const {
    run(g, std::index_sequence_for<Ts...>{});
  }

 private:
  template <class G, std::size_t... At>
  TL_HD void run(G& g, std::index_sequence<At...>) const {
    const std::int64_t step = global_size(g);
    for (std::int64_t i = global_rank(g); i < walk.count; i += step) {
      std::int64_t at[operands] = {};
      walk.offsets(i, at);
      y[at[0]] = rule.f(static_cast<std::uint64_t>(i), Ts(static_cast<const Ts*>(x[At])[at[At + 1]])...);
    }
  }
};

/// rule.f(p_i, g_i, s_i...) for each item of a batch: a lane per element.
template <class R, class T>
struct update_body {
  update_batch<R, T> batch;
  static_assert(sizeof(batch) <= 4000, "what a kernel takes as arguments");

  template <class G>
  TL_HD void operator()(G& g) const {
    run(g, std::make_index_sequence<static_cast<std::size_t>(R::states)>{});
  }

 private:
  template <class G, std::size_t... At>
  TL_HD void run(G& g, std::index_sequence<At...>) const {
    // An item begins with the lanes after those that the one before it ended with, so that small items run side by
    // side.
    const std::int64_t step = global_size(g);
    std::int64_t first = global_rank(g);
    for (const update_item<R, T>& item : batch) {
      for (std::int64_t i = first; i < item.count; i += step) item.rule.f(item.p[i], item.g[i], item.state[At][i]...);
      // Whole groups of neighbours, which move lines of memory together.
      first -= (item.count + 31) / 32 * 32 % step;
      if (first < 0) first += step;
    }
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
