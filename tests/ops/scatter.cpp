#include <tensorlab/ops/scatter.hpp>

#include <cmath>
#include <limits>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using integers = tl::tensor<std::int64_t, B>;
using test::tensors;

TEST_CASE("scatter puts elements in their places", "[ops][scatter]") {
  const auto x = T::from({1, 2, 3, 4, 5, 6}, {2, 3});
  const auto y = tl::scatter(x, integers::from({2, 0, 1, 2}, {2, 2}), T::from({10, 20, 30, 40}, {2, 2}), 1);
  test::require_values(y, {20, 2, 10, 4, 30, 40});
  test::require_values(x, {1, 2, 3, 4, 5, 6});
  test::require_values(tl::scatter(x, integers::from({1, 0, 1}, {1, 3}), T::from({7, 8, 9}, {1, 3}), -2),
                       {1, 8, 3, 7, 5, 9});
  test::require_values(tl::scatter(x, integers::empty({2, 0}), T::empty({2, 0}), 1), {1, 2, 3, 4, 5, 6});
  const auto ids = tl::scatter(integers::arange(3), integers::from({1}, {1}), integers::from({7}, {1}), 0);
  REQUIRE(ids.to_vector() == std::vector<std::int64_t>{0, 7, 2});
}

TEST_CASE("scatter: of several elements for one place the last counts", "[ops][scatter]") {
  const auto index = integers::from({2, 0, 2, 2, 0}, {5});
  test::require_values(tl::scatter(T::zeros({4}), index, T::from({1, 2, 3, 4, 5}, {5}), 0), {5, 0, 4, 0});
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  // What is replaced leaves no trace, and what replaces it comes as it is.
  const auto y = tl::scatter(T::from({nan, inf, 1}, {3}), integers::from({0, 1, 1, 2}, {4}),
                             T::from({-0.0, nan, -inf, nan}, {4}), 0)
                     .to_vector();
  REQUIRE((y[0] == 0 && std::signbit(y[0])));
  REQUIRE(y[1] == -inf);
  REQUIRE(std::isnan(y[2]));
}

TEST_CASE("scatter on every layout equals a loop", "[ops][scatter]") {
  for (const auto& [layout, x] : test::layouts<float>(-1, 1)) {
    for (int axis = 0; axis < x.rank(); ++axis) {
      INFO(layout << " axis " << axis);
      if (x.dim(axis) == 0) continue;
      tl::shape s = x.shape();
      s[axis] = 5;
      const auto index = test::uniform<std::int64_t>(s, 3, 0, static_cast<double>(x.dim(axis)));
      const auto src = test::uniform<float>(s, 4);
      std::vector<float> expected = x.to_vector();
      const auto at = index.to_vector();
      const auto values = src.to_vector();
      std::int64_t inner = 1;
      for (int i = axis + 1; i < s.rank(); ++i) inner *= s[i];
      for (std::size_t k = 0; k < at.size(); ++k) {
        const auto row = static_cast<std::int64_t>(k) / (5 * inner), column = static_cast<std::int64_t>(k) % inner;
        expected[static_cast<std::size_t>((row * x.dim(axis) + at[k]) * inner + column)] = values[k];
      }
      REQUIRE(tl::scatter(x, index, src, axis).to_vector() == expected);
    }
  }
}

TEST_CASE("scatter has gradients to what it keeps and to what it puts", "[ops][scatter]") {
  const auto index = integers::from({2, 0, 2, 1, 1, 1}, {2, 3});
  test::require_gradients([&](const tensors& v) { return tl::scatter(v[0], index, v[1], 1); },
                          {test::uniform<double>({2, 4}, 1), test::uniform<double>({2, 3}, 2)});
  auto x = T::zeros({4}).requires_grad(true), src = T::ones({3}).requires_grad(true);
  tl::scatter(x, integers::from({1, 3, 1}, {3}), src, 0).backward(T::from({1, 2, 3, 4}, {4}));
  test::require_values(x.grad(), {1, 0, 3, 0});
  test::require_values(src.grad(), {0, 4, 2});
}

TEST_CASE("scatter says what does not fit", "[ops][scatter]") {
  const auto x = T::ones({2, 3});
  REQUIRE_THROWS_WITH(tl::scatter(x, integers::from({0, 0, 2}, {1, 3}), T::ones({1, 3}), 0),
                      Catch::Equals("scatter: index out of range: x [2, 3], axis 0 (2 vs 2)"));
  REQUIRE_THROWS_WITH(tl::scatter(x, integers::full({2, 2}, 0), T::ones({2, 1}), 1),
                      Catch::Equals("scatter: shapes differ: src [2, 1], index [2, 2]"));
  REQUIRE_THROWS_AS(tl::scatter(x, integers::full({1, 2}, 0), T::ones({1, 2}), 1), tl::shape_error);
  REQUIRE_THROWS_AS(tl::scatter(x, integers::full({2, 2}, 0), T::ones({2, 2}), 2), tl::shape_error);
}
