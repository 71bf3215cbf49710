#include <tensorlab/nn/rnn_layer.hpp>

#include <cmath>

#include "support/backend.hpp"

namespace nn = tl::nn;

namespace {

auto make(bool bidirectional, bool bias_hh) {
  return nn::detail::rnn_layers<float, B>("rnn",
                                          {.in = 3,
                                           .hidden = 4,
                                           .layers = 2,
                                           .gates = 2,
                                           .bidirectional = bidirectional,
                                           .bias_ih = true,
                                           .bias_hh = bias_hh},
                                          tl::random::stream(1));
}

}  // namespace

TEST_CASE("a stack of recurrent layers has PyTorch's shapes", "[nn]") {
  const auto layers = make(true, true);
  REQUIRE(layers.size() == 4);
  REQUIRE(layers[0].weight_ih.shape() == tl::shape{8, 3});
  REQUIRE(layers[1].weight_ih.shape() == tl::shape{8, 3});
  REQUIRE(layers[2].weight_ih.shape() == tl::shape{8, 8});  // both directions of the layer below
  for (const auto& l : layers) {
    REQUIRE(l.weight_hh.shape() == tl::shape{8, 4});
    REQUIRE(l.bias_ih->shape() == tl::shape{8});
    REQUIRE(l.bias_hh->shape() == tl::shape{8});
    for (float v : l.weight_hh.to_vector()) REQUIRE(std::abs(v) <= 0.5f);  // 1 / sqrt(4)
  }
  REQUIRE_FALSE(make(false, false)[0].bias_hh.has_value());
  REQUIRE(make(false, true)[1].weight_ih.shape() == tl::shape{8, 4});
}

TEST_CASE("the weights of recurrent layers have PyTorch's names", "[nn]") {
  auto layers = make(true, true);
  std::vector<std::string> names;
  nn::detail::for_each_rnn_field(layers, true, [&](const std::string& name, auto&) { names.push_back(name); });
  REQUIRE(names.size() == 16);
  REQUIRE(std::vector<std::string>(names.begin(), names.begin() + 6) ==
          std::vector<std::string>{"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ih_l0_reverse",
                                   "weight_hh_l0_reverse"});
  REQUIRE(names[8] == "weight_ih_l1");
}

TEST_CASE("handles of recurrent weights share elements with the layers", "[nn]") {
  const auto layers = make(false, false);
  const auto handles = nn::detail::rnn_handles(layers);
  REQUIRE(handles.size() == 2);
  REQUIRE(handles[1].w_ih.array().data() == layers[1].weight_ih.array().data());
  REQUIRE_FALSE(handles[0].b_hh.defined());
}
