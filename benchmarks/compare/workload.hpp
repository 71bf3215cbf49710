#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/io/host_tensor.hpp>
#include <tensorlab/nn/module.hpp>
#include <tensorlab/nn/state_dict.hpp>
#include <tensorlab/train/record.hpp>

/// Workloads that this library and a peer run on the same operands.
namespace compare {

namespace tl = tensorlab;
using tensor = tl::tensor<float, tl::cpu>;

/// One row of the table.
struct workload {
  std::string name;
  std::function<void()> run;        ///< What is timed.
  std::function<double()> train;    ///< A training step that returns its loss; empty where nothing is trained.
  tl::named_tensors operands = {};  ///< Inputs, and weights as they were before the first step.
};

/// A workload that is made when it is asked for, so that one does not keep another's memory.
using maker = std::function<workload()>;
using list = std::vector<std::pair<std::string, maker>>;

void add_recurrent(list& all);
void add_dense(list& all);
void add_pointwise(list& all);
void add_convolutional(list& all);

inline void keep(workload& w, const std::string& name, const tensor& t) {
  w.operands.emplace_back(name, tl::io::to_host(t));
}
template <class M>
void keep_state(workload& w, M& net) {
  for (auto& [name, value] : tl::nn::state_dict(net)) w.operands.emplace_back(tl::concat("state.", name), value);
}

/// Whether a workload's step is run as it stands or replayed, its inputs copied in each time: a training step as it was
/// recorded, a prediction as it was prepared.
enum class mode { eager, replayed };

/// Times and trains steps that lower what `objective(inputs...)` returns.
template <class Optimiser, class F, class... Inputs>
void train_with(workload& w, mode m, const std::shared_ptr<Optimiser>& optimiser, F objective,
                const Inputs&... inputs) {
  const auto step = [=](const Inputs&... x) {
    optimiser->zero_grad();
    const tensor loss = objective(x...);
    loss.backward();
    optimiser->step();
    return loss;
  };
  if (m == mode::eager) {
    w.train = [=] { return static_cast<double>(step(inputs...).item()); };
  } else {
    const auto replay =
        std::make_shared<decltype(tl::train::record(step, inputs...))>(tl::train::record(step, inputs...));
    w.train = [=] { return static_cast<double>((*replay)(inputs...).item()); };
  }
  w.run = w.train;
}

/// Times predictions `f(x)`.
template <class F>
void predict_with(workload& w, mode m, F f, const tensor& x) {
  if (m == mode::eager) {
    w.run = [=] {
      const tl::no_grad untracked;
      f(x);
    };
  } else {
    const auto replay = std::make_shared<decltype(tl::train::prepare(f, x))>(tl::train::prepare(f, x));
    w.run = [=] { (*replay)(x); };
  }
}

}  // namespace compare
