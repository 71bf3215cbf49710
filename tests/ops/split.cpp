#include <tensorlab/ops/split.hpp>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using test::tensors;

TEST_CASE("split, chunk and unbind cut along an axis", "[ops][shape]") {
  const auto x = tl::reshape(T::arange(12), {2, 6});
  const auto parts = tl::split(x, 1, {1, 0, 5});
  REQUIRE(parts.size() == 3);
  test::require_values(parts[0], {0, 6});
  REQUIRE(parts[1].shape() == tl::shape{2, 0});
  test::require_values(parts[2], {1, 2, 3, 4, 5, 7, 8, 9, 10, 11});
  REQUIRE(parts[2].array().storage() == x.array().storage());
  const auto halves = tl::chunk(x, -1, 2);
  test::require_values(halves[1], {3, 4, 5, 9, 10, 11});
  const auto rows = tl::unbind(x, 0);
  REQUIRE(rows.size() == 2);
  test::require_values(rows[1], {6, 7, 8, 9, 10, 11});
  REQUIRE(tl::unbind(T::empty({0, 2}), 0).empty());
}

TEST_CASE("gradients of split", "[ops][shape]") {
  const auto x = test::uniform<double>({2, 5}, 1);
  test::require_gradients(
      [](const tensors& v) {
        const auto p = tl::split(v[0], 1, {2, 1, 2});
        return tl::apply(tl::rule::mul{}, p[0], p[2]);
      },
      {x});
  test::require_gradients([](const tensors& v) { return tl::unbind(v[0], 1)[3]; }, {x});
}

TEST_CASE("a part that is not used has gradient zero", "[ops][shape]") {
  auto x = T::ones({4}).requires_grad(true);
  const auto parts = tl::chunk(x, 0, 2);
  parts[1].backward(T::from({5, 6}, {2}));
  test::require_values(x.grad(), {0, 0, 5, 6});
  REQUIRE_THROWS_WITH(parts[0].backward(T::ones({2})),
                      Catch::Contains("split: second backward pass through a released graph"));
}

TEST_CASE("split refuses sizes that do not add up", "[ops][shape]") {
  const auto x = T::ones({2, 6});
  REQUIRE_THROWS_WITH(tl::split(x, 1, {2, 3}),
                      Catch::Equals("split: 2 sizes do not fill axis 1 of shape [2, 6] (5 vs 6)"));
  REQUIRE_THROWS_AS(tl::split(x, 1, {7, -1}), tl::shape_error);
  REQUIRE_THROWS_AS(tl::split(x, 1, {}), tl::shape_error);
  REQUIRE_THROWS_WITH(tl::chunk(x, 1, 4), Catch::Equals("chunk: axis 1 of shape [2, 6] has no 4 equal parts (6 vs 4)"));
  REQUIRE_THROWS_AS(tl::chunk(x, 1, 0), tl::shape_error);
}
