#include <tensorlab/loss/regression.hpp>

#include <tensorlab/autograd/gradcheck.hpp>

#include "loss/torch.hpp"

namespace loss = tl::loss;
using T = tl::tensor<double, B>;

TEST_CASE("regression losses of known differences", "[loss]") {
  const auto x = T::from({1, -2, 0.5, 3}, {4}), y = T::from({0, -2, 1, 1}, {4});
  test::require_values(loss::mse(x, y), {(1 + 0 + 0.25 + 4) / 4});
  test::require_values(loss::l1(x, y), {(1 + 0 + 0.5 + 2) / 4});
  test::require_values(loss::mse(x, y, loss::reduction::none), {1, 0, 0.25, 4});
  test::require_values(loss::l1(x, y, loss::reduction::sum), {3.5});
  test::require_values(loss::smooth_l1(x, y, {.beta = 0.8, .reduce = loss::reduction::none}), {0.6, 0, 0.15625, 1.6});
  test::require_values(loss::smooth_l1(x, y, {.beta = 0, .reduce = loss::reduction::none}), {1, 0, 0.5, 2});
  test::require_values(loss::huber(x, y, {.delta = 0.8, .reduce = loss::reduction::none}), {0.48, 0, 0.125, 1.28});
}

TEST_CASE("regression losses are PyTorch's", "[loss]") {
  const auto goal = test::golden_fill<double>({3, 4}, 6);
  using loss::reduction;
  test::require_torch_losses("mse", {3, 4}, [&](const T& x, reduction r) { return loss::mse(x, goal, r); });
  test::require_torch_losses("l1", {3, 4}, [&](const T& x, reduction r) { return loss::l1(x, goal, r); });
  test::require_torch_losses("smooth_l1", {3, 4}, [&](const T& x, reduction r) {
    return loss::smooth_l1(x, goal, {.beta = 0.7, .reduce = r});
  });
  test::require_torch_losses(
      "huber", {3, 4}, [&](const T& x, reduction r) { return loss::huber(x, goal, {.delta = 1.3, .reduce = r}); });
}

TEST_CASE("regression losses have a gradient to both operands", "[loss]") {
  using inputs = std::vector<T>;
  const inputs xy{test::uniform<double>({5, 3}, 1, -2, 2), test::uniform<double>({5, 3}, 2)};
  const auto all = [](const inputs& v) {
    return loss::mse(v[0], v[1]) + loss::l1(v[0], v[1]) + loss::smooth_l1(v[0], v[1], {.beta = 0.3}) +
           loss::huber(v[0], v[1], {.delta = 0.6});
  };
  const auto first = tl::gradcheck(all, xy), second = tl::gradcheck_twice(all, xy);
  INFO(first.message << second.message);
  REQUIRE(first.ok);
  REQUIRE(second.ok);
}

TEMPLATE_TEST_CASE("the rules of losses are the reference's", "[loss]", float, double) {
  tl::for_each_type(tl::rule::loss_ops{}, []<class R>() {
    INFO(R::name);
    const auto x = test::uniform<TestType>({70, 3}, 5, R::sample.lo, R::sample.hi);
    auto e = test::on_reference(x);
    const auto leaf = tl::stop_gradient(x).requires_grad(true);
    e.requires_grad(true);
    const auto y = tl::apply(R{}, leaf);
    const auto expected = tl::apply(R{}, e);
    test::require_close(y, expected);
    tl::sum(y).backward();
    tl::sum(expected).backward();
    test::require_close(leaf.grad(), e.grad());
  });
}

TEST_CASE("regression losses name what does not fit", "[loss]") {
  const auto x = T::ones({2, 3}), y = T::ones({2, 1});
  REQUIRE_THROWS_WITH(loss::mse(x, y), Catch::Equals("mse: shapes differ: input [2, 3], target [2, 1] (6 vs 2)"));
  REQUIRE_THROWS_AS(loss::huber(x, y), tl::shape_error);
  REQUIRE_THROWS_AS(loss::smooth_l1(x, x, {.beta = -1}), tl::value_error);
  REQUIRE_THROWS_AS(loss::huber(x, x, {.delta = 0}), tl::value_error);
}
