#include <tensorlab/optim/adam.hpp>

#include "optim/five.hpp"
#include "optim/keras.hpp"
#include "optim/torch_trajectories.hpp"

namespace optim = tl::optim;

TEMPLATE_TEST_CASE("adam follows PyTorch's trajectories", "[optim]", float, double) {
  const auto check = [](const char* name, const optim::adam_options& options) {
    INFO(name);
    require_near(after_20_steps<TestType>([&](auto& net) {
                   return optim::adam{net, options};
                 }),
                 torch_trajectories().at(name));
  };
  check("adam", {.lr = 0.02});
  check("adam weight_decay", {.lr = 0.02, .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-3, .weight_decay = 0.1});
  check("adam amsgrad", {.lr = 0.02, .beta2 = 0.7, .amsgrad = true});
}

TEMPLATE_TEST_CASE("adamw follows PyTorch's trajectories", "[optim]", float, double) {
  const auto check = [](const char* name, const optim::adamw_options& options) {
    INFO(name);
    require_near(after_20_steps<TestType>([&](auto& net) {
                   return optim::adamw{net, options};
                 }),
                 torch_trajectories().at(name));
  };
  check("adamw", {.lr = 0.02});
  check("adamw amsgrad", {.lr = 0.02, .beta2 = 0.7, .weight_decay = 0.2, .amsgrad = true});
}

TEMPLATE_TEST_CASE("keras_adam follows Keras's trajectories", "[optim]", float, double) {
  // The second with a large epsilon, since the two forms of Adam differ by it alone.
  require_near(after_20_steps<TestType>([](auto& net) {
                 return optim::keras_adam{net, {.lr = 0.02}};
               }),
               keras_goldens().at("adam"));
  require_near(after_20_steps<TestType>([](auto& net) {
                 return optim::keras_adam{net, {.lr = 0.02, .beta1 = 0.8, .eps = 0.05}};
               }),
               keras_goldens().at("adam eps"));
}

TEST_CASE("adam's first step is the sign of the gradient times the rate", "[optim]") {
  // m / (1 - beta1) = g and v / (1 - beta2) = g^2, so the step is lr g / (|g| + eps).
  five<double> net = five<double>::init();
  const auto before = net.flat();
  net.set_gradients(0);
  std::vector<double> expected;
  for (auto* p : net.all())
    for (double g : p->grad().to_vector())
      expected.push_back(before[expected.size()] - 0.01 * g / (std::abs(g) + 1e-8));
  optim::adam opt{net, {.lr = 0.01}};
  opt.step();
  require_near(net.flat(), expected);
}

TEST_CASE("adamw decays a parameter whose gradient is zero and adam does not move it", "[optim]") {
  five<double> net = five<double>::init(), other = five<double>::init();
  for (five<double>* n : {&net, &other})
    for (auto* p : n->all()) p->set_grad(tl::tensor<double, B>::zeros(p->shape()));
  std::vector<double> expected;
  for (double p : net.flat()) expected.push_back(p * (1 - 0.1 * 0.5));
  optim::adamw decayed{net, {.lr = 0.1, .weight_decay = 0.5}};
  decayed.step();
  require_near(net.flat(), expected);
  const auto before = other.flat();
  optim::adam plain{other, {.lr = 0.1}};
  plain.step();
  REQUIRE(other.flat() == before);
}

TEST_CASE("the adam family refuses options out of range", "[optim]") {
  five<float> net = five<float>::init();
  REQUIRE_THROWS_WITH((optim::adam{net, {.beta1 = 1}}), "adam: beta1 must be in [0, 1), got 1");
  REQUIRE_THROWS_WITH((optim::adamw{net, {.beta2 = -0.1}}), "adamw: beta2 must be in [0, 1), got -0.1");
  REQUIRE_THROWS_WITH((optim::keras_adam{net, {.eps = -1}}), "keras_adam: eps must be at least 0, got -1");
}
