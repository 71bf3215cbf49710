#include <tensorlab/backend/geometry.hpp>

#include <limits>
#include <vector>

#include "support/catch.hpp"

namespace tl = tensorlab;

TEST_CASE("a window's output has as many positions as fit", "[backend][geometry]") {
  tl::window_geometry g;
  REQUIRE(g.out(0, 7) == 7);
  g.kernel = {3, 2};
  g.stride = {2, 3};
  g.dilation = {2, 1};
  g.pad_begin = {1, 0};
  g.pad_end = {0, 1};
  REQUIRE(g.out(0, 9) == 3);  // (9 + 1 - 2 * 2 - 1) / 2 + 1
  REQUIRE(g.out(1, 8) == 3);  // (8 + 1 - 1 - 1) / 3 + 1
  REQUIRE(g.out(0, 4) == 1);
  REQUIRE(g.out(0, 3) == 0);
  STATIC_REQUIRE(tl::window_geometry{}.out(1, 0) == 0);
}

TEST_CASE("bins count the edges below a value", "[backend][geometry]") {
  const float edges[] = {1, -9, 2, -9, 2, -9, 4, -9};  // every second one
  const auto bins = [&](bool right) {
    std::vector<std::int64_t> out;
    for (const float v : {0.0f, 1.0f, 2.0f, 3.0f, 5.0f, std::numeric_limits<float>::quiet_NaN()})
      out.push_back(tl::detail::bin_of(v, edges, 2, 4, right));
    return out;
  };
  REQUIRE(bins(false) == std::vector<std::int64_t>{0, 0, 1, 3, 4, 4});
  REQUIRE(bins(true) == std::vector<std::int64_t>{0, 1, 3, 3, 4, 4});
  REQUIRE(tl::detail::bin_of(1.0f, edges, 2, 0, false) == 0);
}

TEST_CASE("a recurrent walk reads each step's state before it and writes the one after it", "[backend][geometry]") {
  for (const bool reverse : {false, true}) {
    const tl::detail::sequence_walk walk{3, reverse};
    std::vector<std::int64_t> steps, states;
    for (std::int64_t k = 0; k < 3; ++k) {
      const std::int64_t t = walk.step(k);
      steps.push_back(t);
      states.push_back(walk.before(t));
      if (k < 2) REQUIRE(walk.after(t) == walk.before(walk.step(k + 1)));
      REQUIRE(walk.before(t) == t + walk.first_before());
      REQUIRE(walk.after(t) == t + walk.first_after());
    }
    REQUIRE(steps == (reverse ? std::vector<std::int64_t>{2, 1, 0} : std::vector<std::int64_t>{0, 1, 2}));
    REQUIRE(states == (reverse ? std::vector<std::int64_t>{3, 2, 1} : std::vector<std::int64_t>{0, 1, 2}));
    REQUIRE(walk.last() == (reverse ? 0 : 3));
  }
}
