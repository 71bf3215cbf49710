#include <tensorlab/backend/simt/kernel/fold.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;
using kernel::fold_plan;

namespace {

/// The sum of a slice; operands x, y.
struct total {
  using state = long;
  static constexpr int operands = 2;
  const long* x;
  long* y;
  state identity() const { return 0; }
  state step(const state& s, const std::int64_t* at) const { return s + x[at[0]]; }
  state combine(const state& a, const state& b) const { return a + b; }
  void finish(const std::int64_t* at, const state& s) const { y[at[1]] = s; }
};

/// How many values were combined at a time.
struct depth {
  using state = int;
  int identity() const { return 0; }
  int combine(int a, int b) const { return 100 * a + b; }
};

void require_plan(const fold_plan& p, int columns, std::int64_t chunks, std::int64_t length) {
  REQUIRE(p.columns == columns);
  REQUIRE(p.chunks == chunks);
  REQUIRE(p.length == length);
}

}  // namespace

TEST_CASE("simt: a plan gives long slices to a group and adjacent slices to columns", "[backend][simt]") {
  using kernel::detail::plan_fold;
  require_plan(plan_fold(4, 1000, false, 256, 1, true), 1, 1, 1000);
  require_plan(plan_fold(1000, 1000, true, 256, 1, true), 32, 1, 1000);
  // Lanes that have no element of one slice take another: 8 elements, 256 / 8 columns.
  require_plan(plan_fold(1000, 8, false, 256, 1, true), 32, 1, 8);
  // A group per 16 elements of a lane where groups are free, and at most 1024 elements of a lane.
  require_plan(plan_fold(1, 256 * 64, false, 256, 100, true), 1, 4, 256 * 16);
  require_plan(plan_fold(1000, 256 * 4096, false, 256, 100, true), 1, 4, 256 * 1024);
  require_plan(plan_fold(1, 256 * 64, false, 256, 100, false), 1, 1, 256 * 64);
  require_plan(plan_fold(3, 0, false, 1, 1, true), 1, 1, 0);
}

TEST_CASE("simt: values are combined a block of 32 at a time", "[backend][simt]") {
  const depth f;
  kernel::detail::blocked_fold<depth> all(f);
  for (int i = 0; i < 31; ++i) all.put(all.block() + 1);
  REQUIRE(all.total() == 31);
  all.put(all.block() + 1);
  REQUIRE(all.block() == 0);
  REQUIRE(all.total() == 3200);
  all.put(all.block() + 1);
  REQUIRE(all.total() == 3201);
}

TEST_CASE("simt: every plan folds every element of every slice once", "[backend][simt]") {
  // x [3, 7], folded along either axis.
  std::vector<long> x(21);
  for (std::size_t i = 0; i < 21; ++i) x[i] = static_cast<long>(i);
  test::with_launchers([&]<class L>() {
    for (const std::int64_t chunks : {1, 2, 7})
      for (const int columns : {1, 2, 4}) {
        if (columns > L::lanes) continue;
        INFO("chunks " << chunks << ", columns " << columns);
        const auto run = [&](std::int64_t kept, std::int64_t step, std::int64_t inner, std::int64_t inner_step) {
          std::vector<long> y(static_cast<std::size_t>(kept), -1);
          const kernel::slices<2> over{kernel::make_nest({kept}, true, tl::strides{step}, tl::strides{1}),
                                       kernel::make_nest({inner}, true, tl::strides{inner_step}, tl::strides{0})};
          const fold_plan plan{columns, chunks, (inner + chunks - 1) / chunks};
          std::vector<long> partial(static_cast<std::size_t>(chunks * kept), -1);
          const total f{x.data(), y.data()};
          L::run("total", nullptr, 3, kernel::fold_body<total>{f, over, plan, chunks > 1 ? partial.data() : nullptr});
          if (chunks > 1)
            L::run("total", nullptr, 2, kernel::fold_chunks_body<total>{f, over.kept, chunks, partial.data()});
          return y;
        };
        REQUIRE(run(3, 7, 7, 1) == std::vector<long>{21, 70, 119});
        REQUIRE(run(7, 1, 3, 7) == std::vector<long>{21, 24, 27, 30, 33, 36, 39});
      }
  });
}
