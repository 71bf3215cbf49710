#include <tensorlab/ops/dropout.hpp>

#include <cmath>
#include <cstring>
#include <limits>

#include <tensorlab/autograd/grad.hpp>
#include <tensorlab/ops/activation.hpp>

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

namespace {

template <class T>
bool same_bits(const tl::tensor<T, B>& a, const tl::tensor<T, B>& b) {
  const auto x = a.to_vector(), y = b.to_vector();
  if (x.size() != y.size()) return false;
  return x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(T)) == 0;
}

/// Requires the bits of `rule` and dropout one after the other, in values, gradients and memory order; gradients by
/// dual numbers to rounding.
template <class T, class R>
void require_same_in_one_pass(const R& rule, const tl::tensor<T, B>& x) {
  INFO(R::name);
  const tl::random::stream one{4, 2}, two{4, 2};
  const auto a = tl::stop_gradient(x).requires_grad(true), b = tl::stop_gradient(x).requires_grad(true);
  const auto y = tl::dropout(rule, a, 0.3, one), expected = tl::dropout(tl::apply(rule, b), 0.3, two);
  REQUIRE(one == two);
  REQUIRE(same_bits(y, expected));
  REQUIRE(y.strides() == expected.strides());
  const auto dy = test::uniform<T>(x.shape(), 77);
  const auto dx = tl::grad(y, {a}, {.retain_graph = true}, dy)[0];
  const auto expected_dx = tl::grad(expected, {b}, {.retain_graph = true}, dy)[0];
  if constexpr (tl::has_df<R>)
    REQUIRE(same_bits(dx, expected_dx));
  else
    test::require_close(dx, expected_dx);
  REQUIRE(dx.strides() == expected_dx.strides());
  REQUIRE(same_bits(tl::grad(y, {a}, {.create_graph = true}, dy)[0], expected_dx));
}

}  // namespace

TEMPLATE_TEST_CASE("a rule and dropout in one pass have the bits of two", "[ops][dropout]", float, double) {
  for (const auto& [layout, x] : test::layouts<TestType>(-3, 3)) {
    INFO(layout);
    require_same_in_one_pass(tl::rule::relu{}, x);
  }
  const auto x = test::uniform<TestType>({5, 67}, 3, -3, 3);
  tl::for_each_type(tl::rule::activation_ops{}, [&]<class R>() { require_same_in_one_pass(R{}, x); });
  require_same_in_one_pass(tl::rule::leaky_relu{0.3}, tl::transpose(x));
  const TestType inf = std::numeric_limits<TestType>::infinity();
  const std::vector<TestType> special{inf, -inf, TestType(-0.0), 0, inf, -inf, 1, -1};
  require_same_in_one_pass(tl::rule::relu{}, tl::tensor<TestType, B>::from(special, {8}));
  require_same_in_one_pass(tl::rule::tanh{}, tl::tensor<TestType, B>::from(special, {8}));
}

TEST_CASE("a rule and dropout in one pass have right first and second derivatives", "[ops][dropout]") {
  const auto x = test::uniform<double>({4, 3, 2}, 1, -2, 2);
  test::require_gradients([](const auto& v) { return tl::dropout(tl::rule::tanh{}, v[0], 0.4, tl::random::stream{3}); },
                          {x});
  test::require_gradients([](const auto& v) { return tl::dropout(tl::rule::silu{}, v[0], 0.4, tl::random::stream{3}); },
                          {x});
}

TEST_CASE("a rule and dropout in one pass with p = 0 is the rule", "[ops][dropout]") {
  const tl::random::stream rng{5};
  const auto x = test::uniform<float>({3, 3}, 1);
  REQUIRE(same_bits(tl::dropout(tl::rule::tanh{}, x, 0, rng), tl::tanh(x)));
  REQUIRE(rng.counter() == 0);
  REQUIRE_THROWS_WITH(tl::dropout(tl::rule::tanh{}, x, 1.5, rng),
                      Catch::Contains("dropout: the probability must lie in [0, 1), got 1.5"));
}

TEST_CASE("each dropout goes back with the mask it went forward with", "[ops][dropout]") {
  const tl::random::stream rng{5};
  const auto x = F::ones({500}).requires_grad(true);
  const auto a = tl::dropout(x, 0.5, rng), b = tl::dropout(tl::rule::relu{}, x, 0.5, rng);
  REQUIRE(a.to_vector() != b.to_vector());
  REQUIRE(tl::grad(b, {x}, {}, F::ones({500}))[0].to_vector() == b.to_vector());
  REQUIRE(tl::grad(a, {x}, {}, F::ones({500}))[0].to_vector() == a.to_vector());
}
