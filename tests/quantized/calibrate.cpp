#include <tensorlab/quantized/calibrate.hpp>

#include <limits>

#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/dropout.hpp>
#include <tensorlab/nn/gru.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/sequential.hpp>
#include <tensorlab/quantized/quantize.hpp>

#include "quantized/support.hpp"

namespace nn = tl::nn;
namespace quantized = tl::quantized;

namespace {

using tensor = tl::tensor<float>;
using quantized::range;

nn::linear<float> make(std::int64_t in, std::int64_t out) {
  return nn::linear<float>::init({.in = in, .out = out}, tl::random::stream{1});
}

}  // namespace

TEST_CASE("calibration finds the least and greatest input of each layer over all calls", "[quantized]") {
  nn::sequential net{make(2, 3), nn::relu{}, make(3, 1)};
  const std::vector<tensor> batches{tensor::from({1, 2, -3, 0.5f}, {2, 2}), tensor::from({7, 1}, {1, 2})};
  float greatest = 0;
  for (const auto& x : batches)
    for (const float v : nn::relu{}(std::get<0>(net.layers)(x)).to_vector()) greatest = std::max(greatest, v);
  const auto c = quantized::calibrate(net, [&](auto& m) {
    for (const auto& x : batches) REQUIRE_FALSE(m(x).tracked());
  });
  REQUIRE(c == quantized::calibration{{"0", range{-3, 7}}, {"2", range{0, greatest}}});
  // Calls after that are not heard.
  std::get<0>(net.layers)(tensor::full({1, 2}, 100));
  REQUIRE(c.at("0") == range{-3, 7});
}

TEST_CASE("a range holds zero", "[quantized]") {
  auto layer = make(2, 2);
  const auto c = quantized::calibrate(layer, [](auto& m) { m(tensor::from({3, 5}, {1, 2})); });
  REQUIRE(c == quantized::calibration{{"", range{0, 5}}});
}

TEST_CASE("a percentile leaves out as many values at either end", "[quantized]") {
  std::vector<float> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) - 500;  // -500 .. 499
  auto layer = make(10, 2);
  const auto of = [&](double percentile) {
    return quantized::calibrate(layer,
                                [&](auto& m) {
                                  m(tensor::from(std::span<const float>(values), {100, 10}));
                                },
                                {.percentile = percentile})
        .at("");
  };
  REQUIRE(of(100) == range{-500, 499});
  // 25 at each end: -475 .. 474, to the next bfloat16 outside: steps of 2 there.
  REQUIRE(of(95).lo <= -475);
  REQUIRE(of(95).lo >= -478);
  REQUIRE(of(95).hi >= 474);
  REQUIRE(of(95).hi <= 477);
  REQUIRE(of(50).lo <= -250);
  REQUIRE(of(50).lo >= -252);
  // Never beyond what was seen.
  REQUIRE(of(99.9999) == range{-500, 499});
}

TEST_CASE("a calibrated range is better than an assumed one for inputs that are skewed", "[quantized]") {
  // Inputs in [0, 6]: assumed to lie in [-6, 6] they have steps twice as long. Weights of +-1 have no error of theirs.
  auto f = make(64, 32);
  for (float& v : f.weight.mutable_span()) v = v < 0 ? -1.0f : 1.0f;
  const auto x = test::uniform<float>({200, 64}, 2, 0, 6);
  const auto c = quantized::calibrate(f, [&](auto& m) { m(x); });
  const tl::no_grad untracked;
  const double calibrated = test::rms_difference(f(x), quantized::quantize(f, c)(x));
  const double assumed = test::rms_difference(f(x), quantized::quantize(f, range{-6, 6})(x));
  // Steps of 6/255 round with a standard deviation of 6/255 / sqrt(12), 64 of them with 8 times that.
  REQUIRE(calibrated == Approx(8 * 6 / 255.0 / std::sqrt(12.0)).epsilon(0.1));
  REQUIRE(calibrated < 0.6 * assumed);
}

TEST_CASE("a percentile keeps outliers from coarsening everything", "[quantized]") {
  auto f = make(64, 32);
  const auto x = test::uniform<float>({500, 64}, 2, -1, 1);
  auto with_outlier = tensor(x.array().clone());
  with_outlier.mutable_span()[5] = 1000;
  const auto run = [&](auto& m) { m(with_outlier); };
  const auto all = quantized::quantize(f, quantized::calibrate(f, run));
  const auto most = quantized::quantize(f, quantized::calibrate(f, run, {.percentile = 99.9}));
  const tl::no_grad untracked;
  REQUIRE(test::rms_difference(f(x), most(x)) < 0.02 * test::rms_difference(f(x), all(x)));
}

TEST_CASE("calibration names what is wrong", "[quantized]") {
  auto layer = make(2, 2);
  const auto x = tensor::ones({1, 2});
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    REQUIRE_THROWS_WITH(quantized::calibrate(layer,
                                             [&](auto& m) {
                                               m(tensor::from({1, bad}, {1, 2}));
                                             }),
                        Catch::Contains("calibrate: layer '': an input is "));
  for (const double p : {0.0, -1.0, 100.5, std::numeric_limits<double>::quiet_NaN()})
    REQUIRE_THROWS_AS(quantized::calibrate(layer, [&](auto& m) { m(x); }, {.percentile = p}), tl::value_error);
  REQUIRE_THROWS_WITH(quantized::calibrate(layer, [](auto&) {}),
                      "calibrate: no linear, LSTM or GRU layer of the network was called with values");
  REQUIRE_THROWS_AS(quantized::calibrate(layer, [](auto& m) { m(tensor::zeros({0, 2})); }), tl::value_error);
  nn::sequential net{make(2, 2), nn::dropout::init({}, tl::random::stream{1})};
  REQUIRE_THROWS_WITH(quantized::calibrate(net, [&](auto& m) { m(x); }),
                      "calibrate: '1.mode' is set to training; call eval(net) before");
}
