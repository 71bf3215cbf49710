#include <tensorlab/nn/activation.hpp>

#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/sequential.hpp>
#include <tensorlab/nn/summary.hpp>

#include "support/backend.hpp"

namespace nn = tl::nn;

TEST_CASE("activation layers apply their rules", "[nn]") {
  const auto x = tl::tensor<double, B>::from({-1, 0, 2, 7}, {2, 2});
  test::require_values(nn::relu{}(x), {0, 0, 2, 7});
  test::require_values(nn::relu6{}(x), {0, 0, 2, 6});
  test::require_values(nn::leaky_relu{}(x), {-0.01, 0, 2, 7});
  test::require_values(nn::leaky_relu{{0.5}}(x), {-0.5, 0, 2, 7});
  test::require_values(nn::elu{{2}}(x), {2 * std::expm1(-1.0), 0, 2, 7});
  test::require_values(nn::tanh{}(x), {std::tanh(-1.0), 0, std::tanh(2.0), std::tanh(7.0)});
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  test::require_values(nn::sigmoid{}(x), {sigmoid(-1), 0.5, sigmoid(2), sigmoid(7)});
  test::require_values(nn::silu{}(x), {-sigmoid(-1), 0, 2 * sigmoid(2), 7 * sigmoid(7)});
  test::require_values(nn::softplus{}(x), {std::log1p(std::exp(-1.0)), std::log(2.0), std::log1p(std::exp(2.0)),
                                           std::log1p(std::exp(7.0))});
  const auto gelu = [](double v) { return 0.5 * v * (1 + std::erf(v / std::sqrt(2.0))); };
  test::require_values(nn::gelu{}(x), {gelu(-1), 0, gelu(2), gelu(7)});
  test::require_values(nn::log_sigmoid{}(x),
                       {std::log(sigmoid(-1)), std::log(0.5), std::log(sigmoid(2)), std::log(sigmoid(7))});
  test::require_values(nn::relu_squared{}(x), {0, 0, 4, 49});
  test::require_values(nn::softsign{}(x), {-0.5, 0, 2.0 / 3, 7.0 / 8});
  REQUIRE(nn::gelu_tanh{}(x).shape() == tl::shape{2, 2});
  REQUIRE(nn::mish{}(x).shape() == tl::shape{2, 2});
}

TEST_CASE("a summary names activations by their rules", "[nn]") {
  const tl::random::stream rng{1};
  nn::sequential net{nn::linear<float, B>::init({.in = 1, .out = 1}, rng), nn::gelu{}};
  REQUIRE_THAT(nn::summary(net), Catch::Contains("1: gelu  "));
}
