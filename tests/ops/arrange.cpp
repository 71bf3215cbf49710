#include <tensorlab/ops/arrange.hpp>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using test::tensors;

TEST_CASE("flip reverses axes", "[ops][shape]") {
  const auto x = T::from({1, 2, 3, 4, 5, 6}, {2, 3});
  test::require_values(tl::flip(x, {1}), {3, 2, 1, 6, 5, 4});
  test::require_values(tl::flip(x, {0, -1}), {6, 5, 4, 3, 2, 1});
  test::require_values(tl::flip(tl::transpose(x), {0}), {3, 6, 2, 5, 1, 4});
  REQUIRE(tl::flip(T::empty({0, 2}), {0}).shape() == tl::shape{0, 2});
  REQUIRE_THROWS_WITH(tl::flip(x, {2}), Catch::Contains("flip: axis 2 is outside"));
}

TEST_CASE("flip on every layout equals the reference backend", "[ops][shape]") {
  for (const auto& [layout, x] : test::layouts<float>(-1, 1)) {
    if (x.rank() == 0) continue;
    INFO(layout);
    test::require_close(tl::flip(x, {-1}), tl::flip(test::on_reference(x), {-1}));
    test::require_close(tl::flip(x, {0}), tl::flip(test::on_reference(x), {0}));
  }
}

TEST_CASE("roll moves elements around", "[ops][shape]") {
  const auto x = T::from({1, 2, 3, 4, 5, 6}, {2, 3});
  test::require_values(tl::roll(x, {1}, {1}), {3, 1, 2, 6, 4, 5});
  test::require_values(tl::roll(x, {-1}, {1}), {2, 3, 1, 5, 6, 4});
  test::require_values(tl::roll(x, {4, 1}, {-1, 0}), {6, 4, 5, 3, 1, 2});
  test::require_values(tl::roll(x, {3}, {1}), {1, 2, 3, 4, 5, 6});
  REQUIRE(tl::roll(T::empty({0}), {1}, {0}).size() == 0);
  REQUIRE_THROWS_WITH(tl::roll(x, {1, 2}, {0}), Catch::Equals("roll: shifts [1, 2], axes [0] (2 vs 1)"));
}

TEST_CASE("tile repeats", "[ops][shape]") {
  const auto x = T::from({1, 2, 3, 4}, {2, 2});
  test::require_values(tl::tile(x, {1, 2}), {1, 2, 1, 2, 3, 4, 3, 4});
  test::require_values(tl::tile(x, {2, 1}), {1, 2, 3, 4, 1, 2, 3, 4});
  REQUIRE(tl::tile(x, {3, 2}).shape() == tl::shape{6, 4});
  REQUIRE(tl::tile(x, {0, 2}).shape() == tl::shape{0, 4});
  REQUIRE_THROWS_WITH(tl::tile(x, {2}), Catch::Equals("tile: repeats [2] for shape [2, 2] (1 vs 2)"));
  REQUIRE_THROWS_AS(tl::tile(x, {1, -1}), tl::shape_error);
}

TEST_CASE("gradients of rearranging ops", "[ops][shape]") {
  const auto x = test::uniform<double>({2, 3}, 1);
  test::require_gradients([](const tensors& v) { return tl::flip(tl::transpose(v[0]), {0}); }, {x});
  test::require_gradients([](const tensors& v) { return tl::roll(v[0], {1, 2}, {0, 1}); }, {x});
  test::require_gradients([](const tensors& v) { return tl::tile(v[0], {2, 3}); }, {x});
}
