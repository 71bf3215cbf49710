#include <tensorlab/nn/option_text.hpp>

#include <tensorlab/nn/conv1d.hpp>
#include <tensorlab/nn/conv2d.hpp>
#include <tensorlab/nn/gru.hpp>
#include <tensorlab/nn/pool.hpp>

#include "support/backend.hpp"

namespace nn = tl::nn;

TEST_CASE("settings are described, those that are the default left out", "[nn]") {
  REQUIRE(nn::detail::number_text(0.1) == "0.1");
  REQUIRE(nn::detail::number_text(1e-5) == "1e-05");
  using nn::to_string;
  using tl::to_string;
  REQUIRE(to_string(nn::conv2d_options{.in = 1, .out = 2}) == "in=1, out=2, kernel=1");
  REQUIRE(to_string(nn::conv2d_options{1, 2, {3, 5}, {1, 2}, {{1, 1}, {0, 1}}, 2, 4, false}) ==
          "in=1, out=2, kernel=(3, 5), stride=(1, 2), padding=(1, (0, 1)), dilation=2, groups=4, bias=false");
  REQUIRE(to_string(nn::conv1d_options{.in = 1, .out = 2, .kernel = 3, .stride = 2, .padding = {2, 0}}) ==
          "in=1, out=2, kernel=3, stride=2, padding=(2, 0)");
  REQUIRE(to_string(nn::gru_options{.in = 1, .hidden = 2, .reset_after = false}) ==
          "in=1, hidden=2, reset_after=false");
  REQUIRE(to_string(tl::max_pool2d_options{.kernel = {3, 1}, .stride = 1}) == "kernel=(3, 1)");
  REQUIRE(to_string(tl::max_pool1d_options{.kernel = 3, .padding = 1}) == "kernel=3, stride=3, padding=1");
  REQUIRE(to_string(tl::avg_pool1d_options{.kernel = 3, .count_include_pad = false}) ==
          "kernel=3, stride=3, count_include_pad=false");
  REQUIRE(to_string(tl::avg_pool2d_options{.kernel = 2, .stride = {2, 1}}) == "kernel=2, stride=(2, 1)");
}
