#include <tensorlab/quantized/lstm.hpp>

#include <tensorlab/ops/cat.hpp>
#include <tensorlab/ops/slice.hpp>

#include "quantized/support.hpp"

namespace nn = tl::nn;
namespace quantized = tl::quantized;

namespace {

using tensor = tl::tensor<float>;

nn::lstm<float> make(const nn::lstm_options& o) {
  auto m = nn::lstm<float>::init(o, tl::random::stream{1});
  nn::eval(m);
  return m;
}

}  // namespace

TEST_CASE("a step of an 8-bit LSTM is as close as rounding lets it be", "[quantized]") {
  constexpr std::int64_t batch = 5, in = 37, hidden = 21;
  const auto x = test::uniform<float>({batch, 1, in}, 2), h0 = test::uniform<float>({1, batch, hidden}, 3),
             c0 = test::uniform<float>({1, batch, hidden}, 4);
  const tl::no_grad untracked;
  const auto f = make({.in = in, .hidden = hidden});
  const auto expected = f(x, {h0, c0}), got = quantized::quantize(f, {-1, 1})(x, {h0, c0});
  const auto& w = f.weights[0];
  for (std::int64_t n = 0; n < batch; ++n)
    for (std::int64_t j = 0; j < hidden; ++j) {
      const auto gate = [&](std::int64_t g) {
        return test::rounding_bound(w.weight_ih, g * hidden + j, x.span().data() + n * in, 2.0 / 255) +
               test::rounding_bound(w.weight_hh, g * hidden + j, h0.span().data() + n * hidden, 1.0 / 127);
      };
      // Slopes: sigmoid 1/4, tanh 1; gates and |c0| are at most 1.
      const double cell = gate(0) / 4 + gate(1) / 4 + gate(2), state = cell + gate(3) / 4;
      const auto at = static_cast<std::size_t>(n * hidden + j);
      const auto distance = [&](const tensor& a, const tensor& b) {
        return std::abs(static_cast<double>(a.span()[at]) - static_cast<double>(b.span()[at]));
      };
      REQUIRE(distance(got.c, expected.c) <= cell);
      REQUIRE(distance(got.h, expected.h) <= state);
    }
}

TEST_CASE("an 8-bit LSTM stays close to the float one over many steps", "[quantized]") {
  // Rounding errors are uniform in +-1/2 step and independent, so a gate's have the variance
  //   sum (s_x^2 w^2 + s_w^2 x^2) / 12 over inputs and states:
  // with weights uniform in +-1 / sqrt(80) and inputs in +-1, (3.4e-6 + 3.4e-6) + (1.7e-6 + at most 1.7e-6), a standard
  // deviation of 3.2e-3. The gates' slopes are at most 1 and a state forgets, so the state's is no greater than twice.
  const auto x = test::uniform<float>({16, 30, 160}, 2);
  const tl::no_grad untracked;
  for (const bool two_ways : {false, true}) {
    const auto f = make({.in = 160, .hidden = 80, .layers = two_ways ? 2 : 1, .bidirectional = two_ways});
    const auto q = quantized::quantize(f, {-1, 1});
    REQUIRE(test::rms_difference(f(x).output, q(x).output) <= 6.4e-3);
    REQUIRE(test::rms_difference(f(x).h, q(x).h) <= 6.4e-3);
  }
}

TEST_CASE("an 8-bit LSTM starts from states and heeds a mask as the float one", "[quantized]") {
  const auto x = test::uniform<float>({3, 5, 7}, 2), h0 = test::uniform<float>({4, 3, 6}, 3);
  const auto c0 = test::uniform<float>({4, 3, 6}, 4);
  const auto mask = tl::sequence_mask(tl::tensor<std::int64_t>::from({5, 2, 0}, {3}), 5);
  const tl::no_grad untracked;
  const auto f = make({.in = 7, .hidden = 6, .layers = 2, .bidirectional = true});
  const auto q = quantized::quantize(f, {-1, 1});
  const auto expected = f(x, {h0, c0}, mask), got = q(x, {h0, c0}, mask);
  // Errors of one layer's few terms with weights of up to 0.41: see above.
  REQUIRE(test::rms_difference(expected.output, got.output) <= 6.4e-3);
  REQUIRE(test::rms_difference(expected.h, got.h) <= 6.4e-3);
  REQUIRE(test::rms_difference(expected.c, got.c) <= 1.3e-2);  // a cell is not squashed
  const auto y = got.output.to_vector();
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t n = i / 60, t = i / 12 % 5;
    REQUIRE((y[i] == 0) == (t >= (n == 0 ? 5u : n == 1 ? 2u : 0u)));
  }
  // A sequence without valid steps keeps its state.
  for (std::int64_t l = 0; l < 4; ++l)
    REQUIRE(tl::select(tl::select(got.h, 0, l), 0, 2).to_vector() ==
            tl::select(tl::select(h0, 0, l), 0, 2).to_vector());
  // The valid part alone gives the same.
  const auto first = q(tl::narrow(tl::narrow(x, 0, 1, 1), 1, 0, 2), {tl::narrow(h0, 1, 1, 1), tl::narrow(c0, 1, 1, 1)});
  REQUIRE(tl::narrow(tl::narrow(got.output, 0, 1, 1), 1, 0, 2).to_vector() == first.output.to_vector());
}

TEST_CASE("an 8-bit LSTM takes inputs of any layout and number", "[quantized]") {
  const auto q = quantized::quantize(make({.in = 6, .hidden = 4}), {-1, 1});
  const auto x = test::uniform<float>({3, 6, 5}, 2);
  const tensor turned(x.array().restride({3, 5, 6}, {30, 1, 5}));
  REQUIRE(q(turned).output.to_vector() == q(tensor(turned.array().clone_row_major())).output.to_vector());
  REQUIRE(tl::to_string(q(tensor::zeros({0, 5, 6})).output.shape()) == "[0, 5, 4]");
  const auto none = q(tensor::zeros({2, 0, 6}));
  REQUIRE(tl::to_string(none.output.shape()) == "[2, 0, 4]");
  REQUIRE(none.h.to_vector() == std::vector<float>(8, 0.0f));
}

TEST_CASE("an 8-bit LSTM keeps the laws of a module", "[quantized]") {
  const auto x = test::uniform<float>({3, 4, 5}, 2);
  for (const nn::lstm_options& o :
       {nn::lstm_options{.in = 5, .hidden = 17},
        nn::lstm_options{.in = 5, .hidden = 4, .layers = 2, .bidirectional = true, .bias = false}}) {
    const auto q = quantized::quantize(make(o), {-1, 1});
    test::check_quantized(q, quantized::lstm::init(o), [&](const auto& m) { return m(x).output; });
  }
  auto q = quantized::quantize(make({.in = 5, .hidden = 4}), {-1, 1});
  std::vector<std::string> names;
  for (const auto& [name, value] : nn::state_dict(q)) names.push_back(name);
  REQUIRE(names == std::vector<std::string>{"weight_ih_l0", "scale_ih_l0", "weight_hh_l0", "scale_hh_l0", "bias_ih_l0",
                                            "bias_hh_l0", "input_range_l0"});
}

TEST_CASE("an 8-bit LSTM can be recorded and prepared", "[quantized]") {
  const auto x = test::uniform<float>({3, 4, 5}, 2);
  const auto f = make({.in = 5, .hidden = 17, .layers = 2, .bidirectional = true});
  const auto q = quantized::quantize(f, {-1, 1}), other = quantized::quantize(f, {-2, 3});
  test::require_same_recorded(
      q, other, [](const auto& m, const tensor& in) { return m(in).output; }, x);
  const auto h = test::uniform<float>({4, 3, 17}, 3), c = test::uniform<float>({4, 3, 17}, 4);
  const auto mask =
      tl::tensor<bool>::from({true, true, true, true, true, true, false, false, false, true, true, false}, {3, 4});
  test::require_same_recorded(
      q, other,
      [&](const auto& m, const tensor& in, const tensor& h0, const tensor& c0, const auto& valid) {
        const auto r = m(in, {h0, c0}, valid);
        return tl::cat({tl::flatten(r.output), tl::flatten(r.h), tl::flatten(r.c)}, 0);
      },
      x, h, c, mask);
}

TEST_CASE("an 8-bit LSTM that is replayed looks at its states", "[quantized]") {
  const auto q = quantized::quantize(make({.in = 3, .hidden = 2}), {-1, 1});
  const auto x = tensor::ones({2, 5, 3}), zero = tensor::zeros({1, 2, 2});
  auto predict = tl::train::prepare(
      [&](const tensor& in, const tensor& h, const tensor& c) {
        return q(in, {h, c}).output;
      },
      x, zero, zero);
  REQUIRE_THROWS_WITH(predict(x, zero + 1.5, zero), Catch::Contains("8-bit states lie in [-1, 1]"));
  REQUIRE_THROWS_WITH(predict(x, zero, zero + HUGE_VALF), "quantized::lstm: an initial cell is not finite");
}

TEST_CASE("an 8-bit LSTM names what does not fit", "[quantized]") {
  const nn::lstm_options o{.in = 3, .hidden = 2};
  const auto q = quantized::quantize(make(o), {-1, 1});
  REQUIRE_THROWS_WITH(q(tensor::ones({2, 5, 4})),
                      "quantized::lstm: input features differ: input [2, 5, 4], layer 3 (4 vs 3)");
  REQUIRE_THROWS_AS(q(tensor::ones({2, 3})), tl::shape_error);
  const auto x = tensor::ones({2, 5, 3});
  REQUIRE_THROWS_AS(q(x, {tensor::ones({2, 2}), {}}), tl::shape_error);
  REQUIRE_THROWS_AS(q(x, {}, tl::tensor<bool>::full({5, 2}, true)), tl::shape_error);
  REQUIRE_THROWS_WITH(q(x, {tensor::full({1, 2, 2}, 1.5f), {}}), Catch::Contains("8-bit states lie in [-1, 1]"));
  REQUIRE_THROWS_WITH(quantized::lstm::init(o)(x), Catch::Contains("is not calibrated"));
  REQUIRE_THROWS_AS(quantized::lstm::init({.in = 3, .hidden = 0}), tl::value_error);
  REQUIRE_THROWS_WITH(q(x, {{}, tensor::full({1, 2, 2}, HUGE_VALF)}), "quantized::lstm: an initial cell is not finite");
  auto tracked = tensor::ones({2, 5, 3}), state = tensor::zeros({1, 2, 2});
  tracked.requires_grad(true);
  state.requires_grad(true);
  REQUIRE_THROWS_AS(q(tracked), tl::gradient_error);
  REQUIRE_THROWS_AS(q(x, {state, {}}), tl::gradient_error);
}
