#include <tensorlab/models/behaviour_lstm.hpp>
#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/attention_pool.hpp>
#include <tensorlab/nn/batch_norm.hpp>
#include <tensorlab/nn/conv1d.hpp>
#include <tensorlab/nn/conv2d.hpp>
#include <tensorlab/nn/dropout.hpp>
#include <tensorlab/nn/embedding.hpp>
#include <tensorlab/nn/flatten.hpp>
#include <tensorlab/nn/gru.hpp>
#include <tensorlab/nn/layer_norm.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/lstm.hpp>
#include <tensorlab/nn/pool.hpp>
#include <tensorlab/nn/sequential.hpp>
#include <tensorlab/optim/adam.hpp>

#include "support/backend.hpp"

namespace {

/// Trains for a while and requires that no step after the first three asked the system for memory.
template <class Net, class Objective>
void require_settled(Net net, const Objective& objective) {
  tl::nn::train(net);
  tl::optim::adamw opt{net, {.lr = 1e-3}};
  std::uint64_t warm = 0;
  for (int i = 0; i < 12; ++i) {
    if (i == 3) warm = tl::cpu::memory().system_allocations;
    opt.zero_grad();
    objective(net).backward();
    opt.step();
  }
  REQUIRE(tl::cpu::memory().system_allocations == warm);
}

}  // namespace

TEST_CASE("training steps of every kind of layer and of every model make no call to the system once warm", "[cpu]") {
  namespace nn = tl::nn;
  using tensor = tl::tensor<float, tl::cpu>;
  const tl::random::stream rng(1);
  const auto loss = [](const tensor& y) { return tl::mean(tl::square(y)); };
  const auto x = tensor::uniform({6, 10, 8}, rng), image = tensor::uniform({3, 4, 9, 9}, rng);
  const auto trained = [&](const auto& net, const tensor& in) {
    require_settled(net, [&](const auto& n) { return loss(n(in)); });
  };
  const auto output = [&](const auto& net, const tensor& in) {
    require_settled(net, [&](const auto& n) { return loss(n(in).output); });
  };
  trained(nn::sequential{nn::linear<>::init({.in = 8, .out = 7}, rng), nn::gelu{}, nn::dropout::init({.p = 0.5}, rng),
                         nn::layer_norm<>::init({.normalized = {7}}), nn::linear<>::init({.in = 7, .out = 3}, rng)},
          x);
  trained(
      nn::sequential{nn::conv2d<>::init({.in = 4, .out = 6, .kernel = 3}, rng), nn::batch_norm<>::init({.features = 6}),
                     nn::relu{}, nn::max_pool2d{{.kernel = 2}}, nn::flatten{}},
      image);
  trained(nn::sequential{nn::conv1d<>::init({.in = 10, .out = 5, .kernel = 3}, rng),
                         nn::batch_norm<>::init({.features = 5}), nn::silu{}},
          x);
  trained(nn::attention_pool<>::init({.in = 8}, rng), x);
  output(nn::lstm<>::init({.in = 8, .hidden = 9, .layers = 2, .bidirectional = true, .dropout = 0.2}, rng), x);
  output(nn::gru<>::init({.in = 8, .hidden = 9, .layers = 2, .bidirectional = true}, rng), x);
  const auto words = tl::tensor<std::int64_t, tl::cpu>::from({0, 3, 1, 3}, {4});
  require_settled(nn::embedding<>::init({.count = 4, .dim = 5}, rng), [&](const auto& n) { return loss(n(words)); });
  trained(tl::models::behaviour_lstm<>::init({.features = 8, .classes = 3, .hidden = 16}, rng), x);
}
