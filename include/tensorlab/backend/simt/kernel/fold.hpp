#pragma once

#include <tensorlab/backend/simt/group.hpp>
#include <tensorlab/backend/simt/nest.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// Slices of the operands that are folded into one value each: `kept` numbers the slices, `inner` a slice's elements.
template <int Operands>
struct slices {
  nest<Operands> kept, inner;
};

/// How slices are laid over groups: a group takes `columns` slices at a time, its other lanes divide their elements; a
/// long slice is cut into `chunks` of `length` elements whose results are combined by a second kernel.
struct fold_plan {
  int columns = 1;
  std::int64_t chunks = 1, length = 0;
};

namespace detail {

/// The plan depends on the shapes and the group size alone, never on the device: the same sums in the same order
/// anywhere.
inline fold_plan plan_fold(std::int64_t slices, std::int64_t elements, bool slices_adjacent, int lanes,
                           std::int64_t groups, bool cut) {
  constexpr std::int64_t least = 16, most = 1024;  // elements of a lane: enough work, little rounding
  fold_plan p;
  if (slices_adjacent) p.columns = lanes < 32 ? lanes : 32;
  while (p.columns < lanes && lanes / p.columns / 2 >= elements && p.columns < slices) p.columns *= 2;
  const std::int64_t rows = lanes / p.columns, tiles = (slices + p.columns - 1) / p.columns;
  if (cut && elements > 0 && tiles > 0) {
    const auto pieces = [&](std::int64_t size) { return (elements + rows * size - 1) / (rows * size); };
    const std::int64_t wanted = groups / tiles, possible = pieces(least), needed = pieces(most);
    p.chunks = wanted < possible ? wanted : possible;
    if (p.chunks < needed) p.chunks = needed;
  }
  p.length = (elements + p.chunks - 1) / p.chunks;
  return p;
}

/// Combines one value after the other, a block at a time: the rounding of a long sum grows with the length of a block
/// and with the number of blocks, not with their product.
template <class F>
class blocked_fold {
 public:
  using state = typename F::state;

  TL_HD explicit blocked_fold(const F& fold) : fold_(fold), block_(fold.identity()), total_(block_) {}

  /// The state of the block at hand, to be replaced by one with another value in it.
  TL_HD void put(const state& s) {
    block_ = s;
    if (++filled_ < size) return;
    total_ = fold_.combine(total_, block_);
    block_ = fold_.identity();
    filled_ = 0;
  }
  TL_HD const state& block() const { return block_; }
  TL_HD state total() const { return fold_.combine(total_, block_); }

 private:
  static constexpr int size = 32;

  const F& fold_;
  state block_, total_;
  int filled_ = 0;
};

}  // namespace detail

/// Folds the elements [begin, end) of the slice at `at`, shared among the lanes of this lane's column; all get the
/// result.
///
/// `F` has `state`, `identity()`, `step(state, at)` with the operands' offsets of one element, `combine(a, b)`.
template <class G, class F, int Operands>
TL_HD typename F::state fold_slice(G& g, const F& fold, const nest<Operands>& inner, const std::int64_t* at,
                                   std::int64_t begin, std::int64_t end, int columns) {
  detail::blocked_fold<F> lane(fold);
  const int rows = g.size() / columns;
  for (std::int64_t i = begin + g.rank() / columns; i < end; i += rows) {
    std::int64_t here[Operands];
    for (int k = 0; k < Operands; ++k) here[k] = at[k];
    inner.offsets(i, here);
    lane.put(fold.step(lane.block(), here));
  }
  return group_reduce(g, lane.total(), columns, [&fold](const auto& a, const auto& b) { return fold.combine(a, b); });
}

/// Folds each slice and hands the result to `fold.finish(at, state)`, or to `partial` where slices are cut.
template <class F>
struct fold_body {
  F fold;
  slices<F::operands> over;
  fold_plan plan;
  typename F::state* partial;

  template <class G>
  TL_HD void operator()(G& g) const {
    const std::int64_t tiles = (over.kept.count + plan.columns - 1) / plan.columns;
    for (std::int64_t job = g.index(); job < tiles * plan.chunks; job += g.count()) {
      const std::int64_t slice = job % tiles * plan.columns + g.rank() % plan.columns, chunk = job / tiles;
      const bool active = slice < over.kept.count;
      const std::int64_t begin = chunk * plan.length;
      std::int64_t end = begin + plan.length;
      if (end > over.inner.count) end = over.inner.count;
      std::int64_t at[F::operands] = {};
      if (active) over.kept.offsets(slice, at);
      const auto value = fold_slice(g, fold, over.inner, at, begin, active ? end : begin, plan.columns);
      if (!active || g.rank() >= plan.columns) continue;
      if (partial != nullptr) {
        partial[chunk * over.kept.count + slice] = value;
      } else {
        fold.finish(at, value);
      }
    }
  }
};

/// Combines the chunks of each slice in their order: a lane per slice.
template <class F>
struct fold_chunks_body {
  F fold;
  nest<F::operands> kept;
  std::int64_t chunks;
  const typename F::state* partial;

  template <class G>
  TL_HD void operator()(G& g) const {
    const std::int64_t step = global_size(g);
    for (std::int64_t slice = global_rank(g); slice < kept.count; slice += step) {
      detail::blocked_fold<F> all(fold);
      for (std::int64_t c = 0; c < chunks; ++c) all.put(fold.combine(all.block(), partial[c * kept.count + slice]));
      std::int64_t at[F::operands] = {};
      kept.offsets(slice, at);
      fold.finish(at, all.total());
    }
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
