#include <tensorlab/nn/embedding.hpp>

#include <tensorlab/ops/reduce.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

namespace {

using ids = tl::tensor<std::int64_t, B>;

template <class T, class Backend>
tl::tensor<T, Backend> rows(const nn::embedding<T, Backend>& m) {
  return m(tl::tensor<std::int64_t, Backend>::from({2, 0, 2, 3}, {2, 2}));
}

}  // namespace

TEST_CASE("embedding looks rows up", "[nn]") {
  const tl::random::stream rng{1};
  auto layer = nn::embedding<float, B>::init({.count = 3, .dim = 2}, rng);
  layer.weight = tl::parameter<float, B>(tl::tensor<float, B>::from({0, 1, 10, 11, 20, 21}, {3, 2}));
  const auto y = layer(ids::from({2, 0}, {2}));
  test::require_values(y, {20, 21, 0, 1});
  REQUIRE(layer(ids::from({2, 0}, {1, 2})).shape() == tl::shape{1, 2, 2});
}

TEST_CASE("embedding keeps the laws of a module", "[nn]") {
  const tl::random::stream rng{2};
  test::check_module(nn::embedding<double, B>::init({.count = 4, .dim = 3}, rng), {}, {"weight"},
                     [](const auto& m, const auto&) { return rows(m); });
}

TEST_CASE("the padding row is zero at first and is not trained", "[nn]") {
  const tl::random::stream rng{3};
  auto layer = nn::embedding<double, B>::init({.count = 4, .dim = 2, .padding = 2}, rng);
  const auto y = rows(layer);
  test::require_close(tl::select(tl::reshape(y, {4, 2}), 0, 0), tl::tensor<double, B>::zeros({2}), 0);
  tl::sum(y).backward();
  test::require_values(layer.weight.grad(), {1, 1, 0, 0, 0, 0, 1, 1});
}

TEST_CASE("embedding starts as standard normal numbers", "[nn]") {
  const tl::random::stream rng{4};
  const auto values = nn::embedding<double, B>::init({.count = 100, .dim = 100}, rng).weight.to_vector();
  double mean = 0, variance = 0;
  for (double v : values) mean += v / 1e4;
  for (double v : values) variance += (v - mean) * (v - mean) / 1e4;
  REQUIRE(std::abs(mean) < 0.05);
  REQUIRE(std::abs(variance - 1) < 5 * std::sqrt(2 / 1e4));
}

TEST_CASE("embedding names what does not fit", "[nn]") {
  const tl::random::stream rng{5};
  using embedding = nn::embedding<float, B>;
  REQUIRE_THROWS_AS(embedding::init({.count = 0, .dim = 2}, rng), tl::value_error);
  REQUIRE_THROWS_WITH(embedding::init({.count = 3, .dim = 2, .padding = 3}, rng),
                      Catch::Equals("embedding: padding 3 is not one of 3 ids"));
  const auto layer = embedding::init({.count = 3, .dim = 2}, rng);
  REQUIRE_THROWS_AS(layer(ids::from({3}, {1})), tl::shape_error);
}
