#include <tensorlab/nn/sequential.hpp>

#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/ops/binary.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

namespace {

template <class T>
auto mlp() {
  const tl::random::stream rng{1};
  using linear = nn::linear<T, B>;
  return nn::sequential{
      linear::init({.in = 3, .out = 4}, rng), nn::tanh{},
      nn::residual<nn::sequential<linear>>{nn::sequential{linear::init({.in = 4, .out = 4, .bias = false}, rng)}},
      linear::init({.in = 4, .out = 2}, rng)};
}

}  // namespace

TEST_CASE("sequential calls its layers in order", "[nn]") {
  const auto net = mlp<float>();
  const auto x = test::uniform<float>({5, 3}, 2);
  const auto& [a, f, r, b] = net.layers;
  const auto h = f(a(x));
  test::require_close(net(x), b(std::get<0>(r.block.layers)(h) + h), 0);
  const nn::sequential<> nothing;
  test::require_close(nothing(x), x, 0);
}

TEST_CASE("sequential keeps the laws of a module", "[nn]") {
  test::check_module(mlp<double>(), {{4, 3}}, {"0.weight", "0.bias", "2.block.0.weight", "3.weight", "3.bias"});
}

namespace {

template <class T = double, class Backend = B>
struct two_heads {
  nn::list<nn::linear<T, Backend>> heads;
  static constexpr auto fields() { return tl::fields("heads", &two_heads::heads); }
  tl::tensor<T, Backend> operator()(const tl::tensor<T, Backend>& x) const {
    const nn::call_scope scope(*this);
    auto y = heads[0](x);
    for (std::size_t i = 1; i < heads.size(); ++i) y = y * heads[i](x);
    return nn::traced(*this, y);
  }
};

}  // namespace

TEST_CASE("a record with a list keeps the laws of a module", "[nn]") {
  const tl::random::stream rng{1};
  using linear = nn::linear<double, B>;
  const two_heads<> net{
      {linear::init({.in = 3, .out = 2}, rng), linear::init({.in = 3, .out = 2, .bias = false}, rng)}};
  test::check_module(net, {{4, 3}}, {"heads.0.weight", "heads.0.bias", "heads.1.weight"});
  REQUIRE_THROWS_WITH(net(tl::tensor<double, B>::ones({4, 2})), Catch::StartsWith("heads.0.linear: "));
}

TEST_CASE("an error tells the layer it comes from", "[nn]") {
  const tl::random::stream rng{1};
  using linear = nn::linear<float, B>;
  const nn::sequential inner{nn::relu{}, linear::init({.in = 5, .out = 1}, rng)};
  const nn::sequential net{linear::init({.in = 3, .out = 4}, rng), inner};
  REQUIRE_THROWS_AS(net(tl::tensor<float, B>::ones({2, 3})), tl::shape_error);
  REQUIRE_THROWS_WITH(net(tl::tensor<float, B>::ones({2, 3})), Catch::StartsWith("1.1.linear: "));
  REQUIRE_THROWS_WITH(net(tl::tensor<float, B>::ones({2, 2})), Catch::StartsWith("0.linear: "));
  const nn::residual<std::remove_const_t<decltype(net)>> block{net};
  REQUIRE_THROWS_WITH(block(tl::tensor<float, B>::ones({2, 3})), Catch::StartsWith("block.1.1.linear: "));
}
