#include <tensorlab/optim/loss_scaler.hpp>

#include <limits>

#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/optim/sgd.hpp>

#include "optim/five.hpp"

namespace optim = tl::optim;

namespace {

/// One step whose gradients are finite, or not.
bool step(optim::loss_scaler& scaler, double gradient) {
  auto net = five<double>::init();
  net.d.set_grad(tl::tensor<double, B>::full({1}, gradient));
  const bool finite = scaler.unscale(net);
  scaler.update();
  return finite;
}

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("a scaled backward pass and unscale give the plain gradient", "[optim]") {
  auto net = five<float>::init();
  const auto loss = tl::sum_to(tl::apply(tl::rule::square{}, net.b.handle()), {});
  optim::loss_scaler scaler;
  loss.backward(scaler.start(loss));
  REQUIRE(net.b.grad().to_vector()[0] == 65536 * 2 * net.b.to_vector()[0]);
  REQUIRE(scaler.unscale(tl::nn::named_parameters(net)));
  // The scale is a power of two, so nothing is rounded.
  for (std::size_t i = 0; i < 7; ++i) REQUIRE(net.b.grad().to_vector()[i] == 2 * net.b.to_vector()[i]);
}

TEST_CASE("a dynamic scale grows after good steps and shrinks after a bad one", "[optim]") {
  optim::loss_scaler scaler{{.scale = 1024, .interval = 3}};
  REQUIRE(step(scaler, 1));
  REQUIRE(step(scaler, 1));
  REQUIRE(scaler.scale() == 1024);
  REQUIRE_FALSE(step(scaler, infinity));
  REQUIRE(scaler.scale() == 512);
  REQUIRE_FALSE(step(scaler, -infinity));
  REQUIRE_FALSE(step(scaler, std::nan("")));
  REQUIRE(scaler.scale() == 128);
  for (int i = 0; i < 2; ++i) REQUIRE(step(scaler, 1));
  REQUIRE(scaler.scale() == 128);
  REQUIRE(step(scaler, 1));
  REQUIRE(scaler.scale() == 256);
}

TEST_CASE("PyTorch's defaults: 65536, doubled after 2000 good steps", "[optim]") {
  optim::loss_scaler scaler;
  for (int i = 0; i < 1999; ++i) scaler.update();
  REQUIRE(scaler.scale() == 65536);
  scaler.update();
  REQUIRE(scaler.scale() == 131072);
}

TEST_CASE("a constant scale stays", "[optim]") {
  auto scaler = optim::loss_scaler::constant(512);
  REQUIRE(step(scaler, 1));
  REQUIRE_FALSE(step(scaler, infinity));
  REQUIRE(scaler.scale() == 512);
}

TEST_CASE("a scaler's state can be saved and loaded", "[optim]") {
  optim::loss_scaler scaler{{.scale = 8, .interval = 2}}, other{{.interval = 2}};
  step(scaler, 1);
  other.load_state(scaler.state());
  step(scaler, 1);
  step(other, 1);
  REQUIRE(scaler.scale() == 16);
  REQUIRE(other.scale() == 16);
  REQUIRE(other.state() == scaler.state());
  REQUIRE_THROWS_WITH(other.load_state({}), "load_state: missing key: scale");
}

TEST_CASE("a scaler refuses settings out of range", "[optim]") {
  REQUIRE_THROWS_WITH(optim::loss_scaler({.scale = 0}), Catch::Contains("settings out of range: scale 0"));
  REQUIRE_THROWS_AS(optim::loss_scaler({.growth = 0.5}), tl::value_error);
  REQUIRE_THROWS_AS(optim::loss_scaler({.backoff = 0}), tl::value_error);
  REQUIRE_THROWS_AS(optim::loss_scaler({.interval = 0}), tl::value_error);
}

TEST_CASE("a scaler's step unscales and limits gradients on the way", "[optim]") {
  auto net = five<float>::init(), other = five<float>::init();
  optim::sgd opt{net, {.lr = 0.5}}, plain{other, {.lr = 0.5}};
  optim::loss_scaler scaler{{.scale = 1024, .interval = 2}};
  for (const double max_norm : {0.0, 0.25}) {
    const auto gradients = [](five<float>& n, double times) {
      n.set_gradients(3);
      for (auto* p : n.all()) p->set_grad(tl::apply(tl::rule::mul_scalar{times}, p->grad()));
    };
    gradients(net, 1024);
    gradients(other, 1);
    if (max_norm > 0) optim::clip_grad_norm(other, max_norm);
    REQUIRE(scaler.step(opt, max_norm));
    plain.step();
    const std::vector<float> expected = other.flat();
    require_near(net.flat(), std::vector<double>(expected.begin(), expected.end()));
    REQUIRE(net.a.grad().to_vector()[0] != other.a.grad().to_vector()[0]);
  }
  REQUIRE(scaler.scale() == 2048);
  const auto before = net.flat();
  net.set_gradients(3);
  net.d.set_grad(tl::tensor<float, B>::full({1}, std::numeric_limits<float>::infinity()));
  REQUIRE_FALSE(scaler.step(opt));
  REQUIRE(scaler.scale() == 1024);
  REQUIRE(net.flat() == before);
  REQUIRE(opt.steps() == 2);
}
