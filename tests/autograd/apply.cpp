#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/autograd/gradcheck.hpp>
#include <tensorlab/rule/fuse.hpp>

#include <cmath>
#include <vector>

#include "support/backend.hpp"

namespace rule = tl::rule;
using T = tl::tensor<double, B>;

namespace {

// y = x^3 with the input kept; the derivative is left to dual numbers.
struct cube {
  static constexpr auto name = "cube";
  static constexpr tl::save saves = tl::save::input;
  template <class V>
  static V f(const V& x) {
    return x * x * x;
  }
};

// A rule without derivative.
struct parity {
  static constexpr auto name = "parity";
  template <class V>
  static V f(const V& x) {
    return x - V(2) * tl::math::floor(V(x * V(0.5)));
  }
};

}  // namespace

TEST_CASE("a unary rule runs forward and backward", "[autograd][apply]") {
  auto x = T::from({1, 2, -3}, {3}).requires_grad(true);
  SECTION("that saves its input") {
    const auto y = tl::apply(rule::square{}, x);
    test::require_values(y, {1, 4, 9});
    y.backward(T::from({1, 10, 100}, {3}));
    test::require_values(x.grad(), {2, 40, -600});
  }
  SECTION("that saves its output") {
    tl::apply(rule::relu{}, x).backward(T::ones({3}));
    test::require_values(x.grad(), {1, 1, 0});
  }
  SECTION("that saves nothing") {
    tl::apply(rule::mul_scalar{-2}, x).backward(T::from({1, 2, 3}, {3}));
    test::require_values(x.grad(), {-2, -4, -6});
  }
}

#if TL_TEST_KIND(TL_TEST_BACKEND) != TL_TEST_cuda
TEST_CASE("a user's rule is one struct", "[autograd][apply]") {
  auto x = T::from({1, 2, -3}, {3}).requires_grad(true);
  const auto y = tl::apply(cube{}, x);
  test::require_values(y, {1, 8, -27});
  y.backward(T::ones({3}));
  test::require_values(x.grad(), {3, 12, 27});
  REQUIRE_THROWS_WITH(tl::apply(parity{}, x), Catch::Equals("parity: no gradient; wrap the input in stop_gradient()"));
  test::require_values(tl::apply(parity{}, tl::stop_gradient(x)), {1, 0, 1});
}
#endif

TEST_CASE("a binary rule broadcasts and sums its gradients back", "[autograd][apply]") {
  auto a = T::from({1, 2}, {2, 1}).requires_grad(true), b = T::from({3, 4, 5}, {3}).requires_grad(true);
  const auto y = tl::apply(rule::mul{}, a, b);
  test::require_values(y, {3, 4, 5, 6, 8, 10});
  y.backward(T::ones({2, 3}));
  test::require_values(a.grad(), {12, 12});
  test::require_values(b.grad(), {3, 3, 3});
  REQUIRE(a.grad().shape() == tl::shape{2, 1});
  REQUIRE(b.grad().shape() == tl::shape{3});
}

TEST_CASE("the gradient of an untracked operand is not computed", "[autograd][apply]") {
  // log(0) would put a NaN into the gradient to the exponent.
  auto base = T::zeros({1}).requires_grad(true);
  tl::apply(rule::pow{}, base, T::full({1}, 2)).backward();
  REQUIRE(base.grad().item() == 0);
}

TEST_CASE("the result keeps the memory order of the operand that has its shape", "[autograd][apply]") {
  const auto x = T::from({1, 2, 3, 4, 5, 6}, {2, 3});
  const T turned(x.array().restride({3, 2}, {1, 3}));
  REQUIRE(tl::apply(rule::exp{}, turned).strides() == turned.strides());
  REQUIRE(tl::apply(rule::add{}, T::ones({2}), turned).strides() == turned.strides());
}

TEST_CASE("comparisons give bools and are never recorded", "[autograd][apply]") {
  const auto a = T::from({1, 2, 3}, {3});
  const auto y = tl::apply_to<bool>(rule::less{}, a, T::full({}, 2));
  REQUIRE(test::on_reference(y).span()[0]);
  REQUIRE_FALSE(test::on_reference(y).span()[1]);
  REQUIRE_FALSE(y.tracked());
  auto x = T::ones({1}).requires_grad(true);
  REQUIRE_THROWS_WITH(tl::apply_to<bool>(rule::less{}, x, a), Catch::Contains("less: no gradient"));
}

TEST_CASE("integers are computed without a tape", "[autograd][apply]") {
  const auto i = tl::tensor<std::int64_t, B>::arange(3);
  REQUIRE(tl::apply(rule::mul{}, i, i).to_vector() == std::vector<std::int64_t>{0, 1, 4});
}

TEST_CASE("a gradient that nobody keeps is passed on in its memory", "[autograd][apply]") {
  const auto given = test::uniform<double>({2, 3}, 1);
  std::vector<std::vector<double>> results;
  for (const bool keep : {false, true}) {
    auto x = test::uniform<double>({2, 3}, 2).requires_grad(true);
    auto first = tl::apply(rule::exp{}, x), second = tl::apply(rule::neg{}, first), y = tl::apply(rule::tanh{}, second);
    std::vector<const double*> places;
    std::vector<T> kept;
    for (T* const v : {&second, &first})
      v->on_gradient([&](const T& g) {
        places.push_back(g.array().data());
        if (keep) kept.push_back(g);
      });
    const auto before = given.to_vector();
    y.backward(given);
    REQUIRE(given.to_vector() == before);
    REQUIRE((x.grad().array().data() == places[0]) == !keep);
    const auto dy = given.to_vector(), t = y.to_vector(), e = first.to_vector(), dx = x.grad().to_vector();
    for (std::size_t i = 0; i < 6; ++i) {
      const double d = dy[i] * (1 - t[i] * t[i]);
      if (keep) REQUIRE(kept[0].to_vector()[i] == Approx(d));
      if (keep) REQUIRE(kept[1].to_vector()[i] == Approx(-d));
      REQUIRE(dx[i] == Approx(-d * e[i]));
    }
    results.push_back(dx);
  }
  REQUIRE(results[0] == results[1]);
}

TEST_CASE("a gradient of two uses is passed on unharmed", "[autograd][apply]") {
  auto a = test::uniform<double>({5}, 1).requires_grad(true), b = test::uniform<double>({5}, 2).requires_grad(true);
  const auto given = test::uniform<double>({5}, 3);
  tl::apply(rule::exp{}, tl::apply(rule::add{}, tl::apply(rule::sin{}, a), tl::apply(rule::tanh{}, b))).backward(given);
  const auto da = a.grad().to_vector(), db = b.grad().to_vector();
  const auto x = a.to_vector(), y = b.to_vector(), dy = given.to_vector();
  for (std::size_t i = 0; i < 5; ++i) {
    const double d = dy[i] * std::exp(std::sin(x[i]) + std::tanh(y[i]));
    REQUIRE(da[i] == Approx(d * std::cos(x[i])));
    REQUIRE(db[i] == Approx(d * (1 - std::tanh(y[i]) * std::tanh(y[i]))));
  }
}

#if TL_TEST_KIND(TL_TEST_BACKEND) != TL_TEST_cuda
TEST_CASE("a gradient in the memory of somebody else is not written to", "[autograd][apply]") {
  double memory[2] = {3, 4};
  auto x = T::from({1, 2}, {2}).requires_grad(true);
  auto y = tl::apply(rule::neg{}, x);
  y.on_gradient([&](const T&) { return T::borrow(std::span<double>(memory), {2}); });
  y.backward(T::ones({2}));
  test::require_values(x.grad(), {-3, -4});
  REQUIRE(memory[0] == 3);
}

TEST_CASE("fused rules make one node with the values and gradients of several", "[autograd][apply]") {
  const auto half = rule::mul_scalar{0.5};
  const auto x = test::uniform<double>({3, 7}, 1);
  const auto f = [&](const std::vector<T>& v) { return tl::apply(tl::fuse(half, cube{}, rule::exp{}), v[0]); };
  const auto one_by_one = tl::apply(rule::exp{}, tl::apply(cube{}, tl::apply(half, x)));
  test::require_close(f({x}), one_by_one);
  const auto first = tl::gradcheck(f, std::vector<T>{x}), second = tl::gradcheck_twice(f, std::vector<T>{x});
  INFO(first.message << second.message);
  REQUIRE((first.ok && second.ok));
}
#endif
