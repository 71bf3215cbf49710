// A program that trains a recurrent classifier: what a user's own translation unit costs to compile.

#include <cstdio>

#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/loss/cross_entropy.hpp>
#include <tensorlab/nn/gru.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/ops/shape.hpp>
#include <tensorlab/optim/adam.hpp>

namespace tl = tensorlab;

struct classifier {
  tl::nn::gru<> gru;
  tl::nn::linear<> head;

  static constexpr auto fields() { return tl::fields("gru", &classifier::gru, "head", &classifier::head); }

  tl::tensor<> operator()(const tl::tensor<>& x) const { return head(tl::select(gru(x).output, 1, -1)); }
};

int main() {
  const tl::random::stream rng{42};
  classifier net{tl::nn::gru<>::init({.in = 16, .hidden = 32}, rng), tl::nn::linear<>::init({.in = 32, .out = 4}, rng)};
  tl::optim::adamw opt{net, {.lr = 1e-3}};
  const auto x = tl::tensor<>::uniform({8, 10, 16}, rng);
  const auto y = tl::tensor<std::int64_t>::from({0, 1, 2, 3, 0, 1, 2, 3}, {8});
  for (int step = 0; step < 100; ++step) {
    auto loss = tl::loss::cross_entropy(net(x), y);
    opt.zero_grad();
    loss.backward();
    opt.step();
    std::printf("%d %g\n", step, static_cast<double>(loss.item()));
  }
}
