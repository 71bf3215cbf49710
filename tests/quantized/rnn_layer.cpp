#include <tensorlab/quantized/rnn_layer.hpp>

#include "support/backend.hpp"

namespace quantized = tl::quantized;
namespace d = tl::quantized::detail;

namespace {

using tensor = tl::tensor<float>;

/// A layer of 3 gates, 1 input and 2 hidden units.
tl::nn::rnn_layer<float, tl::cpu> layer() {
  tl::nn::rnn_layer<float, tl::cpu> l;
  l.weight_ih = tl::parameter<float>(tensor::from({1, -2, 3, -4, 5, -6}, {6, 1}));
  l.weight_hh = tl::parameter<float>(tensor::from({127, 1, 127, 2, 127, 3, 127, 4, 127, 5, 127, 6}, {6, 2}));
  l.bias_ih = tl::parameter<float>(tensor::from({1, 2, 3, 4, 5, 6}, {6}));
  l.bias_hh = tl::parameter<float>(tensor::from({10, 20, 30, 40, 50, 60}, {6}));
  return l;
}

}  // namespace

TEST_CASE("the hidden bias of the last gate stays apart where it is asked for", "[quantized]") {
  const auto q = d::quantize_rnn_layers("layer", {layer()}, false, {-1, 1});
  const auto together = d::pack_rnn(d::rnn_handles(q[0]), {-1, 1}, 3, false),
             apart = d::pack_rnn(d::rnn_handles(q[0]), {-1, 1}, 3, true);
  REQUIRE(together->bias == std::vector<float>{11, 22, 33, 44, 55, 66});
  REQUIRE(together->hidden_n.empty());
  REQUIRE(apart->bias == std::vector<float>{11, 22, 33, 44, 5, 6});
  REQUIRE(apart->hidden_n == std::vector<float>{50, 60});
}

TEST_CASE("each gate's weights are packed with what their bytes mean", "[quantized]") {
  const auto q = d::quantize_rnn_layers("layer", {layer()}, false, {-1, 1});
  const auto p = d::pack_rnn(d::rnn_handles(q[0]), {-1, 1}, 3, false);
  for (std::size_t g = 0; g < 3; ++g) {
    const auto gate = static_cast<float>(2 * g);
    // Every input weight is the greatest of its row.
    REQUIRE(p->in[g]->at(0)[0] == 127);
    REQUIRE(p->in[g]->at(0)[4] == -127);
    REQUIRE(p->in[g]->start(0)[0] == -128 * 127);
    REQUIRE(p->in[g]->scale(0)[1] == Approx((gate + 2) / 127 * 2 / 255));
    // Two terms of two units, four bytes a unit.
    const std::int8_t* const w = p->recurrent[g]->at(0);
    REQUIRE(std::vector<int>(w, w + 9) ==
            std::vector<int>{127, static_cast<int>(gate) + 1, 0, 0, 127, static_cast<int>(gate) + 2, 0, 0, 0});
    REQUIRE(p->recurrent[g]->scale(0)[0] == Approx(1.0 / 127));
    REQUIRE(p->recurrent[g]->scale(0)[2] == 0);
  }
}

TEST_CASE("the layers after the first take states", "[quantized]") {
  const auto q = d::quantize_rnn_layers("layer", {layer(), layer(), layer(), layer()}, true, {0, 7});
  for (std::size_t i = 0; i < 4; ++i)
    REQUIRE(q[i].input_range.to_vector() == (i < 2 ? std::vector<float>{0, 7} : std::vector<float>{-1, 1}));
  REQUIRE_THROWS_AS(d::quantize_rnn_layers("layer", {layer()}, false, {0, 0}), tl::value_error);
  auto spoilt = layer();
  spoilt.bias_hh = tl::parameter<float>(tensor::full({6}, HUGE_VALF));
  REQUIRE_THROWS_WITH(d::quantize_rnn_layers("layer", {spoilt}, false, {0, 1}), "layer: a bias is not finite");
}
