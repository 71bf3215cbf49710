#include <tensorlab/tensorlab.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;

namespace {

using X = tl::tensor<>;

}  // namespace

TEST_CASE("the umbrella header is enough to train a model", "[tensorlab]") {
  // y = 2 x_0 - x_1 is learnt by one linear layer from four points.
  const X x = X::from({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2}), y = X::from({0, -1, 2, 1}, {4, 1});
  const tl::random::stream rng{1};
  auto model = tl::nn::sequential(tl::nn::linear<>::init({.in = 2, .out = 1}, rng));
  tl::optim::sgd<> descent(model, {.lr = 0.2});
  for (int step = 0; step < 300; ++step) {
    descent.zero_grad();
    tl::loss::mse(model(x), y).backward();
    descent.step();
  }
  const auto learnt = model(x).to_vector();
  for (std::size_t i = 0; i < 4; ++i) REQUIRE(learnt[i] == Approx(static_cast<double>(y.to_vector()[i])).margin(1e-3));
}

TEST_CASE("the umbrella header reaches every floor", "[tensorlab]") {
  const X x = X::from({1, 2, 3, 4}, {2, 2});
  REQUIRE(tl::bucketize(x, X::from({2.5f}, {1})).to_vector() == std::vector<std::int64_t>{0, 0, 1, 1});
  REQUIRE(tl::softmax(x, 1).shape() == tl::shape{2, 2});
  REQUIRE(tl::with_device("cpu", []<tl::backend B>() { return std::string(B::name); }) == "cpu");
  REQUIRE(
      tl::gradcheck([](const auto& v) { return sum(square(v[0])); }, std::vector{tl::tensor<double>::from({1, 2}, {2})})
          .ok);
  REQUIRE(TENSORLAB_VERSION_MAJOR >= 0);
}
