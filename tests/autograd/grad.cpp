#include <tensorlab/autograd/grad.hpp>

#include "support/backend.hpp"

using T = tl::tensor<double, B>;

namespace {

T square(const T& x) { return tl::apply(tl::rule::square{}, x); }
T exp(const T& x) { return tl::apply(tl::rule::exp{}, x); }

}  // namespace

TEST_CASE("grad returns gradients without touching the leaves", "[autograd]") {
  auto x = T::from({1, 2, 3}, {3}).requires_grad(true);
  const auto y = tl::sum_to(square(x), {});  // dy/dx = 2x
  const auto g = tl::grad(y, std::vector<T>{x});
  test::require_values(g[0], {2, 4, 6});
  REQUIRE_FALSE(x.grad().defined());
}

TEST_CASE("grad reaches a tensor in the middle of the graph", "[autograd]") {
  auto x = T::from({0.5}, {1}).requires_grad(true);
  const auto h = square(x);
  const auto y = exp(h);
  const auto g = tl::grad(y, std::vector<T>{h});  // e^h
  test::require_values(g[0], {std::exp(0.25)});
}

TEST_CASE("grad leaves an input that does not matter undefined", "[autograd]") {
  auto x = T::from({0.5}, {1}).requires_grad(true), other = T::from({1}, {1}).requires_grad(true);
  const auto g = tl::grad(square(x), std::vector<T>{x, other});
  REQUIRE(g[0].defined());
  REQUIRE_FALSE(g[1].defined());
}

TEST_CASE("a recorded gradient can be differentiated again", "[autograd]") {
  auto x = T::from({0.3, -1.2}, {2}).requires_grad(true);
  const auto y = tl::sum_to(tl::apply(tl::rule::tanh{}, x), {});
  const auto first = tl::grad(y, std::vector<T>{x}, {.create_graph = true});
  const auto second = tl::grad(tl::sum_to(first[0], {}), std::vector<T>{x});
  // d2 tanh / dx2 = -2 tanh(x) (1 - tanh(x)^2)
  const auto expected = [](double v) { return -2 * std::tanh(v) * (1 - std::tanh(v) * std::tanh(v)); };
  test::require_values(second[0], {expected(0.3), expected(-1.2)});
}

TEST_CASE("a recorded sum of gradients leads back to the gradient it started from", "[autograd]") {
  auto x = T::from({0.5, -2}, {2}).requires_grad(true), v = T::from({1, 3}, {2}).requires_grad(true);
  const auto add = [](const T& a, const T& b) { return tl::apply(tl::rule::add{}, a, b); };
  const auto through = [&](const T& y) {  // d(sum g)/dv of g = v dy/dx
    const auto g = tl::grad(y, std::vector<T>{x}, {.create_graph = true}, v)[0];
    REQUIRE(g.tracked());
    return tl::grad(tl::sum_to(g, {}), std::vector<T>{v})[0];
  };
  test::require_values(through(add(x, square(x))), {1 + 2 * 0.5, 1 - 2 * 2.0});
  test::require_values(through(add(square(x), x)), {1 + 2 * 0.5, 1 - 2 * 2.0});
  test::require_values(through(add(x, x)), {2, 2});
  test::require_values(through(add(add(x, x), x)), {3, 3});
}

TEST_CASE("grad takes several outputs", "[autograd]") {
  auto x = T::from({1, 2}, {2}).requires_grad(true), other = T::from({3}, {1}).requires_grad(true);
  const auto y = square(x), z = tl::apply(tl::rule::mul{}, tl::sum_to(x, {1}), other);  // z = (x_0 + x_1) other
  const auto w = T::from({1, 10}, {2});
  const auto g = tl::grad(std::vector<T>{y, z}, std::vector<T>{x, other}, {}, std::vector<T>{w, T()});
  test::require_values(g[0], {2 * 1 + 3, 10 * 2 * 2 + 3});
  test::require_values(g[1], {3});

  const auto sums = [&] { return std::vector<T>{tl::sum_to(square(x), {}), tl::sum_to(x, {})}; };
  test::require_values(tl::grad(sums(), std::vector<T>{x})[0], {3, 5});  // no starts: ones
  const auto leaf_too = tl::grad(std::vector<T>{x, square(x)}, std::vector<T>{x}, {}, std::vector<T>{w, w});
  test::require_values(leaf_too[0], {1 + 2, 10 + 40});
  REQUIRE_FALSE(tl::grad(std::vector<T>{}, std::vector<T>{x})[0].defined());
  REQUIRE(tl::grad(sums(), std::vector<T>{}).empty());
  REQUIRE_FALSE(x.grad().defined());

  REQUIRE_THROWS_WITH(tl::grad(sums(), std::vector<T>{x}, {}, std::vector<T>{T::ones({})}),
                      Catch::Contains("one gradient to start from per output") && Catch::Contains("(2 vs 1)"));
  REQUIRE_THROWS_WITH(tl::grad(std::vector<T>{sums()[0], T::ones({})}, std::vector<T>{x}),
                      Catch::Contains("the output was not computed from"));
}

TEST_CASE("grad calls the hooks of a leaf that it is asked for", "[autograd]") {
  auto x = T::from({1, 2}, {2}).requires_grad(true), other = T::from({3, 4}, {2}).requires_grad(true);
  std::vector<double> seen;
  int others = 0;
  x.on_gradient([&](const T& g) { seen = g.to_vector(); });
  x.on_gradient([](const T& g) { return square(g); });
  other.on_gradient([&](const T&) { ++others; });
  const auto y = [&] {
    return tl::sum_to(tl::apply(tl::rule::add{}, tl::apply(tl::rule::mul{}, x, other), square(x)), {});
  };
  const auto g = tl::grad(y(), std::vector<T>{x, x});  // other + 2x, squared once
  REQUIRE(seen == std::vector<double>{5, 8});
  test::require_values(g[0], {25, 64});
  test::require_values(g[1], {25, 64});
  REQUIRE(others == 0);

  auto h = square(other);
  h.on_gradient([](const T& d) { return square(d); });
  test::require_values(tl::grad(tl::sum_to(tl::apply(tl::rule::mul{}, h, x), {}), std::vector<T>{h})[0], {1, 4});
}

TEST_CASE("a third derivative of a rule is refused", "[autograd]") {
  auto x = T::from({0.3}, {1}).requires_grad(true);
  const auto first = tl::grad(exp(x), std::vector<T>{x}, {.create_graph = true});
  REQUIRE_THROWS_WITH(tl::grad(tl::apply(tl::rule::tanh{}, tl::grad(tl::apply(tl::rule::tanh{}, x), std::vector<T>{x},
                                                                    {.create_graph = true})[0]),
                               std::vector<T>{x}, {.create_graph = true}),
                      Catch::Contains("a third derivative is not available"));
}

TEST_CASE("grad says what is missing", "[autograd]") {
  auto x = T::from({1, 2}, {2}).requires_grad(true);
  REQUIRE_THROWS_WITH(tl::grad(square(x), std::vector<T>{x}),
                      Catch::Contains("must be given for an output of shape [2]"));
  REQUIRE_THROWS_WITH(tl::grad(T::ones({}), std::vector<T>{x}), Catch::Contains("the output was not computed from"));
  const auto y = tl::sum_to(square(x), {});
  REQUIRE_THROWS_WITH(tl::grad(y, std::vector<T>{T::ones({2})}), Catch::Contains("input 0 is not tracked"));
}
