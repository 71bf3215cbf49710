// A program that trains a small residual network on images: what a user's own translation unit costs to compile.

#include <cstdio>

#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/loss/cross_entropy.hpp>
#include <tensorlab/nn/batch_norm.hpp>
#include <tensorlab/nn/conv2d.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/ops/activation.hpp>
#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/pool.hpp>
#include <tensorlab/ops/shape.hpp>
#include <tensorlab/optim/sgd.hpp>

namespace tl = tensorlab;

struct block {
  tl::nn::conv2d<> conv1;
  tl::nn::batch_norm<> bn1;
  tl::nn::conv2d<> conv2;
  tl::nn::batch_norm<> bn2;

  static constexpr auto fields() {
    return tl::fields("conv1", &block::conv1, "bn1", &block::bn1, "conv2", &block::conv2, "bn2", &block::bn2);
  }
  static block init(std::int64_t channels, const tl::random::stream& rng) {
    const tl::nn::conv2d_options conv{.in = channels, .out = channels, .kernel = 3, .padding = 1, .bias = false};
    return {tl::nn::conv2d<>::init(conv, rng), tl::nn::batch_norm<>::init({.features = channels}),
            tl::nn::conv2d<>::init(conv, rng), tl::nn::batch_norm<>::init({.features = channels})};
  }
  tl::tensor<> operator()(const tl::tensor<>& x) const { return tl::relu(bn2(conv2(tl::relu(bn1(conv1(x))))) + x); }
};

struct resnet {
  tl::nn::conv2d<> stem;
  std::vector<block> blocks;
  tl::nn::linear<> head;

  static constexpr auto fields() {
    return tl::fields("stem", &resnet::stem, "blocks", &resnet::blocks, "head", &resnet::head);
  }
  tl::tensor<> operator()(tl::tensor<> x) const {
    x = tl::max_pool2d(tl::relu(stem(x)), {.kernel = 3, .stride = 2, .padding = 1});
    for (const block& b : blocks) x = b(x);
    return head(tl::flatten(tl::global_avg_pool(x), 1));
  }
};

int main() {
  const tl::random::stream rng{42};
  resnet net{tl::nn::conv2d<>::init({.in = 3, .out = 16, .kernel = 7, .stride = 2, .padding = 3}, rng),
             {block::init(16, rng), block::init(16, rng)},
             tl::nn::linear<>::init({.in = 16, .out = 10}, rng)};
  tl::optim::sgd opt{net, {.lr = 0.1, .momentum = 0.9}};
  const auto x = tl::tensor<>::uniform({4, 3, 32, 32}, rng);
  const auto y = tl::tensor<std::int64_t>::from({0, 1, 2, 3}, {4});
  for (int step = 0; step < 20; ++step) {
    auto loss = tl::loss::cross_entropy(net(x), y);
    opt.zero_grad();
    loss.backward();
    opt.step();
    std::printf("%d %g\n", step, static_cast<double>(loss.item()));
  }
}
