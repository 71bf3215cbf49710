#include <optional>

#include <tensorlab/nn/conv_norm.hpp>
#include <tensorlab/ops/reduce.hpp>
#include <tensorlab/optim/sgd.hpp>

#include "compare/workload.hpp"

namespace compare {

namespace {

using conv2d = tl::nn::conv2d<float, tl::cpu>;
using batch_norm = tl::nn::batch_norm<float, tl::cpu>;

/// A bottleneck of a residual network. He et al., "Deep residual learning for image recognition" (2016).
struct bottleneck {
  conv2d conv1;
  batch_norm bn1;
  conv2d conv2;
  batch_norm bn2;
  conv2d conv3;
  batch_norm bn3;
  std::optional<conv2d> shortcut;
  std::optional<batch_norm> shortcut_bn;

  static constexpr auto fields() {
    return tl::fields("conv1", &bottleneck::conv1, "bn1", &bottleneck::bn1, "conv2", &bottleneck::conv2, "bn2",
                      &bottleneck::bn2, "conv3", &bottleneck::conv3, "bn3", &bottleneck::bn3, "shortcut",
                      &bottleneck::shortcut, "shortcut_bn", &bottleneck::shortcut_bn);
  }

  static bottleneck init(std::int64_t in, std::int64_t width, const tl::random::stream& rng) {
    const std::int64_t out = 4 * width;
    const auto conv = [&](std::int64_t from, std::int64_t to, std::int64_t kernel) {
      return conv2d::init({.in = from, .out = to, .kernel = kernel, .padding = kernel / 2, .bias = false}, rng);
    };
    const auto norm = [&](std::int64_t channels) { return batch_norm::init({.features = channels}, rng); };
    bottleneck b{
        conv(in, width, 1), norm(width), conv(width, width, 3), norm(width), conv(width, out, 1), norm(out), {}, {}};
    if (in != out) {
      b.shortcut = conv(in, out, 1);
      b.shortcut_bn = norm(out);
    }
    return b;
  }

  tensor operator()(const tensor& x) const {
    const auto y = tl::nn::conv_norm_relu(conv2, bn2, tl::nn::conv_norm_relu(conv1, bn1, x));
    return tl::nn::conv_norm_relu(conv3, bn3, y, shortcut ? tl::nn::conv_norm(*shortcut, *shortcut_bn, x) : x);
  }
};

/// Three blocks of an early stage and a batch for them.
struct stage {
  std::shared_ptr<std::vector<bottleneck>> net = std::make_shared<std::vector<bottleneck>>();
  tensor x;

  explicit stage(workload& w) {
    const tl::random::stream rng(1);
    for (const std::int64_t in : {64, 256, 256}) net->push_back(bottleneck::init(in, 64, rng));
    x = tensor::uniform({8, 64, 56, 56}, rng, -1, 1);
    keep(w, "x", x);
    keep_state(w, *net);
  }
};

workload bottlenecks_step() {
  workload w;
  stage s(w);
  s.x.requires_grad(true);  // as it would be inside a network
  auto optimiser = std::make_shared<tl::optim::sgd<float, tl::cpu>>(*s.net, tl::optim::sgd_options{.lr = 1e-3});
  train_with(w, mode::eager, optimiser, [=] {
    auto y = s.x;
    y.zero_grad();
    for (const auto& block : *s.net) y = block(y);
    return tl::mean(tl::square(y));
  });
  return w;
}

workload bottlenecks_inference(mode m) {
  workload w;
  const stage s(w);
  tl::nn::eval(*s.net);
  predict_with(
      w, m,
      [net = s.net](tensor y) {
        for (const auto& block : *net) y = block(y);
        return y;
      },
      s.x);
  return w;
}

}  // namespace

void add_convolutional(list& all) {
  all.emplace_back("bottlenecks_step", bottlenecks_step);
  all.emplace_back("bottlenecks_inference", [] { return bottlenecks_inference(mode::eager); });
  all.emplace_back("bottlenecks_inference_prepared", [] { return bottlenecks_inference(mode::replayed); });
}

}  // namespace compare
