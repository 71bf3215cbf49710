#include <tensorlab/optim/clip.hpp>

#include "optim/five.hpp"

namespace optim = tl::optim;

namespace {

/// Gradients 3 in `d` and 4 in the first element of `e`: norm 5.
five<double> three_and_four() {
  auto net = five<double>::init();
  net.d.set_grad(tl::tensor<double, B>::full({1}, 3));
  net.e.set_grad(tl::tensor<double, B>::from({-4, 0, 0, 0, 0}, {5, 1}));
  return net;
}

}  // namespace

TEST_CASE("clip_grad_norm scales by the common norm and returns it", "[optim]") {
  auto net = three_and_four();
  REQUIRE(optim::clip_grad_norm(net, 2.0) == 5);
  const double scale = 2 / (5 + 1e-6);
  test::require_values(net.d.grad(), {3 * scale});
  test::require_values(net.e.grad(), {-4 * scale, 0, 0, 0, 0});
}

TEST_CASE("clip_grad_norm leaves small gradients alone", "[optim]") {
  auto net = three_and_four();
  REQUIRE(optim::clip_grad_norm(tl::nn::named_parameters(net), 5.1) == 5);
  test::require_values(net.d.grad(), {3});
  auto none = five<float>::init();
  REQUIRE(optim::clip_grad_norm(none, 1.0) == 0);
}

TEMPLATE_TEST_CASE("clip_grad_norm agrees with the formula on many gradients and repeats its bits", "[optim]", float,
                   double) {
  auto net = five<TestType>::init(), again = five<TestType>::init();
  net.set_gradients(3);
  again.set_gradients(3);
  double squares = 0;
  std::vector<double> expected;
  for (auto* p : net.all())
    for (TestType g : p->grad().to_vector()) {
      squares += static_cast<double>(g) * static_cast<double>(g);
      expected.push_back(static_cast<double>(g));
    }
  const double norm = optim::clip_grad_norm(net, 0.5);
  REQUIRE(std::abs(norm - std::sqrt(squares)) <= test::tolerance<TestType>() * norm);
  for (double& g : expected) g *= 0.5 / (std::sqrt(squares) + 1e-6);
  std::vector<TestType> got;
  for (auto* p : net.all())
    for (TestType g : p->grad().to_vector()) got.push_back(g);
  require_near(got, expected);
  REQUIRE(optim::clip_grad_norm(again, 0.5) == norm);
}

TEST_CASE("clip_grad_norm passes a NaN on", "[optim]") {
  auto net = three_and_four();
  net.d.set_grad(tl::tensor<double, B>::full({1}, std::nan("")));
  REQUIRE(std::isnan(optim::clip_grad_norm(net, 1.0)));
  REQUIRE(std::isnan(net.e.grad().to_vector()[1]));
}

TEST_CASE("clip_grad_value limits each element", "[optim]") {
  auto net = three_and_four();
  optim::clip_grad_value(net, 3.5);
  test::require_values(net.d.grad(), {3});
  test::require_values(net.e.grad(), {-3.5, 0, 0, 0, 0});
}

TEST_CASE("clipping refuses a limit that is not positive", "[optim]") {
  auto net = three_and_four();
  REQUIRE_THROWS_WITH(optim::clip_grad_norm(net, 0), "clip_grad_norm: max_norm must be positive, got 0");
  REQUIRE_THROWS_WITH(optim::clip_grad_value(net, -1), "clip_grad_value: limit must be positive, got -1");
}
