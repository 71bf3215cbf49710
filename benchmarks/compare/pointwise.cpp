#include <tensorlab/ops/activation.hpp>
#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/dropout.hpp>
#include <tensorlab/ops/norm.hpp>
#include <tensorlab/ops/reduce.hpp>
#include <tensorlab/ops/softmax.hpp>
#include <tensorlab/ops/unary.hpp>

#include "compare/workload.hpp"

namespace compare {

namespace {

/// f on two tensors [rows, 256].
template <class F>
void add(list& all, const std::string& name, F f) {
  for (const auto& [label, rows] : {std::pair{"1kb", std::int64_t{1}}, {"1mb", 1024}, {"16mb", 16384}}) {
    all.emplace_back(tl::concat("op_", name, "_", label), [f, rows = rows] {
      const tl::random::stream rng(1);
      workload w;
      const auto a = tensor::uniform({rows, 256}, rng, -2, 2), b = tensor::uniform({rows, 256}, rng, -2, 2);
      keep(w, "a", a);
      keep(w, "b", b);
      w.run = [=] {
        const tl::no_grad untracked;
        f(a, b);
      };
      return w;
    });
  }
}

}  // namespace

void add_pointwise(list& all) {
  add(all, "add", [](const tensor& a, const tensor& b) { return a + b; });
  add(all, "mul", [](const tensor& a, const tensor& b) { return a * b; });
  add(all, "relu", [](const tensor& a, const tensor&) { return tl::relu(a); });
  add(all, "sigmoid", [](const tensor& a, const tensor&) { return tl::sigmoid(a); });
  add(all, "tanh", [](const tensor& a, const tensor&) { return tl::tanh(a); });
  add(all, "exp", [](const tensor& a, const tensor&) { return tl::exp(a); });
  add(all, "gelu", [](const tensor& a, const tensor&) { return tl::gelu(a); });
  add(all, "silu", [](const tensor& a, const tensor&) { return tl::silu(a); });
  add(all, "dropout",
      [rng = tl::random::stream(2)](const tensor& a, const tensor&) { return tl::dropout(a, 0.5, rng); });
  add(all, "sum", [](const tensor& a, const tensor&) { return tl::sum(a); });
  add(all, "sum_rows", [](const tensor& a, const tensor&) { return tl::sum(a, {1}); });
  add(all, "sum_columns", [](const tensor& a, const tensor&) { return tl::sum(a, {0}); });
  add(all, "amax_rows", [](const tensor& a, const tensor&) { return tl::amax(a, {1}); });
  add(all, "softmax", [](const tensor& a, const tensor&) { return tl::softmax(a, 1); });
  add(all, "layer_norm", [gamma = tensor::ones({256}), beta = tensor::zeros({256})](const tensor& a, const tensor&) {
    return tl::layer_norm(a, gamma, beta);
  });
}

}  // namespace compare
