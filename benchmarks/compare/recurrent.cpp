#include <tensorlab/autograd/autocast.hpp>
#include <tensorlab/loss/bce.hpp>
#include <tensorlab/models/behaviour_lstm.hpp>
#include <tensorlab/nn/gru.hpp>
#include <tensorlab/nn/lstm.hpp>
#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/cast.hpp>
#include <tensorlab/optim/adam.hpp>

#include "compare/workload.hpp"

namespace compare {

namespace {

/// A layer with its input, saved among the operands.
template <class Layer>
struct layer_case {
  workload w;
  std::shared_ptr<Layer> net;
  tensor x;

  layer_case(const tl::random::stream& rng, std::int64_t steps, std::int64_t batch, std::int64_t in,
             std::int64_t hidden)
      : net(std::make_shared<Layer>(Layer::init({.in = in, .hidden = hidden}, rng))),
        x(tensor::uniform({batch, steps, in}, rng, -1, 1)) {
    keep(w, "x", x);
    keep_state(w, *net);
  }
};

/// A layer's forward and backward pass with a given gradient of its output.
template <class Layer>
workload layer_step(std::int64_t steps, std::int64_t batch, std::int64_t in, std::int64_t hidden) {
  const tl::random::stream rng(1);
  auto [w, net, x] = layer_case<Layer>(rng, steps, batch, in, hidden);
  const auto dy = tensor::uniform({batch, steps, hidden}, rng, -1, 1);
  keep(w, "dy", dy);
  x.requires_grad(true);
  w.run = [net = net, x = x, dy]() mutable {
    x.zero_grad();
    for (auto& p : tl::nn::named_parameters(*net)) p.value.zero_grad();
    (*net)(x).output.backward(dy);
  };
  return w;
}

template <class Layer>
workload layer_inference(mode m, std::int64_t steps, std::int64_t in, std::int64_t hidden) {
  auto [w, net, x] = layer_case<Layer>(tl::random::stream(1), steps, 1, in, hidden);
  predict_with(
      w, m, [net = net](const tensor& in) { return (*net)(in).output; }, x);
  return w;
}

/// A training step whose forward pass, and so its gradients, round factors as `how` says.
workload behaviour_step(mode m, tl::compute how = tl::compute::full) {
  using model = tl::models::behaviour_lstm<>;
  const tl::random::stream rng(1);
  workload w;
  auto net = std::make_shared<model>(model::init({.dropout = 0}, rng));
  const auto x = tensor::uniform({64, 16, 169}, rng, -1, 1);
  const auto y = tl::cast<float>(tl::greater(tensor::uniform({64, 8}, rng), 0.8));
  keep(w, "x", x);
  keep(w, "y", y);
  keep_state(w, *net);
  auto optimiser = std::make_shared<tl::optim::adamw<float, tl::cpu>>(*net, tl::optim::adamw_options{.lr = 1e-3});
  const auto objective = [=](const auto& in, const auto& to) {
    const tl::autocast scope(how);
    return tl::loss::bce_with_logits((*net)(in), to);
  };
  train_with(w, m, optimiser, objective, x, y);
  return w;
}

workload behaviour_inference(mode m) {
  using model = tl::models::behaviour_lstm<>;
  const tl::random::stream rng(1);
  workload w;
  auto net = std::make_shared<model>(model::init({.dropout = 0}, rng));
  tl::nn::eval(*net);
  const auto x = tensor::uniform({1, 16, 169}, rng, -1, 1);
  keep(w, "x", x);
  keep_state(w, *net);
  predict_with(
      w, m, [=](const tensor& in) { return (*net)(in); }, x);
  return w;
}

}  // namespace

void add_recurrent(list& all) {
  using lstm = tl::nn::lstm<float, tl::cpu>;
  using gru = tl::nn::gru<float, tl::cpu>;
  all.emplace_back("behaviour_step", [] { return behaviour_step(mode::eager); });
  all.emplace_back("behaviour_step_recorded", [] { return behaviour_step(mode::replayed); });
  all.emplace_back("behaviour_inference", [] { return behaviour_inference(mode::eager); });
  all.emplace_back("behaviour_inference_prepared", [] { return behaviour_inference(mode::replayed); });
  all.emplace_back("behaviour_step_bf16", [] { return behaviour_step(mode::eager, tl::compute::bf16); });
  all.emplace_back("lstm_step_n32", [] { return layer_step<lstm>(30, 32, 160, 80); });
  all.emplace_back("gru_step_n32", [] { return layer_step<gru>(30, 32, 160, 80); });
  all.emplace_back("gru_step_n1", [] { return layer_step<gru>(30, 1, 160, 80); });
  all.emplace_back("lstm_inference_n1", [] { return layer_inference<lstm>(mode::eager, 30, 160, 80); });
  all.emplace_back("lstm_inference_n1_prepared", [] { return layer_inference<lstm>(mode::replayed, 30, 160, 80); });
  all.emplace_back("gru_inference_n1", [] { return layer_inference<gru>(mode::eager, 30, 160, 80); });
  all.emplace_back("gru_inference_n1_prepared", [] { return layer_inference<gru>(mode::replayed, 30, 160, 80); });
}

}  // namespace compare
