#include <tensorlab/ops/sort.hpp>

#include <cmath>
#include <limits>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using test::tensors;
using list = std::vector<std::int64_t>;

TEST_CASE("sort gives values and the positions they come from", "[ops][sort]") {
  const auto x = T::from({3, 1, 2, 0, 0, 5}, {2, 3});
  const auto up = tl::sort(x);
  test::require_values(up.values, {1, 2, 3, 0, 0, 5});
  REQUIRE(up.positions.to_vector() == list{1, 2, 0, 0, 1, 2});
  const auto down = tl::sort(x, 0, true);
  test::require_values(down.values, {3, 1, 5, 0, 0, 2});
  REQUIRE(down.positions.to_vector() == list{0, 0, 1, 1, 1, 0});
  REQUIRE(tl::argsort(x, 1, true).to_vector() == list{0, 2, 1, 2, 0, 1});
  REQUIRE(tl::sort(T::empty({2, 0})).values.shape() == tl::shape{2, 0});
  REQUIRE_THROWS_WITH(tl::sort(x, 2), Catch::Equals("sort: axis 2 is outside a tensor of rank 2"));
}

TEST_CASE("sort on every layout equals the reference backend", "[ops][sort]") {
  for (const auto& [layout, x] : test::layouts<float>(-1, 1)) {
    for (int axis = 0; axis < x.rank(); ++axis) {
      INFO(layout << " axis " << axis);
      for (bool descending : {false, true}) {
        const auto got = tl::sort(x, axis, descending);
        const auto expected = tl::sort(test::on_reference(x), axis, descending);
        test::require_close(got.values, expected.values);
        REQUIRE(got.positions.to_vector() == expected.positions.to_vector());
      }
    }
  }
}

TEST_CASE("NaN counts as largest", "[ops][sort]") {
  const auto x = T::from({2, std::numeric_limits<double>::quiet_NaN(), 1}, {3});
  REQUIRE(tl::argsort(x).to_vector() == list{2, 0, 1});
  REQUIRE(tl::argsort(x, 0, true).to_vector() == list{1, 0, 2});
}

TEST_CASE("topk takes the best in order", "[ops][sort]") {
  const auto x = T::from({3, 1, 2, 7, 9, 8}, {2, 3});
  const auto two = tl::topk(x, 2);
  test::require_values(two.values, {3, 2, 9, 8});
  REQUIRE(two.positions.to_vector() == list{0, 2, 1, 2});
  test::require_values(tl::topk(x, 1, 0, false).values, {3, 1, 2});
  REQUIRE(tl::topk(x, 0).values.shape() == tl::shape{2, 0});
  REQUIRE_THROWS_WITH(tl::topk(x, 4), Catch::Equals("topk: k outside axis 1 of shape [2, 3] (4 vs 3)"));
  REQUIRE_THROWS_AS(tl::topk(x, -1), tl::shape_error);
}

TEST_CASE("running sums and products", "[ops][sort]") {
  const auto x = T::from({1, 2, 3, 4, 5, 6}, {2, 3});
  test::require_values(tl::cumsum(x, 1), {1, 3, 6, 4, 9, 15});
  test::require_values(tl::cumsum(x, 0), {1, 2, 3, 5, 7, 9});
  test::require_values(tl::cumprod(x, -1), {1, 2, 6, 4, 20, 120});
  test::require_values(tl::cumsum(tl::transpose(x), 0), {1, 4, 3, 9, 6, 15});
  const auto i = tl::tensor<std::int64_t, B>::arange(4);
  REQUIRE(tl::cumsum(i, 0).to_vector() == list{0, 1, 3, 6});
  REQUIRE(tl::cumsum(T::empty({0, 2}), 0).shape() == tl::shape{0, 2});
  for (const auto& [layout, v] : test::layouts<float>(0.5, 1.5)) {
    INFO(layout);
    for (int axis = 0; axis < v.rank(); ++axis)
      test::require_close(tl::cumsum(v, axis), tl::cumsum(test::on_reference(v), axis), 16);
  }
}

TEST_CASE("unique values in order", "[ops][sort]") {
  test::require_values(tl::unique(T::from({3, 1, 3, 2, 1}, {5})), {1, 2, 3});
  REQUIRE(tl::unique(tl::tensor<std::int64_t, B>::from({7, 7}, {2})).to_vector() == list{7});
  REQUIRE(tl::unique(T::empty({0})).size() == 0);
  REQUIRE_THROWS_WITH(tl::unique(T::ones({1, 1})), Catch::Equals("unique: x must have rank 1: x [1, 1]"));
}

TEST_CASE("gradients of sorting ops", "[ops][sort]") {
  const auto x = test::uniform<double>({3, 4}, 1);
  test::require_gradients([](const tensors& v) { return tl::sort(v[0], 1).values; }, {x});
  test::require_gradients([](const tensors& v) { return tl::sort(tl::transpose(v[0]), 1, true).values; }, {x});
  test::require_gradients([](const tensors& v) { return tl::topk(v[0], 2, 0).values; }, {x});
  test::require_gradients([](const tensors& v) { return tl::cumsum(v[0], 1); }, {x});
  test::require_gradients([](const tensors& v) { return tl::cumsum(tl::transpose(v[0]), 1); }, {x});
}

TEST_CASE("sorting ops without gradient refuse a tracked input", "[ops][sort]") {
  const auto x = T::ones({2}).requires_grad(true);
  REQUIRE_THROWS_WITH(tl::argsort(x), Catch::Equals("argsort: no gradient; wrap the input in stop_gradient()"));
  REQUIRE_THROWS_AS(tl::cumprod(x, 0), tl::gradient_error);
  REQUIRE_THROWS_AS(tl::unique(x), tl::gradient_error);
  REQUIRE_NOTHROW(tl::argsort(tl::stop_gradient(x)));
}
