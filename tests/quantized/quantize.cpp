#include <tensorlab/quantized/quantize.hpp>

#include <tensorlab/io/module.hpp>
#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/layer_norm.hpp>

#include "quantized/support.hpp"
#include "support/temporary.hpp"

namespace nn = tl::nn;
namespace quantized = tl::quantized;

namespace {

using tensor = tl::tensor<float>;

nn::linear<float> make(std::int64_t in, std::int64_t out) {
  return nn::linear<float>::init({.in = in, .out = out}, tl::random::stream{1});
}

/// The outputs of a recurrent layer as a layer of a sequence.
struct gru_outputs {
  nn::gru<float> gru;
  static constexpr auto fields() { return tl::fields("gru", &gru_outputs::gru); }
  tensor operator()(const tensor& x) const { return gru(x).output; }
};
struct quantized_gru_outputs {
  quantized::gru gru;
  static constexpr auto fields() { return tl::fields("gru", &quantized_gru_outputs::gru); }
  tensor operator()(const tensor& x) const { return gru(x).output; }
};

auto network() {
  nn::sequential net{make(6, 8), nn::relu{}, nn::residual<nn::linear<float>>{make(8, 8)},
                     nn::layer_norm<float>::init({.normalized = {8}}),
                     gru_outputs{nn::gru<float>::init({.in = 8, .hidden = 5}, tl::random::stream{2})}};
  nn::eval(net);
  return net;
}

}  // namespace

/// A record of the program's own says itself what its 8-bit form is.
template <>
struct tl::quantized::form<gru_outputs> {
  using type = quantized_gru_outputs;
  static type make(const gru_outputs& from, const detail::ranges_by_path& ranges, const std::string& path) {
    return {form<nn::gru<float>>::make(from.gru, ranges, nn::detail::join_path(path, "gru"))};
  }
};

TEST_CASE("a network's linear and recurrent layers become 8-bit ones", "[quantized]") {
  auto net = network();
  const auto x = test::uniform<float>({4, 3, 6}, 2);
  const auto c = quantized::calibrate(net, [&](auto& m) { m(x); });
  auto q = quantized::quantize(net, c);
  static_assert(std::is_same_v<decltype(q), nn::sequential<quantized::linear, nn::relu, nn::residual<quantized::linear>,
                                                           nn::layer_norm<float>, quantized_gru_outputs>>);
  const tl::no_grad untracked;
  // Layer norm makes values of size 1 of what one linear layer in 8 bits gives with an error of a hundredth of that.
  REQUIRE(test::rms_difference(net(x), q(x)) < 0.02);
  REQUIRE(test::rms_difference(net(x), q(x)) > 0);
  // Each layer is what it is alone.
  const auto first = quantized::quantize(std::get<0>(net.layers), c.at("0"));
  REQUIRE(std::get<0>(q.layers)(x).to_vector() == first(x).to_vector());
  REQUIRE(std::get<2>(q.layers).block.input_range.to_vector()[1] == c.at("2.block").hi);
  REQUIRE(nn::parameter_count(q) == 16);  // layer norm's

  const test::temporary_directory folder;
  tl::io::save(folder / "q.safetensors", q);
  auto loaded = quantized::quantize(network());
  REQUIRE_THROWS_AS(loaded(x), tl::value_error);
  tl::io::load(folder / "q.safetensors", loaded);
  REQUIRE(loaded(x).to_vector() == q(x).to_vector());
  // The weights of the float network are not those of the 8-bit one.
  REQUIRE_THROWS_AS(nn::load_state_dict(loaded, nn::state_dict(net)), tl::format_error);
}

TEST_CASE("a network in 8 bits can be prepared", "[quantized]") {
  auto net = network();
  const auto x = test::uniform<float>({4, 3, 6}, 5), other = test::uniform<float>({4, 3, 6}, 6);
  const auto q = quantized::quantize(net, quantized::calibrate(net, [&](auto& m) { m(x); }));
  auto predict = tl::train::prepare(q, x);
  const tl::no_grad untracked;
  REQUIRE(predict(other).to_vector() == q(other).to_vector());
}

TEST_CASE("layers in a vector are found by their number", "[quantized]") {
  std::vector<nn::linear<float>> layers{make(2, 3), make(3, 2)};
  const auto q = quantized::quantize(layers, {{"0", {-1, 1}}, {"1", {0, 2}}});
  REQUIRE(q.size() == 2);
  REQUIRE(q[1].input_range.to_vector() == std::vector<float>{0, 2});
}

TEST_CASE("quantize names the layer that was not calibrated", "[quantized]") {
  const nn::sequential net{make(2, 3), make(3, 2)};
  REQUIRE_THROWS_WITH(quantized::quantize(net, {{"0", {-1, 1}}}),
                      "quantize: layer '1' was not called while the network was calibrated");
  REQUIRE_THROWS_WITH(quantized::quantize(net, {{"0", {-1, 1}}, {"1", {0, 0}}}),
                      Catch::Contains("quantize: layer '1': not a range of inputs"));
}
