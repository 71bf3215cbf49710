#include <tensorlab/ops/activation.hpp>

#include <cmath>

#include "ops/elementwise.hpp"

namespace rule = tl::rule;
using T = tl::tensor<double, B>;

TEST_CASE("activations equal the reference backend", "[ops][activation]") {
  tl::for_each_type(rule::activation_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) {
      test::require_equal_to_reference<R>();
      test::require_order_kept<R>();
    }
  });
}

TEST_CASE("activations have right first and second derivatives", "[ops][activation]") {
  tl::for_each_type(rule::activation_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) { test::require_derivatives<R>(); }
  });
}

TEST_CASE("activations have the values of the formulas", "[ops][activation]") {
  const double a = 1.3, b = -0.6;
  const auto x = T::from({a, b, 7}, {3});
  const auto each = [&](double (*f)(double)) {
    return tl::tensor<double, tl::reference>::from({f(a), f(b), f(7)}, {3});
  };
  test::require_values(tl::relu(x), {a, 0, 7});
  test::require_values(tl::leaky_relu(x), {a, 0.01 * b, 7});
  test::require_values(tl::leaky_relu(x, 0.2), {a, 0.2 * b, 7});
  test::require_values(tl::relu6(x), {a, 0, 6});
  test::require_values(tl::relu_squared(x), {a * a, 0, 49});
  test::require_values(tl::elu(x), {a, std::exp(b) - 1, 7});
  test::require_values(tl::elu(x, 0.5), {a, 0.5 * (std::exp(b) - 1), 7});
  test::require_close(tl::sigmoid(x), each([](double v) { return 1 / (1 + std::exp(-v)); }));
  test::require_close(tl::log_sigmoid(x), each([](double v) { return -std::log(1 + std::exp(-v)); }));
  test::require_close(tl::tanh(x), each([](double v) { return std::tanh(v); }));
  test::require_close(tl::softplus(x), each([](double v) { return std::log(1 + std::exp(v)); }));
  test::require_close(tl::silu(x), each([](double v) { return v / (1 + std::exp(-v)); }));
  test::require_close(tl::gelu(x), each([](double v) { return v * 0.5 * std::erfc(-v / std::sqrt(2.0)); }));
  test::require_close(tl::gelu_tanh(x), each([](double v) {
                        return 0.5 * v * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (v + 0.044715 * v * v * v)));
                      }));
  test::require_close(tl::mish(x), each([](double v) { return v * std::tanh(std::log(1 + std::exp(v))); }));
}

TEST_CASE("activations do not overflow", "[ops][activation]") {
  const auto x = tl::tensor<float, B>::from({-200, 200}, {2});
  test::require_values(tl::sigmoid(x), {0, 1});
  test::require_values(tl::log_sigmoid(x), {-200, 0});
  test::require_values(tl::softplus(x), {0, 200});
  test::require_values(tl::silu(x), {0, 200});
  test::require_values(tl::mish(x), {0, 200});
  test::require_values(tl::elu(x), {-1, 200});
  test::require_values(tl::gelu_tanh(x), {0, 200});
}

TEST_CASE("gradients far from zero are finite", "[ops][activation]") {
  tl::for_each_type(rule::activation_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) {
      auto x = tl::tensor<float, B>::from({-60, 60}, {2}).requires_grad(true);
      tl::apply(R{}, x).backward(tl::tensor<float, B>::ones({2}));
      for (float g : x.grad().to_vector()) REQUIRE(std::isfinite(g));
    }
  });
}

TEST_CASE("rectifiers have slope 0 at 0", "[ops][activation]") {
  auto x = T::zeros({1}).requires_grad(true);
  tl::relu(x).backward();
  tl::relu6(x).backward();
  REQUIRE(x.grad().item() == 0);
}
