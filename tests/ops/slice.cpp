#include <tensorlab/ops/slice.hpp>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using test::tensors;

TEST_CASE("slice takes what Python's slice takes", "[ops][shape]") {
  const auto x = T::arange(7);
  // Expected: list(range(7))[start:stop:step]
  test::require_values(tl::slice(x, 0, 2, 5), {2, 3, 4});
  test::require_values(tl::slice(x, 0, 1, 7, 3), {1, 4});
  test::require_values(tl::slice(x, 0, -3), {4, 5, 6});
  test::require_values(tl::slice(x, 0, 0, -2), {0, 1, 2, 3, 4});
  test::require_values(tl::slice(x, -1, -100, 100, 6), {0, 6});
  test::require_values(tl::slice(x, 0, 5, 3), {});
  test::require_values(tl::slice(x, 0, 7), {});
  test::require_values(tl::slice(T::empty({0}), 0, 0, 3), {});
}

TEST_CASE("slices are views", "[ops][shape]") {
  auto x = tl::reshape(T::arange(12), {3, 4});
  auto y = tl::slice(tl::slice(x, 0, 1), 1, 0, 4, 2);
  REQUIRE(y.array().storage() == x.array().storage());
  test::require_values(y, {4, 6, 8, 10});
  y.fill(0);
  test::require_values(x, {0, 1, 2, 3, 0, 5, 0, 7, 0, 9, 0, 11});
}

TEST_CASE("narrow and select", "[ops][shape]") {
  const auto x = tl::reshape(T::arange(12), {3, 4});
  test::require_values(tl::narrow(x, 1, 1, 2), {1, 2, 5, 6, 9, 10});
  test::require_values(tl::narrow(x, 1, 4, 0), {});
  test::require_values(tl::select(x, 0, 1), {4, 5, 6, 7});
  test::require_values(tl::select(x, -1, -1), {3, 7, 11});
}

TEST_CASE("gradients of slices", "[ops][shape]") {
  const auto x = test::uniform<double>({3, 5}, 1);
  test::require_gradients([](const tensors& v) { return tl::slice(v[0], 1, 1, 5, 2); }, {x});
  test::require_gradients([](const tensors& v) { return tl::slice(tl::transpose(v[0]), 0, 1, 3); }, {x});
  test::require_gradients([](const tensors& v) { return tl::narrow(v[0], 0, 1, 2); }, {x});
  test::require_gradients([](const tensors& v) { return tl::select(v[0], 1, 2); }, {x});
  auto leaf = T::ones({2, 2}).requires_grad(true);
  tl::slice(leaf, 0, 1, 1).backward(T::empty({0, 2}));
  test::require_values(leaf.grad(), {0, 0, 0, 0});
}

TEST_CASE("slice errors name axis, shape and position", "[ops][shape]") {
  const auto x = T::ones({2, 3});
  REQUIRE_THROWS_WITH(tl::slice(x, 2, 0), Catch::Equals("slice: axis 2 is outside a tensor of rank 2"));
  REQUIRE_THROWS_AS(tl::slice(x, 0, 0, 1, 0), tl::value_error);
  REQUIRE_THROWS_WITH(tl::slice(x, 0, 0, 1, -1), Catch::Contains("slice: step must be at least 1: -1"));
  REQUIRE_THROWS_WITH(tl::select(x, 1, 3), Catch::Equals("select: index outside axis 1 of shape [2, 3] (3 vs 3)"));
  REQUIRE_THROWS_WITH(tl::select(x, 1, -4), Catch::Equals("select: index outside axis 1 of shape [2, 3] (-4 vs 3)"));
  REQUIRE_THROWS_WITH(tl::narrow(x, 1, 2, 2),
                      Catch::Equals("narrow: elements 2 to 4 of axis 1 of shape [2, 3] (4 vs 3)"));
  REQUIRE_THROWS_AS(tl::narrow(x, 1, -1, 2), tl::shape_error);
}
