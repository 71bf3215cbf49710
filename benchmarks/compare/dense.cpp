#include <tensorlab/loss/cross_entropy.hpp>
#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/sequential.hpp>
#include <tensorlab/optim/adam.hpp>

#include "compare/workload.hpp"

namespace compare {

namespace {

auto make_mlp(const tl::random::stream& rng) {
  using linear = tl::nn::linear<float, tl::cpu>;
  return tl::nn::sequential{linear::init({.in = 34, .out = 64}, rng), tl::nn::relu{},
                            linear::init({.in = 64, .out = 64}, rng), tl::nn::relu{},
                            linear::init({.in = 64, .out = 8}, rng)};
}
using mlp = decltype(make_mlp(std::declval<tl::random::stream>()));

workload mlp_step(mode m) {
  const tl::random::stream rng(1);
  workload w;
  auto net = std::make_shared<mlp>(make_mlp(rng));
  const auto x = tensor::uniform({32, 34}, rng, -1, 1);
  std::vector<std::int64_t> classes;
  for (std::int64_t i = 0; i < 32; ++i) classes.push_back(i % 8);
  const auto y = tl::tensor<std::int64_t, tl::cpu>::from(std::span<const std::int64_t>(classes), {32});
  keep(w, "x", x);
  w.operands.emplace_back("y", tl::io::to_host(y));
  keep_state(w, *net);
  auto optimiser = std::make_shared<tl::optim::adam<float, tl::cpu>>(*net, tl::optim::adam_options{.lr = 1e-3});
  train_with(
      w, m, optimiser, [=](const auto& in, const auto& to) { return tl::loss::cross_entropy((*net)(in), to); }, x, y);
  return w;
}

workload mlp_inference(mode m) {
  const tl::random::stream rng(1);
  workload w;
  auto net = std::make_shared<mlp>(make_mlp(rng));
  const auto x = tensor::uniform({1, 34}, rng, -1, 1);
  keep(w, "x", x);
  keep_state(w, *net);
  predict_with(
      w, m, [=](const tensor& in) { return (*net)(in); }, x);
  return w;
}

/// 200 tensors of 64 to 1M elements, evenly spread over the logarithm.
workload adamw_step() {
  const tl::random::stream rng(1);
  workload w;
  auto parameters = std::make_shared<std::vector<tl::parameter<float, tl::cpu>>>();
  for (int i = 0; i < 200; ++i) {
    const auto size = static_cast<std::int64_t>(64 * std::pow(16384.0, i / 199.0));
    parameters->emplace_back(tensor::uniform({size}, rng, -1, 1));
    keep(w, tl::concat("p", i), parameters->back());
    parameters->back().set_grad(tensor::uniform({size}, rng, -1, 1));
    keep(w, tl::concat("g", i), parameters->back().grad());
  }
  auto optimiser =
      std::make_shared<tl::optim::adamw<float, tl::cpu>>(*parameters, tl::optim::adamw_options{.lr = 1e-3});
  w.run = [=] {
    (void)parameters;
    optimiser->step();
  };
  return w;
}

}  // namespace

void add_dense(list& all) {
  all.emplace_back("mlp_inference_n1", [] { return mlp_inference(mode::eager); });
  all.emplace_back("mlp_inference_n1_prepared", [] { return mlp_inference(mode::replayed); });
  all.emplace_back("mlp_step_n32", [] { return mlp_step(mode::eager); });
  all.emplace_back("mlp_step_n32_recorded", [] { return mlp_step(mode::replayed); });
  all.emplace_back("adamw_200", adamw_step);
}

}  // namespace compare
