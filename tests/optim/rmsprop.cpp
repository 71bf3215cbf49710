#include <tensorlab/optim/rmsprop.hpp>

#include "optim/five.hpp"
#include "optim/torch_trajectories.hpp"

namespace optim = tl::optim;

TEMPLATE_TEST_CASE("rmsprop follows PyTorch's trajectories", "[optim]", float, double) {
  const auto check = [](const char* name, const optim::rmsprop_options& options) {
    INFO(name);
    require_near(after_20_steps<TestType>([&](auto& net) {
                   return optim::rmsprop{net, options};
                 }),
                 torch_trajectories().at(name));
  };
  check("rmsprop", {.lr = 0.01});
  check("rmsprop momentum", {.lr = 0.01, .alpha = 0.9, .weight_decay = 0.1, .momentum = 0.7});
  check("rmsprop centered", {.lr = 0.01, .alpha = 0.9, .eps = 1e-3, .centered = true});
  check("rmsprop centered momentum", {.lr = 0.01, .momentum = 0.7, .centered = true});
}

TEST_CASE("centered rmsprop stays finite where the gradient never changes", "[optim]") {
  five<float> net = five<float>::init();
  optim::rmsprop opt{net, {.lr = 1e-3, .alpha = 0.1, .centered = true}};
  for (int i = 0; i < 50; ++i) {
    for (auto* p : net.all()) p->set_grad(tl::tensor<float, B>::full(p->shape(), 0.7F));
    opt.step();
  }
  for (float v : net.flat()) REQUIRE(std::isfinite(v));
}

TEST_CASE("rmsprop refuses options out of range", "[optim]") {
  five<float> net = five<float>::init();
  REQUIRE_THROWS_WITH((optim::rmsprop{net, {.alpha = 1}}), "rmsprop: alpha must be in [0, 1), got 1");
  REQUIRE_THROWS_WITH((optim::rmsprop{net, {.momentum = -1}}), "rmsprop: momentum must be in [0, 1), got -1");
}
