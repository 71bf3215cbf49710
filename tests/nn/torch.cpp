// Every module against PyTorch's of the same kind: outputs, gradients, buffers and the names of the state.

#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/batch_norm.hpp>
#include <tensorlab/nn/conv1d.hpp>
#include <tensorlab/nn/conv2d.hpp>
#include <tensorlab/nn/embedding.hpp>
#include <tensorlab/nn/flatten.hpp>
#include <tensorlab/nn/gru.hpp>
#include <tensorlab/nn/layer_norm.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/lstm.hpp>
#include <tensorlab/nn/module.hpp>
#include <tensorlab/nn/multi_head_attention.hpp>
#include <tensorlab/nn/sequential.hpp>

#include "nn/torch_modules.hpp"
#include "nn/torch_names.hpp"
#include "ops/parity.hpp"

namespace nn = tl::nn;

namespace {

using T = tl::tensor<double, B>;
using inputs = std::vector<T>;

tl::random::stream rng{1};

struct names_of final : nn::visitor<double, B> {
  void on_parameter(const std::string& path, tl::parameter<double, B>&) override { names.push_back(path); }
  void on_buffer(const std::string& path, tl::buffer<double, B>& b) override {
    names.push_back(path);
    buffers.emplace_back(path, b.handle());
  }
  void on_counter(const std::string& path, tl::buffer<std::int64_t, B>& b) override {
    names.push_back(path);
    buffers.emplace_back(path, tl::cast<double>(b.handle()));
  }
  std::vector<std::string> names;
  std::vector<std::pair<std::string, T>> buffers;
};

/// Parameters are fills with keys 20, 21, ..., inputs with keys 1, 2, ...; the gradient starts from the fill with
/// key 10.
template <class M, class Run>
void require_torch(const std::string& name, M module, const std::vector<tl::shape>& shapes, const Run& run) {
  INFO(name);
  std::uint64_t key = 20;
  for (auto& p : nn::named_parameters(module)) {
    const tl::no_grad guard;
    p.value.assign(test::golden_fill<double>(p.value.shape(), key++));
  }
  inputs x;
  for (const auto& s : shapes) x.push_back(test::golden_fill<double>(s, x.size() + 1).requires_grad(true));
  const T y = run(module, x);
  test::require_golden(torch_modules(), name + " y", y);
  y.backward(test::golden_fill<double>(y.shape(), 10));
  for (std::size_t i = 0; i < x.size(); ++i)
    test::require_golden(torch_modules(), name + " dx" + std::to_string(i), x[i].grad());
  for (const auto& p : nn::named_parameters(module))
    test::require_golden(torch_modules(), name + " d" + p.name, p.value.grad());
  names_of state;
  nn::visit(module, state);
  REQUIRE(state.names == torch_names().at(name));
  for (const auto& [path, value] : state.buffers) test::require_golden(torch_modules(), name + " " + path, value);
}
template <class M>
void require_torch(const std::string& name, const M& module, const tl::shape& s) {
  require_torch(name, module, {s}, [](const M& m, const inputs& x) { return m(x[0]); });
}

}  // namespace

TEST_CASE("linear and convolutions are PyTorch's", "[nn]") {
  require_torch("linear", nn::linear<double, B>::init({.in = 3, .out = 2}, rng), {2, 3});
  require_torch("linear without bias", nn::linear<double, B>::init({.in = 3, .out = 2, .bias = false}, rng), {2, 3});
  using conv1d = nn::conv1d<double, B>;
  using conv2d = nn::conv2d<double, B>;
  require_torch(
      "conv1d",
      conv1d::init({.in = 4, .out = 6, .kernel = 3, .stride = 2, .padding = 1, .dilation = 2, .groups = 2}, rng),
      {2, 4, 7});
  require_torch("conv2d", conv2d::init({.in = 2, .out = 3, .kernel = {3, 2}, .stride = {2, 1}, .padding = {1, 0}}, rng),
                {2, 2, 5, 4});
  require_torch("conv2d without bias", conv2d::init({.in = 4, .out = 4, .kernel = 3, .groups = 4, .bias = false}, rng),
                {1, 4, 4, 3});
}

TEST_CASE("normalisations are PyTorch's", "[nn]") {
  using batch_norm = nn::batch_norm<double, B>;
  require_torch("batch_norm1d", batch_norm::init({.features = 3, .eps = 1e-3, .momentum = 0.3}), {4, 3});
  require_torch("batch_norm2d", batch_norm::init({.features = 2}), {2, 2, 2, 3});
  auto still = batch_norm::init({.features = 2});
  nn::eval(still);
  require_torch("batch_norm2d eval", still, {2, 2, 2, 3});
  require_torch("batch_norm average", batch_norm::init({.features = 2, .momentum = std::nullopt}), {{3, 2}},
                [](const batch_norm& m, const inputs& x) { return m(m(x[0]) * 2 + 1); });
  require_torch("layer_norm", nn::layer_norm<double, B>::init({.normalized = {2, 3}, .eps = 1e-3}), {2, 2, 3});
}

TEST_CASE("embedding and sequential are PyTorch's", "[nn]") {
  using embedding = nn::embedding<double, B>;
  const auto ids = tl::tensor<std::int64_t, B>::from({1, 0, 3, 3, 2, 1}, {2, 3});
  require_torch("embedding", embedding::init({.count = 5, .dim = 2, .padding = 3}, rng), {},
                [&](const embedding& m, const inputs&) { return m(ids); });
  require_torch("sequential",
                nn::sequential{nn::conv1d<double, B>::init({.in = 2, .out = 3, .kernel = 2}, rng), nn::relu{},
                               nn::flatten{}, nn::linear<double, B>::init({.in = 9, .out = 2}, rng)},
                {2, 2, 4});
}

TEST_CASE("LSTM is PyTorch's", "[nn]") {
  using lstm = nn::lstm<double, B>;
  const auto output = [](const lstm& m, const inputs& x) { return m(x[0]).output; };
  require_torch("lstm", lstm::init({.in = 3, .hidden = 2}, rng), {{2, 3, 3}}, output);
  require_torch("lstm stack", lstm::init({.in = 2, .hidden = 2, .layers = 2, .bidirectional = true}, rng), {{2, 3, 2}},
                output);
  require_torch("lstm without bias", lstm::init({.in = 2, .hidden = 2, .bias = false}, rng), {{1, 3, 2}}, output);
  require_torch("lstm state", lstm::init({.in = 3, .hidden = 2}, rng), {{2, 3, 3}, {1, 2, 2}, {1, 2, 2}},
                [](const lstm& m, const inputs& x) {
                  const auto r = m(x[0], {x[1], x[2]});
                  return tl::sum(r.output) + r.h * 2 + r.c;
                });
}

TEST_CASE("GRU is PyTorch's", "[nn]") {
  using gru = nn::gru<double, B>;
  const auto output = [](const gru& m, const inputs& x) { return m(x[0]).output; };
  require_torch("gru", gru::init({.in = 3, .hidden = 2}, rng), {{2, 3, 3}}, output);
  require_torch("gru stack", gru::init({.in = 2, .hidden = 2, .layers = 2, .bidirectional = true}, rng), {{2, 3, 2}},
                output);
  require_torch("gru state", gru::init({.in = 3, .hidden = 2}, rng), {{2, 3, 3}, {1, 2, 2}},
                [](const gru& m, const inputs& x) {
                  const auto r = m(x[0], x[1]);
                  return tl::sum(r.output) + r.h;
                });
}

TEST_CASE("multi-head attention is PyTorch's", "[nn]") {
  using attention = nn::multi_head_attention<double, B>;
  require_torch("attention", attention::init({.in = 4, .heads = 2}, rng), {2, 3, 4});
  require_torch("attention cross", attention::init({.in = 4, .heads = 2}, rng), {{2, 3, 4}, {2, 2, 4}, {2, 2, 4}},
                [](const attention& m, const inputs& x) { return m(x[0], x[1], x[2]); });
  const auto seen = tl::tensor<bool, B>::from({true, false, false, true, true, false, true, true, true}, {3, 3});
  require_torch("attention causal", attention::init({.in = 4, .heads = 2, .bias = false}, rng), {{2, 3, 4}},
                [&](const attention& m, const inputs& x) { return m(x[0], seen); });
}
