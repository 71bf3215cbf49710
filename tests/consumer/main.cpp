// A program of somebody else, with the cpu and io components: it learns exclusive or and keeps the weights.

#include <cstdio>

#include <tensorlab/io/safetensors.hpp>
#include <tensorlab/tensorlab.hpp>

namespace tl = tensorlab;

int main(int argc, char* argv[]) {
  tl::random::stream rng{42};
  tl::nn::sequential net{tl::nn::linear<>::init({.in = 2, .out = 16}, rng.split(1)), tl::nn::tanh{},
                         tl::nn::linear<>::init({.in = 16, .out = 2}, rng.split(2))};
  tl::optim::adamw opt{net, {.lr = 0.05}};
  const auto x = tl::tensor<>::from({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});
  const auto y = tl::tensor<std::int64_t>::from({0, 1, 1, 0}, {4});
  double last = 0;
  for (int step = 0; step < 200; ++step) {
    auto loss = tl::loss::cross_entropy(net(x), y);
    opt.zero_grad();
    loss.backward();
    opt.step();
    last = static_cast<double>(loss.item());
  }
  if (argc > 1) tl::io::save_safetensors(argv[1], {.tensors = tl::nn::state_dict(net), .metadata = {}});
  std::printf("loss %g\n", last);
  return last < 0.1 ? 0 : 1;
}
