#include <tensorlab/data/numpy_random.hpp>

#include "support/catch.hpp"

// Expected numbers: NumPy 2.4, printed by tests/golden/numpy_random.py; the first two also in NumPy's own test suite.

namespace tl = tensorlab;
using list = std::vector<std::int64_t>;

TEST_CASE("numpy_random_state draws MT19937's words", "[data][numpy]") {
  tl::data::numpy_random_state r(255);
  REQUIRE(r.next() == 1992592179u);
  REQUIRE(r.next() == 1460470953u);
  REQUIRE(r.next() == 957929695u);
  // The 10000th word for the default seed, which the C++ standard gives for std::mt19937.
  tl::data::numpy_random_state standard(5489);
  for (int i = 1; i < 10000; ++i) standard.next();
  REQUIRE(standard.next() == 4123659995u);
}

TEST_CASE("numpy_random_state shuffles like NumPy", "[data][numpy]") {
  list x{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  tl::data::numpy_random_state(42).shuffle(x);
  REQUIRE(x == list{8, 1, 5, 0, 7, 2, 9, 4, 3, 6});
}

TEST_CASE("numpy_random_state: one sequence of calls", "[data][numpy]") {
  tl::data::numpy_random_state r(7);
  REQUIRE(r.permutation(12) == list{7, 10, 2, 5, 0, 1, 11, 8, 3, 6, 9, 4});
  REQUIRE(r.choice(9, 4, false) == list{1, 2, 5, 3});
  REQUIRE(r.choice(9, 6, true) == list{7, 6, 3, 5, 8, 8});
  for (std::int64_t expected : {50, 48, 56, 59, 29}) REQUIRE(r.randint(-5, 100) == expected);
  for (std::int64_t expected : {241265719497, 888159566374, 21206956526})
    REQUIRE(r.randint(0, std::int64_t{1} << 40) == expected);
  for (double expected : {0.13316944575925016, 0.52341258067376584, 0.75040985910203484})
    REQUIRE(r.random_sample() == expected);
  const auto before = r;
  REQUIRE(r.randint(1) == 0);  // draws nothing
  REQUIRE(r == before);
  REQUIRE(r.randint(0, 2) == 0);
}

TEST_CASE("numpy_random_state over many refills", "[data][numpy]") {
  tl::data::numpy_random_state r(3);
  list x(1000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::int64_t>(i);
  for (int i = 0; i < 5; ++i) r.shuffle(x);
  REQUIRE(list(x.begin(), x.begin() + 6) == list{435, 205, 4, 147, 785, 296});
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * static_cast<std::int64_t>(i);
  REQUIRE(sum == 253009248);
}

TEST_CASE("numpy_random_state: choice draws the whole permutation even for nothing", "[data][numpy]") {
  tl::data::numpy_random_state a(1), b(1);
  REQUIRE(a.choice(5, 0, false).empty());
  b.permutation(5);
  REQUIRE(a == b);
}

TEST_CASE("numpy_random_state: impossible requests", "[data][numpy]") {
  tl::data::numpy_random_state r(1);
  REQUIRE_THROWS_AS(r.randint(3, 3), tl::value_error);
  REQUIRE_THROWS_AS(r.choice(3, 4, false), tl::value_error);
  REQUIRE_THROWS_AS(r.choice(0, 1, true), tl::value_error);
  REQUIRE_THROWS_AS(r.permutation(-1), tl::value_error);
}
