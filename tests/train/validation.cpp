#include <tensorlab/train/validation.hpp>

#include <vector>

#include <tensorlab/train/fit.hpp>

#include "train/toy.hpp"

namespace train = tl::train;

namespace {

/// A module that says in which mode and whether recording it was called.
struct spy {
  toy::net inner;
  tl::nn::mode mode, frozen;
  mutable std::string calls;

  static constexpr auto fields() {
    return tl::fields("inner", &spy::inner, "mode", &spy::mode, "frozen", &spy::frozen, "calls", &spy::calls);
  }
  toy::tensor operator()(const toy::tensor& x) const {
    calls += mode.training ? 't' : tl::grad_enabled() ? '?' : 'e';
    return inner(x);
  }
};

}  // namespace

TEST_CASE("evaluate gives means over samples", "[train]") {
  auto net = toy::make_net();
  auto loader = toy::loader(10, 4);  // batches of 4, 4 and 2
  double expected = 0;
  for (auto&& [x, y] : loader)
    expected += static_cast<double>(tl::loss::mse(net(x), y).item()) * static_cast<double>(x.dim(0)) / 10;
  const auto got = train::evaluate(net, loader, toy::step(net));
  REQUIRE(std::abs(got.at("loss") - expected) < 1e-15);
  REQUIRE(got == train::evaluate(net, loader, toy::step(net)));
}

TEST_CASE("evaluate gives the metrics that a step returns", "[train]") {
  auto net = toy::make_net();
  std::vector<int> batches{2, 6};
  const auto got = train::evaluate(net, batches, [](int n) {
    return train::step_result<float, B>{toy::tensor::scalar(static_cast<float>(n)), {{"first", n == 2 ? 1 : 0}}, n};
  });
  REQUIRE(got == train::values{{"loss", (2.0 * 2 + 6 * 6) / 8}, {"first", 0.25}});
  REQUIRE_THROWS_WITH(train::evaluate(net, batches,
                                      [](int) {
                                        return train::step_result<float, B>{toy::tensor::scalar(1), {}, 0};
                                      }),
                      Catch::Contains("must tell its number of samples"));
}

TEST_CASE("evaluate leaves every part's mode and nothing recorded", "[train]") {
  spy net{toy::make_net(), {}, {}, {}};
  net.frozen.training = false;
  auto loader = toy::loader(4, 2);
  const auto step = [&](const toy::tensor& x, const toy::tensor& y) { return tl::loss::mse(net(x), y); };
  train::evaluate(net, loader, step);
  REQUIRE(net.calls == "ee");
  REQUIRE(net.mode.training);
  REQUIRE_FALSE(net.frozen.training);
  REQUIRE_THROWS_AS(
      train::evaluate(net, loader,
                      [](const toy::tensor&, const toy::tensor&) -> toy::tensor { throw tl::value_error("stop"); }),
      tl::value_error);
  REQUIRE(net.mode.training);
  REQUIRE(tl::grad_enabled());
}

TEST_CASE("a validation adds its values after the epochs it is due", "[train]") {
  spy net{toy::make_net(), {}, {}, {}};
  tl::optim::sgd opt{net, {.lr = 0.1}};
  auto loader = toy::loader(4, 4), other = toy::loader(6, 6);
  const auto step = [&](const toy::tensor& x, const toy::tensor& y) { return tl::loss::mse(net(x), y); };
  train::validation check{net, other, step, {.begin = 3, .interval = 2}};
  const auto h = train::fit(net, opt, loader, {.epochs = 7}, step, check);
  std::string epochs;
  for (const auto& r : h.epochs)
    if (r.metrics.find("val_loss")) epochs += std::to_string(r.epoch);
  REQUIRE(epochs == "467");
  REQUIRE(net.calls == "ttttettete");
}

TEST_CASE("a validation needs a positive interval", "[train]") {
  auto net = toy::make_net();
  auto loader = toy::loader(4, 4);
  REQUIRE_THROWS_WITH((train::validation{net, loader, toy::step(net), {.interval = 0}}),
                      "validation: interval must be positive, got 0");
}
