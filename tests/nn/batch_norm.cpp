#include <tensorlab/nn/batch_norm.hpp>

#include <tensorlab/autograd/checkpoint.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

namespace {

const std::vector<std::string> names{"weight", "bias", "running_mean", "running_var", "num_batches_tracked"};

}  // namespace

TEST_CASE("batch_norm normalises and keeps running statistics", "[nn]") {
  using T = tl::tensor<double, B>;
  auto layer = nn::batch_norm<double, B>::init({.features = 1, .eps = 0, .momentum = 0.25});
  const auto x = T::from({1, 2, 3, 6}, {4, 1});  // mean 3, biased variance 3.5, unbiased 14 / 3
  const double s = std::sqrt(3.5);
  test::require_values(layer(x), {-2 / s, -1 / s, 0, 3 / s});
  test::require_values(layer.running_mean, {0.75});
  test::require_values(layer.running_var, {0.75 + 14.0 / 12});
  REQUIRE(layer.num_batches_tracked.item() == 1);
  nn::eval(layer);
  const double r = std::sqrt(0.75 + 14.0 / 12);
  test::require_values(layer(x), {0.25 / r, 1.25 / r, 2.25 / r, 5.25 / r});
  REQUIRE(layer.num_batches_tracked.item() == 1);
}

TEST_CASE("without momentum the running statistics are plain averages", "[nn]") {
  using T = tl::tensor<double, B>;
  auto layer = nn::batch_norm<double, B>::init({.features = 1, .momentum = std::nullopt});
  layer(T::from({0, 2}, {2, 1}));  // mean 1, variance 2
  layer(T::from({1, 9}, {2, 1}));  // mean 5, variance 32
  layer(T::from({3, 3}, {2, 1}));  // mean 3, variance 0
  test::require_values(layer.running_mean, {3});
  test::require_values(layer.running_var, {34.0 / 3});
}

TEST_CASE("batch_norm keeps the laws of a module in one and two dimensions", "[nn]") {
  using batch_norm = nn::batch_norm<double, B>;
  test::check_module(batch_norm::init({.features = 3}), {{4, 3}}, names);
  test::check_module(batch_norm::init({.features = 2, .eps = 1e-3}), {{3, 2, 4}}, names);
  test::check_module(batch_norm::init({.features = 2}), {{2, 2, 2, 3}}, names);
  test::check_module(batch_norm::init({.features = 2, .affine = false}), {{3, 2}},
                     {"running_mean", "running_var", "num_batches_tracked"});
  auto still = batch_norm::init({.features = 2});
  nn::eval(still);
  test::check_module(still, {{2, 2, 3}}, names);
}

TEST_CASE("a recomputed batch_norm counts its batch once", "[nn]") {
  auto layer = nn::batch_norm<float, B>::init({.features = 2});
  auto plain = layer;
  auto x = test::uniform<float>({4, 2}, 1);
  x.requires_grad(true);
  tl::sum(tl::checkpoint([&](const auto& v) { return layer(v); }, x)).backward();
  plain(x);
  REQUIRE(layer.num_batches_tracked.item() == 1);
  test::require_close(layer.running_mean.handle(), plain.running_mean.handle(), 0);
  test::require_close(layer.running_var.handle(), plain.running_var.handle(), 0);
}

TEST_CASE("batch_norm with a residual and relu is the layer, a sum and relu", "[nn]") {
  using batch_norm = nn::batch_norm<float, B>;
  auto layer = batch_norm::init({.features = 3}), parts = batch_norm::init({.features = 3});
  const auto x = test::uniform<float>({2, 3, 4, 5}, 1), residual = test::uniform<float>({2, 3, 4, 5}, 2);
  for (const bool training : {true, false}) {
    nn::set_training(layer, training);
    nn::set_training(parts, training);
    test::require_close(layer.relu(x), tl::relu(parts(x)), 8);
    test::require_close(layer.relu(x, residual), tl::relu(parts(x) + residual), 8);
    test::require_close(layer.running_var.handle(), parts.running_var.handle(), 8);
    REQUIRE(layer.num_batches_tracked.item() == 2);
  }
}

TEST_CASE("batch_norm names what does not fit", "[nn]") {
  using batch_norm = nn::batch_norm<float, B>;
  REQUIRE_THROWS_AS(batch_norm::init({.features = 0}), tl::value_error);
  auto layer = batch_norm::init({.features = 3});
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({4, 2})), tl::shape_error);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({1, 3})), tl::shape_error);
  REQUIRE(layer.num_batches_tracked.item() == 0);
  nn::eval(layer);
  REQUIRE_NOTHROW(layer(tl::tensor<float, B>::ones({1, 3})));
}
