#include <tensorlab/nn/sequential.hpp>

#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/dropout.hpp>
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

namespace {

struct output_counter final : nn::trace_listener {
  void on_output(const tl::record_id&, const tl::shape&) override { ++outputs; }
  int outputs = 0;
};

}  // namespace

TEST_CASE("an activation and a dropout in a sequential give what they give apart", "[nn]") {
  const tl::random::stream rng{1};
  using linear = nn::linear<float, B>;
  const nn::sequential net{linear::init({.in = 3, .out = 40}, rng), nn::gelu{}, nn::dropout::init({.p = 0.3}, rng),
                           linear::init({.in = 40, .out = 2}, rng)};
  auto other = net;
  const auto x = test::uniform<float>({5, 3}, 2).requires_grad(true);
  const auto apart = [&] {
    const auto& [first, activation, drop, last] = other.layers;
    return last(drop(activation(first(x))));
  };
  for (int i = 0; i < 2; ++i) {
    const auto y = net(x), expected = apart();
    REQUIRE(y.to_vector() == expected.to_vector());
    const auto dy = test::uniform<float>({5, 2}, 3);
    REQUIRE(tl::grad(y, {x}, {}, dy)[0].to_vector() == tl::grad(expected, {x}, {}, dy)[0].to_vector());
  }
  output_counter counter;
  {
    const nn::trace_scope traced(counter);
    REQUIRE(net(x).to_vector() == apart().to_vector());
  }
  REQUIRE(counter.outputs == 5 + 4);
  auto evaluated = net;
  nn::eval(evaluated);
  nn::eval(other);
  REQUIRE(evaluated(x).to_vector() == apart().to_vector());
}

TEST_CASE("an activation and a dropout in one pass tell the dropout's path", "[nn]") {
  const tl::random::stream rng{1};
  nn::sequential net{nn::linear<float, B>::init({.in = 3, .out = 4}, rng), nn::relu{},
                     nn::dropout::init({.p = 0.3}, rng)};
  std::get<2>(net.layers).opt.p = 2;
  REQUIRE_THROWS_WITH(net(tl::tensor<float, B>::ones({2, 3})), Catch::StartsWith("2.dropout: the probability"));
}
