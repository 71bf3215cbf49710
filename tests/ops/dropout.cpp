#include <tensorlab/ops/dropout.hpp>

#include <cmath>

#include "ops/layouts.hpp"
#include "ops/parity.hpp"

using F = tl::tensor<float, B>;

TEST_CASE("dropout keeps a share of the elements and scales them", "[ops][dropout]") {
  const tl::random::stream rng{5};
  const auto y = tl::dropout(F::full({200, 50}, 3), 0.25, rng).to_vector();
  std::size_t kept = 0;
  for (float v : y) {
    REQUIRE((v == 0 || v == 4));
    kept += v != 0;
  }
  // Five standard deviations of a binomial with n = 10000, p = 0.75.
  REQUIRE(std::abs(static_cast<double>(kept) - 7500) < 5 * std::sqrt(10000 * 0.75 * 0.25));
}

TEST_CASE("the mask comes from the stream alone", "[ops][dropout]") {
  const auto x = test::uniform<float>({4, 6, 5}, 1, 1, 2);
  const auto mask = [&](const F& v) { return tl::dropout(v, 0.5, tl::random::stream{9, 3}); };
  test::require_close(mask(x), mask(x));
  // The same elements drop whatever their order in memory and whatever the backend.
  const auto other = tl::transpose(tl::contiguous(tl::transpose(x, 0, 2)), 0, 2);
  test::require_close(mask(other), mask(x));
  test::require_close(mask(x), tl::dropout(test::on_reference(x), 0.5, tl::random::stream{9, 3}));
  const tl::random::stream rng{9, 3};
  const auto first = tl::dropout(x, 0.5, rng).to_vector();
  REQUIRE(rng.counter() == 3 + tl::random::blocks_for<float>(x.size()));
  REQUIRE(tl::dropout(x, 0.5, rng).to_vector() != first);
}

TEST_CASE("dropout with p = 0 is the identity and draws nothing", "[ops][dropout]") {
  const tl::random::stream rng{5};
  const auto x = test::uniform<float>({3, 3}, 1);
  REQUIRE(tl::dropout(x, 0, rng).body() == x.body());
  REQUIRE(tl::drop_path(x, 0, rng).body() == x.body());
  REQUIRE(rng.counter() == 0);
}

TEST_CASE("drop_path keeps or drops whole samples", "[ops][dropout]") {
  const tl::random::stream rng{7};
  const auto y = tl::drop_path(F::full({400, 2, 3}, 1), 0.2, rng).to_vector();
  std::size_t kept = 0;
  for (std::size_t n = 0; n < 400; ++n) {
    for (std::size_t i = 1; i < 6; ++i) REQUIRE(y[n * 6 + i] == y[n * 6]);
    REQUIRE((y[n * 6] == 0 || y[n * 6] == 1.25F));
    kept += y[n * 6] != 0;
  }
  REQUIRE(std::abs(static_cast<double>(kept) - 320) < 5 * std::sqrt(400 * 0.2 * 0.8));
}

TEMPLATE_TEST_CASE("dropout equals the reference backend", "[ops][dropout]", float, double) {
  using T = TestType;
  for (const auto& [layout, x] : test::layouts<T>(-2, 2)) {
    INFO(layout);
    test::require_same_as_reference<T>([](const auto& v) { return tl::dropout(v[0], 0.3, tl::random::stream{4}); },
                                       {x});
    if (x.rank() > 0)
      test::require_same_as_reference<T>([](const auto& v) { return tl::drop_path(v[0], 0.3, tl::random::stream{4}); },
                                         {x});
  }
}

TEST_CASE("dropout has right first and second derivatives", "[ops][dropout]") {
  const auto x = test::uniform<double>({4, 3, 2}, 1);
  test::require_gradients([](const auto& v) { return tl::dropout(v[0], 0.4, tl::random::stream{3}); }, {x});
  test::require_gradients([](const auto& v) { return tl::drop_path(v[0], 0.4, tl::random::stream{3}); }, {x});
}

TEST_CASE("dropout names a bad probability", "[ops][dropout]") {
  const tl::random::stream rng{5};
  REQUIRE_THROWS_WITH(tl::dropout(F::zeros({2}), 1, rng),
                      Catch::Contains("dropout: the probability must lie in [0, 1), got 1"));
  REQUIRE_THROWS_WITH(tl::drop_path(F::zeros({2}), -0.5, rng),
                      Catch::Contains("drop_path: the probability must lie in [0, 1), got -0.5"));
  REQUIRE_THROWS_AS(tl::dropout(F::zeros({2}), std::nan(""), rng), tl::value_error);
  REQUIRE_THROWS_WITH(tl::drop_path(F::scalar(1), 0.5, rng), "drop_path: expected [N, ...], got a tensor of rank 0");
}
