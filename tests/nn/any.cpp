#include <tensorlab/nn/any.hpp>

#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/dropout.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/sequential.hpp>
#include <tensorlab/nn/state_dict.hpp>
#include <tensorlab/nn/summary.hpp>

#include "support/backend.hpp"

namespace nn = tl::nn;

namespace {

using T = tl::tensor<float, B>;
using any = nn::any<float, B>;
using linear = nn::linear<float, B>;

struct network {
  std::vector<any> layers;
  static constexpr auto fields() { return tl::fields("layers", &network::layers); }
  T operator()(T x) const {
    for (const any& layer : layers) x = layer(x);
    return x;
  }
};

network make(std::uint64_t seed) {
  const tl::random::stream rng{seed};
  network n;
  n.layers.emplace_back(linear::init({.in = 3, .out = 4}, rng));
  n.layers.emplace_back(nn::relu{});
  n.layers.emplace_back(nn::dropout::init({.p = 0.5}, rng));
  n.layers.emplace_back(nn::sequential{linear::init({.in = 4, .out = 2, .bias = false}, rng)});
  return n;
}

}  // namespace

TEST_CASE("a network of any modules has the paths of its parts", "[nn]") {
  network n = make(1);
  std::vector<std::string> names;
  for (const auto& p : nn::named_parameters(n)) names.push_back(p.name);
  REQUIRE(names == std::vector<std::string>{"layers.0.weight", "layers.0.bias", "layers.3.0.weight"});
  REQUIRE_THAT(nn::summary(n), Catch::Contains("linear(in=3, out=4)"));
}

TEST_CASE("any computes, trains and evaluates as the module it holds", "[nn]") {
  network n = make(1);
  const T x = test::uniform<float>({6, 3}, 2);
  REQUIRE(n(x).to_vector() != n(x).to_vector());
  nn::eval(n);
  const auto y = n(x);
  const tl::random::stream rng{1};
  const auto first = linear::init({.in = 3, .out = 4}, rng);
  nn::dropout::init({.p = 0.5}, rng);
  const auto last = linear::init({.in = 4, .out = 2, .bias = false}, rng);
  test::require_close(y, last(nn::relu{}(first(x))), 0);
  y.backward(T::ones(y.shape()));
  for (const auto& p : nn::named_parameters(n)) REQUIRE(p.value.grad().defined());
}

TEST_CASE("copying any is deep", "[nn]") {
  network a = make(1);
  network b = a;
  {
    const tl::no_grad guard;
    nn::named_parameters(b)[0].value.fill(0);
  }
  REQUIRE_FALSE(nn::state_dict(a) == nn::state_dict(b));
  a = b;
  REQUIRE(nn::state_dict(a) == nn::state_dict(b));
  const network c = std::move(b);
  REQUIRE(c.layers.size() == 4);
}

TEST_CASE("an empty any says so", "[nn]") {
  any nothing;
  REQUIRE_FALSE(static_cast<bool>(nothing));
  REQUIRE_THROWS_AS(nothing(T::ones({1})), tl::value_error);
  const any copy = nothing;
  REQUIRE_FALSE(static_cast<bool>(copy));
}
