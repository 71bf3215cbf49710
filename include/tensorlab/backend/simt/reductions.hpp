#pragma once

#include <tensorlab/backend/simt/elementwise.hpp>
#include <tensorlab/backend/simt/kernel/reduce.hpp>
#include <tensorlab/backend/simt/kernel/sort.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// Reductions, running combinations and sorting, laid over groups by the launcher `L` (see elementwise_primitives).
template <class L>
struct reduction_primitives {
  /// The slices of shape `s` over the dimensions where `mask` is zero.
  template <class... S>
  static slices<sizeof...(S)> make_slices(const shape& s, const strides& mask, const S&... st) {
    return {make_nest(pick(s, mask, false), true, pick(st, mask, false)...),
            make_nest(pick(s, mask, true), true, pick(st, mask, true)...)};
  }

  template <int Operands>
  static fold_plan plan(const slices<Operands>& s, int operand, bool cut) {
    const std::int64_t across = s.kept.innermost(operand), along = s.inner.innermost(operand);
    return detail::plan_fold(s.kept.count, s.inner.count, s.kept.rank > 0 && (along == 0 || across < along), L::lanes,
                             L::resident, cut);
  }

  /// Runs a fold over its slices; `operand` is the one whose memory order decides the layout.
  template <class F>
  static void fold(const char* op, const void* at, const F& f, const slices<F::operands>& over, int operand = 0) {
    if (over.kept.count == 0) return;
    const fold_plan p = plan(over, operand, true);
    const std::int64_t jobs = (over.kept.count + p.columns - 1) / p.columns * p.chunks;
    if (p.chunks == 1) {
      L::run(op, at, jobs, fold_body<F>{f, over, p, nullptr});
      return;
    }
    using state = typename F::state;
    const typename L::scratch partial(at, static_cast<std::size_t>(p.chunks * over.kept.count) * sizeof(state));
    auto* const to = static_cast<state*>(partial.data());
    L::run(op, at, jobs, fold_body<F>{f, over, p, to});
    elementwise_primitives<L>::over_lanes(op, at, over.kept.count, fold_chunks_body<F>{f, over.kept, p.chunks, to});
  }

  template <class R, class T>
  static void reduce(const R& rule, view<T> y, view<const T> x) {
    fold(R::name, y.data, reduce_fold<R, T>{rule, x.data, y.data},
         make_slices(y.shape, y.strides, x.strides, y.strides));
  }

  template <class R, class T>
  static void arg_reduce(const R& rule, view<std::int64_t> y, view<const T> x, int axis) {
    if (x.shape[axis] == 0) return;
    strides mask = dims::filled(x.rank(), 1), position = dims::filled(x.rank(), 0);
    mask[axis] = 0;
    position[axis] = 1;
    fold(R::name, y.data, arg_reduce_fold<R, T>{rule, x.data, y.data},
         make_slices(x.shape, mask, x.strides, y.strides, position));
  }

  template <class R, class T>
  static void cumulate(const R& rule, view<T> y, view<const T> x, int axis, bool reverse) {
    const std::int64_t n = x.shape[axis], last = n - 1;
    if (n == 0) return;
    shape lines = x.shape;
    lines[axis] = 1;
    cumulate_body<R, T> body{
        rule, make_nest(lines, true, x.strides, y.strides), n, x.strides[axis], y.strides[axis], false, x.data, y.data};
    if (reverse) {
      body.x += last * body.x_step;
      body.y += last * body.y_step;
      body.x_step = -body.x_step;
      body.y_step = -body.y_step;
    }
    body.shared = L::lanes > 1 && body.lines.count < L::resident * L::lanes && n > L::lanes;
    if (body.lines.count == 0) return;
    L::run(R::name, y.data, body.shared ? body.lines.count : (body.lines.count + L::lanes - 1) / L::lanes, body);
  }

  template <class T>
  static void sort(view<T> values, view<std::int64_t> positions, view<const T> x, int axis, bool descending) {
    shape lines = x.shape;
    lines[axis] = 1;
    sort_body<T> body{make_nest(lines, true, values.strides, positions.strides, x.strides),
                      x.shape[axis],
                      values.strides[axis],
                      positions.strides[axis],
                      x.strides[axis],
                      descending,
                      0,
                      0,
                      values.data,
                      positions.data,
                      x.data};
    if (body.lines.count == 0 || body.length == 0) return;
    constexpr std::int64_t alone =
        16 * L::lanes;  // a longer line is sorted by all groups, a step of the network at a time
    if (L::lanes == 1 || body.length <= alone) {
      L::run("sort", values.data, body.lines.count, body);
      return;
    }
    body.merge = 1;
    elementwise_primitives<L>::over_lanes("sort", values.data, body.lines.count * body.length, body);
    for (body.merge = 2; body.merge < 2 * body.length; body.merge *= 2)
      for (body.distance = body.merge / 2; body.distance > 0; body.distance /= 2)
        elementwise_primitives<L>::over_lanes("sort", values.data, body.lines.count * body.length / 2, body);
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
