#include <tensorlab/nn/trace.hpp>

#include <tensorlab/nn/gru.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/lstm.hpp>
#include <tensorlab/nn/sequential.hpp>

#include "support/backend.hpp"

namespace nn = tl::nn;

namespace {

struct input_recorder final : nn::input_listener<float, B> {
  void on_input(const tl::record_id& id, const tl::tensor<float, B>& x) override {
    ids.push_back(id);
    inputs.push_back(x);
  }
  std::vector<tl::record_id> ids;
  std::vector<tl::tensor<float, B>> inputs;
};

struct recorder final : nn::trace_listener {
  void on_output(const tl::record_id& id, const tl::shape& output) override {
    ids.push_back(id);
    shapes.push_back(tl::to_string(output));
  }
  std::vector<tl::record_id> ids;
  std::vector<std::string> shapes;
};

}  // namespace

TEST_CASE("a listener hears of outputs while its scope is alive", "[nn]") {
  using linear = nn::linear<float, B>;
  const tl::random::stream rng{1};
  const nn::sequential net{linear::init({.in = 3, .out = 4}, rng), linear::init({.in = 4, .out = 2}, rng)};
  const auto x = tl::tensor<float, B>::ones({5, 3});
  recorder outer, inner;
  {
    const nn::trace_scope one(outer);
    REQUIRE(nn::is_traced());
    net(x);
    {
      const nn::trace_scope two(inner);
      std::get<0>(net.layers)(x);
    }
    std::get<1>(net.layers)(tl::tensor<float, B>::ones({4}));
  }
  net(x);
  REQUIRE(outer.shapes == std::vector<std::string>{"[5, 4]", "[5, 2]", "[5, 2]", "[2]"});
  REQUIRE(outer.ids[1] == outer.ids[3]);
  REQUIRE(outer.ids[2] == tl::id_of(net));
  REQUIRE(outer.ids[0] == tl::id_of(std::get<0>(net.layers)));
  REQUIRE(inner.shapes == std::vector<std::string>{"[5, 4]"});
}

TEST_CASE("a listener hears of the inputs of linear and recurrent layers while its scope is alive", "[nn]") {
  const tl::random::stream rng{1};
  const auto linear = nn::linear<float, B>::init({.in = 3, .out = 2}, rng);
  const auto gru = nn::gru<float, B>::init({.in = 2, .hidden = 2}, rng);
  const auto lstm = nn::lstm<float, B>::init({.in = 2, .hidden = 2}, rng);
  const auto x = tl::tensor<float, B>::ones({1, 4, 3});
  input_recorder heard;
  {
    const nn::input_scope scope(heard);
    lstm(gru(linear(x)).output);
  }
  linear(x);
  REQUIRE(heard.ids == std::vector<tl::record_id>{tl::id_of(linear), tl::id_of(gru), tl::id_of(lstm)});
  REQUIRE(heard.inputs[0].body() == x.body());
  REQUIRE(tl::to_string(heard.inputs[2].shape()) == "[1, 4, 2]");
}
