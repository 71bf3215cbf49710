#pragma once

#include <type_traits>
#include <utility>

#include <tensorlab/backend/simt/group.hpp>
#include <tensorlab/backend/simt/nest.hpp>

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
    if (dense) {
      for (std::int64_t i = global_rank(g); i < walk.count; i += step)
        y[i] = rule.f(Ts(static_cast<const Ts*>(x[At])[i])...);
    } else {
      for (std::int64_t i = global_rank(g); i < walk.count; i += step) {
        std::int64_t at[operands] = {};
        walk.offsets(i, at);
        y[at[0]] = rule.f(Ts(static_cast<const Ts*>(x[At])[at[At + 1]])...);
      }
    }
  }
};

/// y_i = rule.f(i), i the row-major number: a lane per element.
template <class R, class U>
struct generate_body {
  R rule;
  nest<1> walk;
  U* y;

  template <class G>
  TL_HD void operator()(G& g) const {
    const std::int64_t step = global_size(g);
    for (std::int64_t i = global_rank(g); i < walk.count; i += step)
      y[walk.offset(i)] = rule.f(static_cast<std::uint64_t>(i));
  }
};

/// rule.f(p_i, g_i, s_i...) over dense memory: a lane per element.
template <class R, class T, class... S>
struct update_body {
  R rule;
  std::int64_t count;
  T* p;
  const T* gradient;
  void* state[sizeof...(S) + 1];

  template <class G>
  TL_HD void operator()(G& g) const {
    run(g, std::index_sequence_for<S...>{});
  }

 private:
  template <class G, std::size_t... At>
  TL_HD void run(G& g, std::index_sequence<At...>) const {
    const std::int64_t step = global_size(g);
    for (std::int64_t i = global_rank(g); i < count; i += step)
      rule.f(p[i], gradient[i], static_cast<S*>(state[At])[i]...);
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
