#pragma once

#include <tensorlab/backend/cpu/allocator.hpp>
#include <tensorlab/backend/cpu/plan.hpp>

namespace tensorlab::inline v0::detail {

/// What a reduction rule and its types supply to the driver, which knows neither. Accumulators are of a type that is
/// wide enough for long sums; `data` and `steps` are those of the inputs.
struct reducer {
  const void* rule;
  std::int64_t accumulator;  // bytes of one, at most reduce_plan::max_accumulator
  void (*init)(const void* rule, char* to, std::int64_t n);
  /// Reduces n elements into one accumulator.
  void (*along)(const void* rule, char* to, char* const* data, const std::int64_t* steps, std::int64_t n);
  /// Reduces `rows` rows of n elements into n accumulators.
  void (*across)(const void* rule, char* to, char* const* data, const std::int64_t* steps, std::int64_t n,
                 const std::int64_t* row_steps, std::int64_t rows);
  void (*combine)(const void* rule, char* to, const char* from, std::int64_t n);
  void (*store)(const void* rule, char* y, std::int64_t step, const char* from, std::int64_t n);
  /// Reduces each of `count` lines of n elements into an element of the output: `data` and `steps` are the output's and
  /// the inputs' from line to line, `along` the inputs' steps along a line. May be null.
  void (*lines)(const void* rule, char* const* data, const std::int64_t* steps, std::int64_t count,
                const std::int64_t* along, std::int64_t n) = nullptr;
};

/// A reduction as two loop nests: over the kept elements and, for each, over the reduced ones. Either the innermost
/// loop is reduced (`along`), or it is kept and whole rows are reduced into rows of accumulators (`across`).
///
/// The reduced range is cut into chunks whose length depends on the shape alone, and their results are combined in
/// order: the result does not depend on the number of threads.
struct reduce_plan {
  static constexpr std::int64_t chunk_elements = 16384;
  static constexpr std::int64_t tile_columns = 256;
  static constexpr std::int64_t short_row = 8;
  static constexpr std::int64_t max_accumulator = 24;  // bytes

  /// Operand 0 is the output; a dimension where its stride is 0 is reduced.
  reduce_plan(const shape& s, const loop_operand* operand, int count)
      : kept_(kept_shape(s, *operand[0].steps, true), operand, count),
        reduced_(kept_shape(s, *operand[0].steps, false), operand + 1, count - 1),
        inputs_(count - 1) {
    if (kept_.size() == 0) return;
    const bool across = kept_.inner > 1 && (reduced_.inner <= short_row || smaller_step());
    columns_ = across ? (std::min)(kept_.inner, tile_columns) : 1;
    tiles_ = across ? (kept_.inner + columns_ - 1) / columns_ : kept_.inner;
    const std::int64_t total = reduced_.size();
    chunk_ = (std::max)(std::int64_t{1}, chunk_elements / columns_);
    chunks_ = (std::max)(std::int64_t{1}, (total + chunk_ - 1) / chunk_);
  }

  void run(const reducer& r) const {
    const std::int64_t outputs = kept_.size();
    if (outputs == 0) return;
    const std::int64_t tasks = kept_.rows * tiles_;
    const std::int64_t total = reduced_.size();
    if (r.lines != nullptr && chunks_ == 1 && columns_ == 1 && reduced_.outer == 0 && total > 0) {
      struct context {
        const reducer& r;
        const loop_plan& reduced;
      } c{r, reduced_};
      parallel_for(tasks, total + 1, 1, [&](std::int64_t begin, std::int64_t end) {
        run_rows(
            kept_, kept_.data, &c,
            [](const void* p, char* const* data, const std::int64_t* steps, std::int64_t, std::int64_t lines) {
              const auto& self = *static_cast<const context*>(p);
              self.r.lines(self.r.rule, data, steps, lines, self.reduced.step, self.reduced.inner);
            },
            begin, end);
      });
      return;
    }
    if (chunks_ == 1) {
      parallel_for(tasks, (total + 1) * columns_, 1, [&](std::int64_t begin, std::int64_t end) {
        alignas(64) char accumulators[tile_columns * max_accumulator];
        walk(begin, end, [&](char* y, char* const* data, std::int64_t n, std::int64_t) {
          r.init(r.rule, accumulators, n);
          if (total > 0) reduce_range(r, accumulators, data, n, 0, total);
          r.store(r.rule, y, kept_.step[0], accumulators, n);
        });
      });
      return;
    }
    const scratch<char> memory(tasks * chunks_ * columns_ * r.accumulator);
    const auto partial = [&](std::int64_t task, std::int64_t chunk) {
      return memory.data() + (task * chunks_ + chunk) * columns_ * r.accumulator;
    };
    parallel_for(tasks * chunks_, chunk_ * columns_, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t task = i / chunks_, c = i % chunks_;
        walk(task, task + 1, [&](char*, char* const* data, std::int64_t n, std::int64_t) {
          r.init(r.rule, partial(task, c), n);
          reduce_range(r, partial(task, c), data, n, c * chunk_, (std::min)((c + 1) * chunk_, total));
        });
      }
    });
    walk(0, tasks, [&](char* y, char* const*, std::int64_t n, std::int64_t task) {
      for (std::int64_t c = 1; c < chunks_; ++c) r.combine(r.rule, partial(task, 0), partial(task, c), n);
      r.store(r.rule, y, kept_.step[0], partial(task, 0), n);
    });
  }

 private:
  static shape kept_shape(const shape& s, const strides& y, bool kept) {
    shape out = s;
    for (int d = 0; d < s.rank(); ++d)
      if ((y[d] != 0 || s[d] == 1) != kept) out[d] = 1;
    return out;
  }
  bool smaller_step() const {
    for (int k = 0; k < inputs_; ++k) {
      const std::int64_t a = std::abs(kept_.step[k + 1]), b = std::abs(reduced_.step[k]);
      if (a != b) return a < b;
    }
    return true;
  }

  /// Calls `body(y, inputs, columns, task)` for the tiles of kept elements [begin, end).
  template <class F>
  void walk(std::int64_t begin, std::int64_t end, F body) const {
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t column = task % tiles_ * columns_;
      std::int64_t row = task / tiles_;
      char* data[loop_plan::max_operands];
      for (int k = 0; k <= inputs_; ++k) data[k] = kept_.data[k] + column * kept_.step[k];
      for (int d = kept_.outer - 1; d >= 0; --d) {
        const std::int64_t i = row % kept_.extent[d];
        row /= kept_.extent[d];
        for (int k = 0; k <= inputs_; ++k) data[k] += i * kept_.stride[d][k];
      }
      body(data[0], data + 1, (std::min)(columns_, kept_.inner - column), task);
    }
  }

  /// Reduces elements [begin, end) of the reduced nest for one tile.
  void reduce_range(const reducer& r, char* to, char* const* data, std::int64_t n, std::int64_t begin,
                    std::int64_t end) const {
    struct context {
      const reducer& r;
      const reduce_plan& plan;
      char* to;
      std::int64_t n;
    } c{r, *this, to, n};
    if (reduced_.outer == 0) {
      char* from[loop_plan::max_operands];
      for (int k = 0; k < inputs_; ++k) from[k] = data[k] + begin * reduced_.step[k];
      if (columns_ == 1) return r.along(r.rule, to, from, reduced_.step, end - begin);
      return r.across(r.rule, to, from, kept_.step + 1, n, reduced_.step, end - begin);
    }
    run_rows(
        reduced_, data, &c,
        [](const void* p, char* const* x, const std::int64_t* steps, std::int64_t, std::int64_t rows) {
          const auto& self = *static_cast<const context*>(p);
          if (self.plan.columns_ == 1)
            self.r.along(self.r.rule, self.to, x, steps, rows);
          else
            self.r.across(self.r.rule, self.to, x, self.plan.kept_.step + 1, self.n, steps, rows);
        },
        begin, end);
  }

  loop_plan kept_;
  loop_plan reduced_;
  int inputs_;
  std::int64_t columns_ = 1, tiles_ = 1, chunk_ = 1, chunks_ = 1;
};

}  // namespace tensorlab::inline v0::detail
