#include <tensorlab/nn/dropout.hpp>

#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/sequential.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

TEST_CASE("dropout drops its share and keeps the mean", "[nn]") {
  const tl::random::stream rng{1};
  const auto layer = nn::dropout::init({.p = 0.25}, rng);
  const auto y = layer(tl::tensor<float, B>::full({100, 100}, 3)).to_vector();
  double dropped = 0;
  for (float v : y) {
    REQUIRE((v == 0 || v == 4));
    dropped += v == 0;
  }
  REQUIRE(std::abs(dropped / 1e4 - 0.25) < 5 * std::sqrt(0.25 * 0.75 / 1e4));
}

TEST_CASE("drop_path drops whole samples", "[nn]") {
  const tl::random::stream rng{2};
  const auto layer = nn::drop_path::init({.p = 0.5}, rng);
  const auto y = layer(tl::tensor<float, B>::ones({400, 3, 2})).to_vector();
  double dropped = 0;
  for (std::size_t i = 0; i < y.size(); i += 6) {
    REQUIRE((y[i] == 0 || y[i] == 2));
    for (std::size_t j = 1; j < 6; ++j) REQUIRE(y[i + j] == y[i]);
    dropped += y[i] == 0;
  }
  REQUIRE(std::abs(dropped / 400 - 0.5) < 5 * std::sqrt(0.25 / 400));
}

TEST_CASE("evaluation passes the input", "[nn]") {
  const tl::random::stream rng{3};
  auto a = nn::dropout::init({.p = 0.5}, rng);
  auto b = nn::drop_path::init({.p = 0.5}, rng);
  a.mode.training = b.mode.training = false;
  const auto x = test::uniform<float>({4, 3}, 4);
  REQUIRE(a(x).body() == x.body());
  REQUIRE(b(x).body() == x.body());
}

TEST_CASE("each layer has a stream of its own, restored exactly", "[nn]") {
  const tl::random::stream rng{4};
  const auto a = nn::dropout::init({.p = 0.5}, rng), b = nn::dropout::init({.p = 0.5}, rng);
  const auto x = tl::tensor<float, B>::ones({64});
  REQUIRE_FALSE(a.rng == b.rng);
  const auto copy = a;
  const auto first = a(x).to_vector();
  REQUIRE(copy(x).to_vector() == first);
  REQUIRE(a(x).to_vector() == copy(x).to_vector());
  a.rng.take(1);
  REQUIRE_FALSE(a.rng == copy.rng);
}

TEST_CASE("networks with dropout keep the laws of a module", "[nn]") {
  const tl::random::stream rng{5};
  using linear = nn::linear<double, B>;
  test::check_module(nn::sequential{linear::init({.in = 3, .out = 6}, rng), nn::dropout::init({.p = 0.3}, rng),
                                    nn::drop_path::init({.p = 0.5}, rng)},
                     {{4, 3}}, {"0.weight", "0.bias"});
}

TEST_CASE("a probability outside [0, 1) is refused", "[nn]") {
  const tl::random::stream rng{6};
  REQUIRE_THROWS_AS(nn::dropout::init({.p = 1}, rng), tl::value_error);
  REQUIRE_THROWS_AS(nn::drop_path::init({.p = -0.5}, rng), tl::value_error);
  REQUIRE_NOTHROW(nn::dropout::init({.p = 0}, rng));
}
