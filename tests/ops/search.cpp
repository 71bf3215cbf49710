#include <tensorlab/ops/search.hpp>

#include <limits>

#include "ops/parity.hpp"

using F = tl::tensor<float, B>;
using integers = tl::tensor<std::int64_t, B>;

namespace {

std::vector<std::int64_t> bins(const F& x, const F& edges, bool right = false) {
  return tl::bucketize(x, edges, right).to_vector();
}

}  // namespace

TEST_CASE("an element falls in the bin above the edges below it", "[ops][search]") {
  const auto edges = F::from({1, 2, 2, 4}, {4});
  const auto x = F::from({0, 1, 1.5f, 2, 3, 4, 5, std::numeric_limits<float>::quiet_NaN()}, {8});
  // np.searchsorted(edges, x, side="left") and side="right"
  REQUIRE(bins(x, edges) == std::vector<std::int64_t>{0, 0, 1, 1, 3, 3, 4, 4});
  REQUIRE(bins(x, edges, true) == std::vector<std::int64_t>{0, 1, 1, 3, 3, 4, 4, 4});
}

TEST_CASE("bucketize takes any layout, integers and no edges", "[ops][search]") {
  const auto x = tl::transpose(F::from({0, 3, 1, 4, 2, 5}, {3, 2}));
  REQUIRE(tl::bucketize(x, F::from({2.5f}, {1})).shape() == tl::shape{2, 3});
  REQUIRE(bins(x, F::from({2.5f}, {1})) == std::vector<std::int64_t>{0, 0, 0, 1, 1, 1});
  REQUIRE(bins(x, F::empty({0})) == std::vector<std::int64_t>(6, 0));
  REQUIRE(bins(F::empty({0, 2}), F::ones({3})).empty());
  REQUIRE(tl::bucketize(integers::from({-5, 7}, {2}), integers::from({-5, 0, 6}, {3}), true).to_vector() ==
          std::vector<std::int64_t>{1, 3});
}

TEST_CASE("bucketize equals the reference backend", "[ops][search]") {
  auto random = test::uniform<float>({9, 70}, 1);
  for (const std::int64_t count : {1, 2, 7, 64}) {
    std::vector<float> ascending;
    for (std::int64_t i = 0; i < count; ++i)
      ascending.push_back(-1 + 2 * static_cast<float>(i) / static_cast<float>(count));
    using R = tl::tensor<float, tl::reference>;
    const auto expected = tl::bucketize(R::from(random.to_vector(), random.shape()), R::from(ascending, {count}));
    REQUIRE(bins(random, F::from(ascending, {count})) == expected.to_vector());
  }
}

TEST_CASE("bucketize says what is wrong", "[ops][search]") {
  REQUIRE_THROWS_WITH(tl::bucketize(F::ones({2}), F::ones({2, 2})),
                      Catch::Equals("bucketize: edges must have rank 1: edges [2, 2]"));
  REQUIRE_THROWS_WITH(tl::bucketize(F::ones({2}), F::from({0, 2, 1}, {3})),
                      Catch::Equals("bucketize: edge 2 is below the one before it"));
  REQUIRE_THROWS_AS(tl::bucketize(F::ones({2}).requires_grad(true), F::ones({2})), tl::gradient_error);
}
