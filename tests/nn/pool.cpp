#include <tensorlab/nn/pool.hpp>

#include <tensorlab/nn/flatten.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/sequential.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

TEST_CASE("pools take the largest or the mean of each window", "[nn]") {
  const auto x = tl::tensor<float, B>::from({1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 1, 3, 3});
  test::require_values(nn::max_pool2d{{.kernel = 2, .stride = 1}}(x), {5, 6, 8, 9});
  test::require_values(nn::max_pool2d{{.kernel = 2, .padding = 1}}(x), {1, 3, 7, 9});
  test::require_values(nn::avg_pool2d{{.kernel = {1, 3}}}(x), {2, 5, 8});
  test::require_values(nn::avg_pool2d{{.kernel = 2, .padding = 1, .count_include_pad = false}}(x), {1, 2.5, 5.5, 7});
  test::require_values(nn::global_avg_pool{}(x), {5});
  const auto line = tl::tensor<float, B>::from({1, 4, 2, 8}, {1, 1, 4});
  test::require_values(nn::max_pool1d{{.kernel = 2}}(line), {4, 8});
  test::require_values(nn::avg_pool1d{{.kernel = 2, .stride = 1}}(line), {2.5, 3, 5});
  test::require_values(nn::max_pool2d{}(x), {1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("networks with pools keep the laws of a module", "[nn]") {
  const tl::random::stream rng{1};
  using linear = nn::linear<double, B>;
  test::check_module(
      nn::sequential{nn::max_pool2d{{.kernel = 2, .stride = 1}}, nn::avg_pool2d{{.kernel = 2, .padding = 1}},
                     nn::flatten{}, linear::init({.in = 8, .out = 2}, rng)},
      {{2, 2, 4, 4}}, {"3.weight", "3.bias"});
  test::check_module(
      nn::sequential{nn::avg_pool1d{{.kernel = 2, .stride = 1}}, nn::max_pool1d{{.kernel = 2, .stride = 1}},
                     nn::global_avg_pool{}, linear::init({.in = 3, .out = 2}, rng)},
      {{2, 3, 5}}, {"3.weight", "3.bias"});
}

TEST_CASE("pools name what does not fit", "[nn]") {
  REQUIRE_THROWS_AS(nn::max_pool2d{{.kernel = 4}}(tl::tensor<float, B>::ones({1, 1, 3, 3})), tl::shape_error);
  REQUIRE_THROWS_AS(nn::avg_pool1d{{.kernel = 2}}(tl::tensor<float, B>::ones({3, 3})), tl::shape_error);
}
