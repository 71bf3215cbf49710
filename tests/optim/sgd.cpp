#include <tensorlab/optim/sgd.hpp>

#include "optim/five.hpp"
#include "optim/torch_trajectories.hpp"

namespace optim = tl::optim;

TEMPLATE_TEST_CASE("sgd follows PyTorch's trajectories", "[optim]", float, double) {
  const auto check = [](const char* name, const optim::sgd_options& options) {
    INFO(name);
    require_near(after_20_steps<TestType>([&](auto& net) {
                   return optim::sgd{net, options};
                 }),
                 torch_trajectories().at(name));
  };
  check("sgd", {.lr = 0.1});
  check("sgd weight_decay", {.lr = 0.05, .weight_decay = 0.1});
  check("sgd momentum", {.lr = 0.05, .momentum = 0.9});
  check("sgd dampening", {.lr = 0.05, .momentum = 0.8, .dampening = 0.3, .weight_decay = 0.02});
  check("sgd nesterov", {.lr = 0.05, .momentum = 0.9, .weight_decay = 0.02, .nesterov = true});
}

TEST_CASE("sgd takes one step by its formula", "[optim]") {
  five<double> net = five<double>::init();
  net.d = tl::parameter<double, B>(tl::tensor<double, B>::full({1}, 2));
  net.d.set_grad(tl::tensor<double, B>::full({1}, 3));
  optim::sgd opt{net, {.lr = 0.1, .weight_decay = 0.5}};
  opt.step();
  test::require_values(net.d.handle(), {2 - 0.1 * (3 + 0.5 * 2)});
}

TEST_CASE("sgd refuses options out of range", "[optim]") {
  five<float> net = five<float>::init();
  REQUIRE_THROWS_WITH((optim::sgd{net, {.lr = -1}}), "sgd: lr must be at least 0, got -1");
  REQUIRE_THROWS_WITH((optim::sgd{net, {.lr = std::nan("")}}), Catch::Contains("sgd: lr must be at least 0"));
  REQUIRE_THROWS_WITH((optim::sgd{net, {.momentum = 1}}), "sgd: momentum must be in [0, 1), got 1");
  REQUIRE_THROWS_WITH((optim::sgd{net, {.momentum = 0.9, .dampening = 2}}),
                      Catch::Contains("dampening must be in [0, 1]"));
  REQUIRE_THROWS_WITH((optim::sgd{net, {.weight_decay = -1e-9}}), "sgd: weight_decay must be at least 0, got -1e-09");
  REQUIRE_THROWS_WITH((optim::sgd{net, {.nesterov = true}}),
                      Catch::Contains("nesterov needs momentum and no dampening"));
}
