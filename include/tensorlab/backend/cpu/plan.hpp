#pragma once

#include <cstdlib>
#include <cstring>
#include <utility>

#include <tensorlab/backend/cpu/parallel.hpp>
#include <tensorlab/backend/view.hpp>
#include <tensorlab/core/capture.hpp>

namespace tensorlab::inline v0::detail {

/// One operand of a loop nest: its first byte, its strides in elements and the bytes of an element.
struct loop_operand {
  char* data;
  const strides* steps;
  std::int64_t element;
};

template <class T>
loop_operand operand(const view<T>& v) {
  return {reinterpret_cast<char*>(const_cast<std::remove_const_t<T>*>(v.data)), &v.strides, sizeof(T)};
}

/// A loop nest over several strided operands: rows of `inner` elements under at most 8 outer loops.
///
/// Extents of 1 are gone, the loops follow the first operand's memory order and neighbours that every operand walks
/// without a gap are one loop, so dense operands of the same layout make a single row.
struct loop_plan {
  static constexpr int max_operands = 8;

  int operands = 0;
  int outer = 0;
  std::int64_t rows = 0;
  std::int64_t inner = 0;
  std::int64_t extent[dims::max_rank] = {};
  std::int64_t stride[dims::max_rank][max_operands] = {};  // bytes, per outer loop
  std::int64_t step[max_operands] = {};                    // bytes between neighbours of a row
  char* data[max_operands] = {};

  /// With `keep_order` the elements are visited in row-major order.
  loop_plan(const shape& s, const loop_operand* operand, int count, bool keep_order = false) : operands(count) {
    int loops = 0;
    for (int d = 0; d < s.rank(); ++d) {
      if (s[d] == 0) return;
      if (s[d] == 1) continue;
      extent[loops] = s[d];
      for (int k = 0; k < count; ++k) stride[loops][k] = (*operand[k].steps)[d] * operand[k].element;
      ++loops;
    }
    for (int k = 0; k < count; ++k) data[k] = operand[k].data;
    if (!keep_order) sort_loops(loops);
    merge_loops(loops);
    rows = 1;
    inner = 1;
    if (loops > 0) {
      outer = loops - 1;
      inner = extent[outer];
      for (int k = 0; k < count; ++k) step[k] = stride[outer][k];
      for (int d = 0; d < outer; ++d) rows *= extent[d];
    }
  }

  std::int64_t size() const { return rows * inner; }

 private:
  // Larger steps of the first operand go outside; where it does not move or ties, the next one decides.
  bool inside(int a, int b) const {
    for (int k = 0; k < operands; ++k) {
      const std::int64_t x = std::abs(stride[a][k]), y = std::abs(stride[b][k]);
      if (x != y) return x < y;
    }
    return false;
  }
  void swap_loops(int a, int b) {
    std::swap(extent[a], extent[b]);
    for (int k = 0; k < operands; ++k) std::swap(stride[a][k], stride[b][k]);
  }
  void sort_loops(int loops) {
    for (int i = 1; i < loops; ++i)
      for (int j = i; j > 0 && inside(j - 1, j); --j) swap_loops(j - 1, j);
  }
  bool mergeable(int a, int b) const {
    for (int k = 0; k < operands; ++k)
      if (stride[a][k] != stride[b][k] * extent[b]) return false;
    return true;
  }
  void merge_loops(int& loops) {
    int last = 0;
    for (int d = 1; d < loops; ++d) {
      if (mergeable(last, d)) {
        extent[last] *= extent[d];
      } else {
        ++last;
        extent[last] = extent[d];
      }
      for (int k = 0; k < operands; ++k) stride[last][k] = stride[d][k];
    }
    if (loops > 0) loops = last + 1;
  }
};

/// Works on `n` elements of a row: operand k's lie `steps[k]` bytes apart from `data[k]`; `first` is the number of the
/// first of them in the plan's order.
using row_function = void (*)(const void* rule, char* const* data, const std::int64_t* steps, std::int64_t first,
                              std::int64_t n);

/// The rows of elements [begin, end) of a plan, one after the other, with the operands at `base`.
inline void run_rows(const loop_plan& plan, char* const* base, const void* rule, row_function row, std::int64_t begin,
                     std::int64_t end) {
  std::int64_t index[dims::max_rank] = {};
  char* data[loop_plan::max_operands];
  std::int64_t rest = begin / plan.inner, column = begin % plan.inner;
  for (int k = 0; k < plan.operands; ++k) data[k] = base[k];
  for (int d = plan.outer - 1; d >= 0; --d) {
    index[d] = rest % plan.extent[d];
    rest /= plan.extent[d];
    for (int k = 0; k < plan.operands; ++k) data[k] += index[d] * plan.stride[d][k];
  }
  while (begin < end) {
    const std::int64_t n = (std::min)(plan.inner - column, end - begin);
    if (column == 0) {
      row(rule, data, plan.step, begin, n);
    } else {
      char* shifted[loop_plan::max_operands];
      for (int k = 0; k < plan.operands; ++k) shifted[k] = data[k] + column * plan.step[k];
      row(rule, shifted, plan.step, begin, n);
      column = 0;
    }
    begin += n;
    for (int d = plan.outer - 1; d >= 0; --d) {
      for (int k = 0; k < plan.operands; ++k) data[k] += plan.stride[d][k];
      if (++index[d] < plan.extent[d]) break;
      for (int k = 0; k < plan.operands; ++k) data[k] -= plan.extent[d] * plan.stride[d][k];
      index[d] = 0;
    }
  }
}

/// Runs `row` over all of a plan, by several threads where it is worth it; `work` is the element operations per
/// element.
inline void run_plan(const loop_plan& plan, const void* rule, row_function row, std::int64_t work = 1) {
  if (plan.size() == 0) return;
  if (plan.rows == 1 && plan.inner * work < serial_work) return row(rule, plan.data, plan.step, 0, plan.inner);
  // Cheap elements are shared out by cache lines.
  parallel_for(plan.size(), work, work < 64 ? 64 : 1,
               [&](std::int64_t begin, std::int64_t end) { run_rows(plan, plan.data, rule, row, begin, end); });
}

/// A rule of a recorded plan, without its type.
inline constexpr std::size_t max_rule_bytes = 64;
using rule_bytes = unsigned char[max_rule_bytes];

[[gnu::cold, gnu::noinline]] inline void capture_plan(capture& r, const loop_plan& plan, const void* rule,
                                                      std::size_t bytes, row_function row, std::int64_t work) {
  struct run {
    loop_plan plan;
    row_function row;
    std::int64_t work;
    alignas(16) rule_bytes rule;

    void operator()() const { run_plan(plan, rule, row, work); }
  };
  run call{plan, row, work, {}};
  std::memcpy(call.rule, rule, bytes);
  r.perform(call);
}

/// As run_plan, for a primitive: a recording keeps the plan and a copy of the rule.
template <class R>
void perform_plan(const loop_plan& plan, const R& rule, row_function row, std::int64_t work = 1) {
  static_assert(std::is_trivially_copyable_v<R> && sizeof(R) <= max_rule_bytes,
                "a rule is a trivially copyable record of at most 64 bytes");
  if (capture* const r = capture::current()) [[unlikely]]
    return capture_plan(*r, plan, &rule, sizeof(R), row, work);
  run_plan(plan, &rule, row, work);
}

}  // namespace tensorlab::inline v0::detail
