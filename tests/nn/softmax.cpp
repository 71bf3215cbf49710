#include <tensorlab/nn/softmax.hpp>

#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/sequential.hpp>
#include <tensorlab/nn/summary.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

TEST_CASE("softmax layers normalise along their axis", "[nn]") {
  const auto x = tl::tensor<double, B>::from({0, std::log(3.0), 0, 0}, {2, 2});
  test::require_values(nn::softmax{}(x), {0.25, 0.75, 0.5, 0.5});
  test::require_values(nn::softmax{{.axis = 0}}(x), {0.5, 0.75, 0.5, 0.25});
  test::require_values(nn::log_softmax{}(x), {std::log(0.25), std::log(0.75), std::log(0.5), std::log(0.5)});
  test::require_values(nn::log_softmax{{.axis = 0}}(x), {std::log(0.5), std::log(0.75), std::log(0.5), std::log(0.25)});
  REQUIRE_THROWS_AS(nn::softmax{{.axis = 2}}(x), tl::shape_error);
}

TEST_CASE("softmax layers keep the laws of a module", "[nn]") {
  const tl::random::stream rng{1};
  const auto first = [&] { return nn::linear<double, B>::init({.in = 3, .out = 4}, rng); };
  test::check_module(nn::sequential{first(), nn::softmax{}}, {{5, 3}}, {"0.weight", "0.bias"});
  test::check_module(nn::sequential{first(), nn::log_softmax{}}, {{5, 3}}, {"0.weight", "0.bias"});
  nn::sequential net{first(), nn::softmax{}};
  REQUIRE_THAT(nn::summary(net), Catch::Contains("1: softmax(axis=-1)  "));
}
