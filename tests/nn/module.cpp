#include <tensorlab/nn/module.hpp>

#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/dropout.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/sequential.hpp>

#include "support/backend.hpp"

namespace nn = tl::nn;

namespace {

using T = tl::tensor<float, B>;
using linear = nn::linear<float, B>;

struct network {
  nn::sequential<linear, nn::relu, nn::dropout> backbone;
  std::vector<linear> heads;
  static constexpr auto fields() { return tl::fields("backbone", &network::backbone, "heads", &network::heads); }
  T operator()(const T& x) const { return heads[0](backbone(x)) + heads[1](backbone(x)); }
};

network make() {
  const tl::random::stream rng{1};
  return {nn::sequential{linear::init({.in = 3, .out = 4}, rng), nn::relu{}, nn::dropout::init({.p = 0.5}, rng)},
          {linear::init({.in = 4, .out = 2}, rng), linear::init({.in = 4, .out = 2, .bias = false}, rng)}};
}

std::vector<std::string> trained(network& net) {
  std::vector<std::string> names;
  for (const auto& p : nn::named_parameters(net))
    if (p.value.requires_grad()) names.push_back(p.name);
  return names;
}

}  // namespace

TEST_CASE("parameters have paths and are counted", "[nn]") {
  network net = make();
  REQUIRE(trained(net) == std::vector<std::string>{"backbone.0.weight", "backbone.0.bias", "heads.0.weight",
                                                   "heads.0.bias", "heads.1.weight"});
  REQUIRE(nn::parameter_count(net) == 12 + 4 + 8 + 2 + 8);
  REQUIRE(nn::parameter_count(std::as_const(net)) == 34);
  // The handles are the parameters themselves.
  {
    const tl::no_grad guard;
    nn::named_parameters(net)[3].value.fill(7);
  }
  test::require_values(*net.heads[0].bias, {7, 7});
}

TEST_CASE("parameters get values of another initialiser by pattern", "[nn]") {
  network net = make();
  const tl::random::stream rng{2}, again{2};
  const auto he = [](const tl::random::stream& from) {
    return [&from](const tl::shape& s) { return nn::he_uniform<float, B>(s, nn::fans_of(s), from); };
  };
  REQUIRE(nn::initialise(net, "heads.*.weight", he(rng)) == 2);
  REQUIRE(net.heads[0].weight.to_vector() == he(again)({2, 4}).to_vector());
  REQUIRE(net.heads[1].weight.to_vector() == he(again)({2, 4}).to_vector());
  REQUIRE(net.heads[0].weight.requires_grad());
  REQUIRE(nn::initialise(net, "*.bias", [](const tl::shape& s) { return T::zeros(s); }) == 2);
  test::require_values(*net.heads[0].bias, {0, 0});
  REQUIRE_THROWS_WITH(nn::initialise(net, "head", he(rng)), "initialise: no parameter's path matches 'head'");
  REQUIRE_THROWS_AS(nn::initialise(net, "*", [](const tl::shape&) { return T::zeros({1}); }), tl::shape_error);
}

TEST_CASE("freezing goes by patterns", "[nn]") {
  network net = make();
  REQUIRE(nn::freeze(net, "backbone.*") == 2);
  REQUIRE(trained(net) == std::vector<std::string>{"heads.0.weight", "heads.0.bias", "heads.1.weight"});
  REQUIRE(nn::freeze(net, "heads.?.weight") == 2);
  REQUIRE(trained(net) == std::vector<std::string>{"heads.0.bias"});
  REQUIRE(nn::unfreeze(net, "*.0.w*") == 2);
  REQUIRE(trained(net) == std::vector<std::string>{"backbone.0.weight", "heads.0.weight", "heads.0.bias"});
  REQUIRE(nn::unfreeze(net) == 5);
  REQUIRE(nn::freeze(net) == 5);
  REQUIRE(trained(net).empty());
  REQUIRE(nn::set_requires_grad(net, "nothing", true) == 0);
  REQUIRE_THROWS_WITH(nn::freeze(net, "head.*"), Catch::Equals("freeze: no parameter's path matches 'head.*'"));
  REQUIRE_THROWS_AS(nn::unfreeze(net, "weight"), tl::value_error);
}

TEST_CASE("frozen parameters get no gradient, the others do", "[nn]") {
  network net = make();
  nn::freeze(net, "backbone.*");
  tl::sum(net(T::ones({2, 3}))).backward();
  for (const auto& p : nn::named_parameters(net)) REQUIRE(p.value.grad().defined() == (p.name[0] == 'h'));
  nn::zero_grad(net);
  for (const auto& p : nn::named_parameters(net)) REQUIRE_FALSE(p.value.grad().defined());
}

TEST_CASE("patterns match as in a shell", "[nn]") {
  const auto& m = nn::detail::matches;
  REQUIRE(m("*", ""));
  REQUIRE(m("", ""));
  REQUIRE_FALSE(m("", "a"));
  REQUIRE(m("a*b*c", "a.x.b.b.c"));
  REQUIRE_FALSE(m("a*b*c", "a.x.b.b"));
  REQUIRE(m("??", "ab"));
  REQUIRE_FALSE(m("??", "abc"));
  REQUIRE(m("*.bias", "x.y.bias"));
  REQUIRE_FALSE(m("bias", "x.bias"));
}

TEST_CASE("train and eval reach every part", "[nn]") {
  network net = make();
  const T x = T::ones({8, 3});
  const auto dropped = [&] { return net.backbone(x).to_vector(); };
  REQUIRE(dropped() != dropped());
  nn::eval(net);
  REQUIRE(dropped() == dropped());
  nn::train(net);
  REQUIRE(dropped() != dropped());
}

TEST_CASE("streams are seeded by their paths", "[nn]") {
  network a = make(), b = make();
  a.backbone(T::ones({8, 3}));
  nn::seed_streams(a, tl::random::stream{5});
  nn::seed_streams(b, tl::random::stream{5});
  const T x = T::ones({8, 3});
  REQUIRE(a.backbone(x).to_vector() == b.backbone(x).to_vector());
  nn::seed_streams(b, tl::random::stream{6});
  nn::seed_streams(a, tl::random::stream{5});
  REQUIRE(a.backbone(x).to_vector() != b.backbone(x).to_vector());
  // Two streams of one module differ.
  nn::sequential net{nn::dropout{}, linear::init({.in = 3, .out = 3}, tl::random::stream{1}), nn::dropout{}};
  nn::seed_streams(net, tl::random::stream{5});
  REQUIRE_FALSE(std::get<0>(net.layers).rng == std::get<2>(net.layers).rng);
  // Nor does a module need a tensor.
  nn::sequential plain{nn::dropout{}, nn::dropout{}}, again = plain;
  nn::seed_streams(plain, tl::random::stream{5});
  nn::seed_streams(again, tl::random::stream{5});
  REQUIRE(std::get<0>(plain.layers).rng == std::get<0>(again.layers).rng);
  REQUIRE_FALSE(std::get<0>(plain.layers).rng == std::get<1>(plain.layers).rng);
}
