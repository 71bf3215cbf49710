#include <tensorlab/backend/simt/kernel/reduce.hpp>

#include <limits>

#include <tensorlab/rule/reduce.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

namespace {

/// The position of the best element of three, whichever lanes hold them.
template <class R>
std::int64_t best(const std::vector<float>& x, bool late_first) {
  std::int64_t y = -1;
  const kernel::arg_reduce_fold<R, float> fold{{}, x.data(), &y};
  auto left = fold.identity(), right = fold.identity();
  for (std::int64_t i = 0; i < 3; ++i) {
    const std::int64_t at[] = {i, 0, i};
    auto& lane = i == 1 ? right : left;
    lane = fold.step(lane, at);
  }
  const std::int64_t to[] = {0, 0, 0};
  fold.finish(to, late_first ? fold.combine(right, left) : fold.combine(left, right));
  return y;
}

}  // namespace

TEST_CASE("simt: a fold takes a rule's first value, elements and combination", "[backend][simt]") {
  const std::vector<float> x{3, 4};
  float y = 0;
  const kernel::reduce_fold<tl::rule::sum_squares, float> fold{{}, x.data(), &y};
  const std::int64_t first[] = {0, 0}, second[] = {1, 0};
  fold.finish(first, fold.combine(fold.step(fold.identity(), first), fold.step(fold.identity(), second)));
  REQUIRE(y == 25);
  REQUIRE(kernel::reduce_fold<tl::rule::prod, float>{{}, nullptr, nullptr}.identity() == 1);
}

TEST_CASE("simt: the first of the best elements is found in any order of the lanes", "[backend][simt]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const bool late_first : {false, true}) {
    REQUIRE(best<tl::rule::max>({2, 7, 7}, late_first) == 1);
    REQUIRE(best<tl::rule::max>({7, 7, 2}, late_first) == 0);
    REQUIRE(best<tl::rule::min>({3, 5, 2}, late_first) == 2);
    REQUIRE(best<tl::rule::max>({1, nan, nan}, late_first) == 1);
  }
}

TEST_CASE("simt: a running combination is the same by a lane and by a group", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    // Two lines of seven; y has gaps, and the second run goes backwards.
    const std::vector<float> x{1, 2, 3, 4, 5, 6, 7, 10, 0, 10, 0, 10, 0, 10};
    for (const bool shared : {false, true}) {
      std::vector<float> y(28, -1.0f);
      kernel::cumulate_body<tl::rule::sum, float> body{
          {},      kernel::make_nest({2, 1}, true, tl::strides{7, 1}, tl::strides{14, 2}), 7, 1, 2, shared, x.data(),
          y.data()};
      L::run("sum", y.data(), 2, body);
      std::vector<float> expected{1, -1, 3, -1, 6, -1, 10, -1, 15, -1, 21, -1, 28, -1};
      expected.insert(expected.end(), {10, -1, 10, -1, 20, -1, 20, -1, 30, -1, 30, -1, 40, -1});
      REQUIRE(y == expected);
      body.x += 6, body.x_step = -1;
      body.y += 12, body.y_step = -2;
      L::run("sum", y.data(), 2, body);
      REQUIRE(std::vector<float>(y.begin(), y.begin() + 6) == std::vector<float>{28, -1, 27, -1, 25, -1});
      REQUIRE(y[14] == 40);
      REQUIRE(y[26] == 10);
    }
  });
}
