#pragma once

#include <tensorlab/backend/simt/kernel/elementwise.hpp>
#include <tensorlab/backend/simt/kernel/indexing.hpp>
#include <tensorlab/backend/view.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// Elementwise primitives and indexing, laid over groups by a launcher:
///
/// | member of `L` | meaning |
/// |---|---|
/// | `lanes` | lanes of a group, a power of two |
/// | `resident` | groups worth having at once; constant, since sums are cut by it |
/// | `run(op, at, groups, body)` | runs `body(group)` in some number of groups, `groups` being useful; `at` lies on the
/// device | | `scratch(at, bytes)` | memory until the end of scope: `data()` |
template <class L>
struct elementwise_primitives {
  /// Runs a body that gives each of `count` items a lane.
  template <class Body>
  static void over_lanes(const char* op, const void* at, std::int64_t count, const Body& body) {
    if (count > 0) L::run(op, at, (count + L::lanes - 1) / L::lanes, body);
  }

  template <class R, class U, class... Ts>
  static void map(const R& rule, view<U> y, view<Ts>... x) {
    map_body<R, U, std::remove_const_t<Ts>...> body{
        rule, make_nest(y.shape, true, y.strides, x.strides...), false, y.data, {x.data..., nullptr}};
    body.dense = body.walk.is_dense();
    using packed = packed_map_body<R, U, std::remove_const_t<Ts>...>;
    if constexpr (is_light<R> && packed::width >= 4) {
      const packed fast{rule, body.walk.count, y.data, {x.data..., nullptr}};
      if (body.dense && fast.aligned()) {
        over_lanes(R::name, y.data, (fast.count + packed::width - 1) / packed::width, fast);
        return;
      }
    }
    over_lanes(R::name, y.data, body.walk.count, body);
  }

  template <class R, class U, class... Ts>
  static void generate(const R& rule, view<U> y, view<Ts>... x) {
    const generate_body<R, U, std::remove_const_t<Ts>...> body{
        rule, make_nest(y.shape, false, y.strides, x.strides...), y.data, {x.data..., nullptr}};
    over_lanes(R::name, y.data, body.walk.count, body);
  }

  template <class R, class T>
  static void update(const update_batch<R, T>& batch) {
    if (batch.size > 0) over_lanes(R::name, batch.items[0].p, batch.elements(), update_body<R, T>{batch});
  }

  template <class T>
  static void gather(view<T> y, view<const T> x, view<const std::int64_t> index, int axis) {
    strides others = x.strides;
    others[axis] = 0;
    const gather_body<T> body{make_nest(y.shape, true, y.strides, index.strides, others), x.strides[axis], y.data,
                              index.data, x.data};
    over_lanes("gather", y.data, body.walk.count, body);
  }

  template <class T>
  static void bucketize(view<std::int64_t> y, view<const T> x, view<const T> edges, bool right) {
    const bucketize_body<T> body{make_nest(y.shape, true, y.strides, x.strides),
                                 y.data,
                                 x.data,
                                 edges.data,
                                 edges.strides[0],
                                 edges.shape[0],
                                 right};
    over_lanes("bucketize", y.data, body.walk.count, body);
  }

  template <class T>
  static void scatter_add(view<T> y, view<const T> x, view<const std::int64_t> index, int axis) {
    shape lines = x.shape;
    lines[axis] = 1;
    scatter_add_body<T> body{make_nest(lines, true, y.strides, index.strides, x.strides),
                             x.shape[axis],
                             y.shape[axis],
                             y.strides[axis],
                             index.strides[axis],
                             x.strides[axis],
                             false,
                             y.data,
                             index.data,
                             x.data};
    if (body.length == 0) return;
    body.by_position = position_wise(body.lines.count, body.positions);
    over_lanes("scatter_add", y.data, body.lines.count * (body.by_position ? body.positions : 1), body);
  }

  /// Whether a lane per position beats a lane per line: reading one index out of cache costs about a hundredth of the
  /// dependent additions to memory that a line's lane waits for, but every position reads the whole index.
  static bool position_wise(std::int64_t lines, std::int64_t positions) {
    const std::int64_t at_once = L::lanes * L::resident;
    const auto rounds = [&](std::int64_t lanes) { return (lanes + at_once - 1) / at_once; };
    return L::lanes > 1 && rounds(lines * positions) < 100 * rounds(lines);
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
