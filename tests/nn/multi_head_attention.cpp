#include <tensorlab/nn/multi_head_attention.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

namespace {

using T = tl::tensor<double, B>;
using attention = nn::multi_head_attention<double, B>;
const auto cross = [](const auto& m, const auto& x) { return m(x[0], x[1], x[2]); };

}  // namespace

TEST_CASE("multi_head_attention keeps the laws of a module", "[nn]") {
  const tl::random::stream rng{1};
  const std::vector<std::string> names{"in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"};
  test::check_module(attention::init({.in = 4, .heads = 2}, rng), {{2, 3, 4}}, names);
  test::check_module(attention::init({.in = 4, .heads = 2, .dropout = 0.5}, rng), {{1, 2, 4}, {1, 3, 4}, {1, 3, 4}},
                     names, cross);
  test::check_module(attention::init({.in = 3, .heads = 2, .key = 1, .value = 2, .bias = false}, rng), {{2, 3, 3}},
                     {"in_proj_weight", "out_proj.weight"});
}

TEST_CASE("self-attention is attention to itself", "[nn]") {
  const tl::random::stream rng{2};
  const auto layer = attention::init({.in = 6, .heads = 3, .key = 1, .value = 4}, rng);
  const auto x = test::uniform<double>({2, 5, 6}, 3);
  test::require_close(layer(x), layer(x, x, x));
}

TEST_CASE("one head with unit weights is softmax attention", "[nn]") {
  const tl::random::stream rng{3};
  auto layer = attention::init({.in = 1, .heads = 1}, rng);
  layer.in_proj_weight = tl::parameter<double, B>(T::from({1, 1, 1}, {3, 1}));
  layer.out_proj.weight = tl::parameter<double, B>(T::from({2}, {1, 1}));
  const auto x = T::from({1, 2}, {1, 2, 1});
  const auto mean = [](double q) { return (std::exp(q) + 2 * std::exp(2 * q)) / (std::exp(q) + std::exp(2 * q)); };
  test::require_values(layer(x), {2 * mean(1), 2 * mean(2)});
  const auto causal = tl::tensor<bool, B>::from({true, false, true, true}, {2, 2});
  test::require_values(layer(x, causal), {2, 2 * mean(2)});
}

TEST_CASE("a key mask hides keys from every query", "[nn]") {
  const tl::random::stream rng{4};
  const auto layer = attention::init({.in = 4, .heads = 2}, rng);
  const auto x = test::uniform<double>({1, 4, 4}, 5);
  const auto seen = tl::tensor<bool, B>::from({true, true, true, false}, {1, 1, 1, 4});
  const auto visible = tl::slice(x, 1, 0, 3);
  test::require_close(layer(x, seen), layer(x, visible, visible));
}

TEST_CASE("multi_head_attention has Keras's count and PyTorch's start", "[nn]") {
  const tl::random::stream rng{5};
  auto layer = nn::multi_head_attention<float, B>::init({.in = 64, .heads = 4, .dropout = 0.1}, rng);
  REQUIRE(nn::parameter_count(layer) == 16640);
  float largest = 0;
  for (float v : layer.in_proj_weight.to_vector()) largest = (std::max)(largest, std::abs(v));
  const float bound = std::sqrt(6.0f / (64 + 192));
  REQUIRE(largest <= bound);
  REQUIRE(largest > 0.99f * bound);
  for (float v : layer.in_proj_bias->to_vector()) REQUIRE(v == 0);
  for (float v : layer.out_proj.bias->to_vector()) REQUIRE(v == 0);
}

TEST_CASE("multi_head_attention names what does not fit", "[nn]") {
  const tl::random::stream rng{6};
  REQUIRE_THROWS_AS(attention::init({.in = 5, .heads = 2}, rng), tl::value_error);
  REQUIRE_THROWS_AS(attention::init({.in = 4, .heads = 2, .dropout = 1}, rng), tl::value_error);
  const auto layer = attention::init({.in = 4, .heads = 2}, rng);
  REQUIRE_THROWS_AS(layer(T::ones({2, 3, 5})), tl::shape_error);
  REQUIRE_THROWS_AS(layer(T::ones({3, 4})), tl::shape_error);
  REQUIRE_THROWS_AS(layer(T::ones({1, 2, 4}), T::ones({1, 3, 4}), T::ones({1, 2, 4})), tl::shape_error);
}
