#include <tensorlab/nn/attention_pool.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

TEST_CASE("attention_pool weighs the steps by a softmax", "[nn]") {
  using T = tl::tensor<double, B>;
  const tl::random::stream rng{1};
  auto layer = nn::attention_pool<double, B>::init({.in = 2}, rng);
  layer.w.weight = tl::parameter<double, B>(T::from({1, 0}, {1, 2}));
  // Scores 0 and ln 3: weights 1/4 and 3/4.
  const auto x = T::from({0, 1, std::log(3.0), 5}, {1, 2, 2});
  test::require_values(layer(x), {0.75 * std::log(3.0), 4});
  const auto seen = tl::tensor<bool, B>::from({true, false}, {1, 2});
  test::require_values(layer(x, seen), {0, 1});
}

TEST_CASE("attention_pool keeps the laws of a module; its bias has no influence", "[nn]") {
  const tl::random::stream rng{2};
  auto layer = nn::attention_pool<double, B>::init({.in = 3}, rng);
  test::check_module(layer, {{2, 4, 3}}, {"w.weight", "w.bias"});
  const auto y = layer(test::uniform<double>({2, 4, 3}, 3));
  y.backward(test::uniform<double>(y.shape(), 4));
  test::require_values(layer.w.bias->grad(), {0}, 1e-15);
}

TEST_CASE("attention_pool names what does not fit", "[nn]") {
  const tl::random::stream rng{3};
  const auto layer = nn::attention_pool<float, B>::init({.in = 3}, rng);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({2, 4, 2})), tl::shape_error);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({2, 4, 3}), tl::tensor<bool, B>::full({2, 3}, true)),
                    tl::shape_error);
  REQUIRE_THROWS_AS((nn::attention_pool<float, B>::init({.in = 0}, rng)), tl::value_error);
}
