#include <tensorlab/autograd/broadcast.hpp>
#include <tensorlab/autograd/gradcheck.hpp>

#include "support/backend.hpp"

using T = tl::tensor<double, B>;
using inputs = std::vector<T>;

TEST_CASE("expand repeats without a copy", "[autograd][broadcast]") {
  const auto x = T::from({1, 2}, {2, 1});
  const auto y = tl::expand(x, {3, 2, 2});
  test::require_values(y, {1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2});
  REQUIRE(y.array().storage() == x.array().storage());
  REQUIRE(tl::expand(x, {2, 1}).body() == x.body());
  REQUIRE(tl::expand(x, {2, 0}).size() == 0);
}

TEST_CASE("sum_to sums what was broadcast", "[autograd][broadcast]") {
  const auto x = T::from({1, 2, 3, 4, 5, 6}, {2, 3});
  test::require_values(tl::sum_to(x, {3}), {5, 7, 9});
  test::require_values(tl::sum_to(x, {2, 1}), {6, 15});
  test::require_values(tl::sum_to(x, {1, 1}), {21});
  test::require_values(tl::sum_to(x, {}), {21});
  test::require_values(tl::sum_to(T::empty({0, 2}), {1, 2}), {0, 0});
  REQUIRE(tl::sum_to(x, {2, 3}).body() == x.body());
}

TEST_CASE("expand and sum_to are each other's gradients", "[autograd][broadcast]") {
  const auto check = [](const auto& f, const T& x) {
    const auto r = tl::gradcheck(f, inputs{x});
    INFO(r.message);
    REQUIRE(r);
    const auto squared = [&](const inputs& v) { return tl::apply(tl::rule::square{}, f(v)); };
    REQUIRE(tl::gradcheck_twice(squared, inputs{x}));
  };
  check([](const inputs& v) { return tl::expand(v[0], {3, 2, 2}); }, test::uniform<double>({2, 1}, 1));
  check([](const inputs& v) { return tl::expand(v[0], {2}); }, test::uniform<double>({}, 1));
  check([](const inputs& v) { return tl::sum_to(v[0], {2, 1}); }, test::uniform<double>({3, 2, 2}, 2));
  check([](const inputs& v) { return tl::sum_to(v[0], {}); }, test::uniform<double>({3, 2}, 2));
}

TEST_CASE("expand refuses a shape it does not broadcast to", "[autograd][broadcast]") {
  REQUIRE_THROWS_WITH(tl::expand(T::ones({2}), {3}),
                      Catch::Contains("expand: shapes do not broadcast: lhs [2], rhs [3] (2 vs 3)"));
  REQUIRE_THROWS_WITH(tl::expand(T::ones({2, 3}), {3}),
                      Catch::Equals("expand: shape [2, 3] does not broadcast to [3]"));
}
