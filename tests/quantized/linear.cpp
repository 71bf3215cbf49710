#include <tensorlab/quantized/linear.hpp>

#include <limits>

#include <tensorlab/nn/summary.hpp>
#include <tensorlab/ops/shape.hpp>

#include "quantized/support.hpp"

namespace nn = tl::nn;
namespace quantized = tl::quantized;

namespace {

using tensor = tl::tensor<float>;

nn::linear<float> make(std::int64_t in, std::int64_t out, bool bias = true) {
  return nn::linear<float>::init({.in = in, .out = out, .bias = bias}, tl::random::stream{1});
}

}  // namespace

TEST_CASE("an 8-bit linear layer is the equation", "[quantized]") {
  // Scales of 2 and 1; q_x = round(x / 0.1) + 100.
  nn::linear<float> f = make(2, 2);
  const tl::no_grad untracked;
  f.weight.assign(tensor::from({254, -128, 127, 2}, {2, 2}));
  f.bias->assign(tensor::from({10, 20}, {2}));
  const auto q = quantized::quantize(f, {-10, 15.5f});
  REQUIRE(q.weight.to_vector() == std::vector<std::int8_t>{127, -64, 127, 2});
  const auto y = q(tensor::from({1, 0.26f, -100, 100}, {2, 2})).to_vector();
  // x -> 1.0, 0.3 and -10, 15.5, which saturate.
  REQUIRE(y[0] == Approx(254 - 0.3 * 128 + 10));
  REQUIRE(y[1] == Approx(127 + 0.6 + 20));
  REQUIRE(y[2] == Approx(-2540 - 15.5 * 128 + 10));
  REQUIRE(y[3] == Approx(-1270 + 31 + 20));
}

TEST_CASE("an 8-bit linear layer is as close as rounding lets it be", "[quantized]") {
  for (const auto& [rows, in, out] : {std::array{1, 1, 1}, {5, 37, 19}, {33, 200, 64}}) {
    const auto f = make(in, out, rows != 5);
    const auto x = test::uniform<float>({rows, in}, 2, -2, 3);
    const auto q = quantized::quantize(f, {-2, 3});
    const tl::no_grad untracked;
    const auto expected = f(x).to_vector(), got = q(x).to_vector();
    for (std::int64_t n = 0; n < rows; ++n)
      for (std::int64_t j = 0; j < out; ++j) {
        const auto at = static_cast<std::size_t>(n * out + j);
        REQUIRE(std::abs(static_cast<double>(got[at]) - static_cast<double>(expected[at])) <=
                test::rounding_bound(f.weight, j, x.span().data() + n * in, 5.0 / 255));
      }
  }
}

TEST_CASE("an 8-bit linear layer takes inputs of any rank, layout and number", "[quantized]") {
  const auto q = quantized::quantize(make(6, 4), {-1, 1});
  const auto x = test::uniform<float>({3, 6, 5}, 2);
  const tensor turned(x.array().restride({3, 5, 6}, {30, 1, 5}));
  const auto y = q(turned);
  REQUIRE(tl::to_string(y.shape()) == "[3, 5, 4]");
  REQUIRE(y.to_vector() == q(tensor(turned.array().clone_row_major())).to_vector());
  REQUIRE(tl::to_string(q(tensor::zeros({6})).shape()) == "[4]");
  REQUIRE(tl::to_string(q(tensor::zeros({0, 6})).shape()) == "[0, 4]");
}

TEST_CASE("an 8-bit linear layer keeps the laws of a module", "[quantized]") {
  const auto x = test::uniform<float>({3, 5}, 2);
  for (const bool bias : {true, false}) {
    const auto f = make(5, 17, bias);
    auto q = quantized::quantize(f, {-1, 1});
    test::check_quantized(q, quantized::linear::init(f.opt), [&](const auto& m) { return m(x); });
    std::vector<std::string> names;
    for (const auto& [name, value] : nn::state_dict(q)) names.push_back(name);
    REQUIRE(names == (bias ? std::vector<std::string>{"weight", "scale", "bias", "input_range"}
                           : std::vector<std::string>{"weight", "scale", "input_range"}));
    REQUIRE_THAT(nn::summary(q), Catch::Contains("quantized::linear(in=5, out=17"));
  }
}

TEST_CASE("an 8-bit linear layer can be recorded and prepared", "[quantized]") {
  const auto f = make(37, 19);
  const auto run = [](const auto& m, const tensor& x) { return m(x); };
  const auto q = quantized::quantize(f, {-1, 1}), other = quantized::quantize(f, {-2, 3});
  test::require_same_recorded(q, other, run, test::uniform<float>({5, 37}, 2));
  test::require_same_recorded(
      q, other, [](const auto& m, const tensor& x) { return m(tl::transpose(x)); }, test::uniform<float>({37, 4}, 3));
}

TEST_CASE("an 8-bit linear layer without a calibration is not prepared", "[quantized]") {
  const auto q = quantized::linear::init({.in = 3, .out = 2});
  REQUIRE_THROWS_WITH(tl::train::prepare(q, tensor::ones({2, 3})), Catch::Contains("is not calibrated"));
}

TEST_CASE("writes to an 8-bit layer's buffers are seen by the next call", "[quantized]") {
  auto q = quantized::quantize(make(3, 2, false), {-1, 1});
  const auto x = tensor::ones({1, 3});
  const auto before = q(x).to_vector();
  q.scale.fill(0);
  REQUIRE(q(x).to_vector() == std::vector<float>{0, 0});
  REQUIRE(before != std::vector<float>{0, 0});
}

TEST_CASE("an 8-bit linear layer names what does not fit", "[quantized]") {
  const auto f = make(3, 2);
  const auto q = quantized::quantize(f, {-1, 1});
  REQUIRE_THROWS_WITH(q(tensor::ones({2, 4})),
                      "quantized::linear: input features differ: input [2, 4], weight [2, 3] (4 vs 3)");
  REQUIRE_THROWS_AS(q(tensor::scalar(1)), tl::shape_error);
  REQUIRE_THROWS_WITH(quantized::linear::init(f.opt)(tensor::ones({2, 3})), Catch::Contains("is not calibrated"));
  REQUIRE_THROWS_AS(quantized::linear::init({.in = 0, .out = 1}), tl::value_error);
  REQUIRE_THROWS_AS(quantized::linear::init({.in = 32769, .out = 1}), tl::value_error);
  auto x = tensor::ones({2, 3});
  x.requires_grad(true);
  REQUIRE_THROWS_AS(q(x), tl::gradient_error);
  const tl::no_grad untracked;
  REQUIRE_NOTHROW(q(x));
}

TEST_CASE("inputs that are not finite give NaN in an 8-bit linear layer", "[quantized]") {
  const auto q = quantized::quantize(make(3, 2), {-1, 1});
  const auto y = q(tensor::from({1, 2, 3, 1, std::numeric_limits<float>::quiet_NaN(), 3}, {2, 3})).to_vector();
  REQUIRE(std::isfinite(y[0]));
  REQUIRE(std::isnan(y[2]));
  REQUIRE(std::isnan(y[3]));
}
