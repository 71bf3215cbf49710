#include <tensorlab/nn/state_dict.hpp>

#include <tensorlab/nn/batch_norm.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/sequential.hpp>

#include "support/backend.hpp"

namespace nn = tl::nn;

namespace {

using linear = nn::linear<float, B>;
using batch_norm = nn::batch_norm<float, B>;
using network = nn::sequential<linear, batch_norm>;

network make(std::uint64_t seed) {
  const tl::random::stream rng{seed};
  return network{linear::init({.in = 3, .out = 2}, rng), batch_norm::init({.features = 2})};
}

}  // namespace

TEST_CASE("state_dict holds parameters and buffers in order", "[nn]") {
  network net = make(1);
  net(test::uniform<float>({4, 3}, 2));
  const auto state = nn::state_dict(net);
  std::vector<std::string> names;
  for (const auto& [name, value] : state) names.push_back(name);
  REQUIRE(names == std::vector<std::string>{"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean",
                                            "1.running_var", "1.num_batches_tracked"});
  REQUIRE(state[0].second.type == tl::dtype::float32);
  REQUIRE(state[0].second.extents == tl::shape{2, 3});
  const auto& weight = std::get<0>(net.layers).weight;
  const auto* stored = reinterpret_cast<const float*>(state[0].second.bytes.data());
  REQUIRE(std::vector<float>(stored, stored + 6) == weight.to_vector());
  REQUIRE(state[6].second.type == tl::dtype::int64);
  REQUIRE(*reinterpret_cast<const std::int64_t*>(state[6].second.bytes.data()) == 1);
  REQUIRE(nn::state_dict(std::as_const(net)) == state);
}

TEST_CASE("state_dict is a copy and load_state_dict its inverse", "[nn]") {
  network a = make(1), b = make(2);
  const auto x = test::uniform<float>({4, 3}, 3);
  a(x);
  const auto state = nn::state_dict(a);
  REQUIRE_FALSE(nn::state_dict(b) == state);
  const auto before = nn::named_parameters(b)[0].value;
  nn::load_state_dict(b, state);
  REQUIRE(nn::state_dict(b) == state);
  // The parameter is the same tensor with other elements: an optimiser keeps its handle.
  REQUIRE(nn::named_parameters(b)[0].value.body() == before.body());
  a(x);
  REQUIRE(nn::state_dict(b) == state);
  REQUIRE_FALSE(nn::state_dict(a) == state);
}

TEST_CASE("integers of 8 bits are saved, and loaded from such alone", "[nn]") {
  struct packed {
    tl::parameter<float, B> p;
    tl::buffer<std::int8_t, B> q;
    static constexpr auto fields() { return tl::fields("p", &packed::p, "q", &packed::q); }
  };
  const auto made = [](std::int8_t first) {
    packed m;
    m.p = tl::parameter<float, B>(tl::tensor<float, B>::from({1}, {1}));
    m.q = tl::buffer<std::int8_t, B>(tl::tensor<std::int8_t, B>::from({first, 127}, {2}));
    return m;
  };
  packed from = made(-128), to = made(3);
  auto state = nn::state_dict(from);
  REQUIRE(state[1].second == tl::host_tensor{tl::dtype::int8, {2}, {0x80, 0x7f}});
  nn::load_state_dict(to, state);
  REQUIRE(to.q.to_vector() == std::vector<std::int8_t>{-128, 127});
  state[1].second = tl::nn::detail::to_host_tensor(tl::tensor<float, B>::from({0.5f, 0.25f}, {2}));
  REQUIRE_THROWS_WITH(nn::load_state_dict(to, state), "load_state_dict: wrong shapes: q (module int8, state float32)");
  REQUIRE(to.q.to_vector() == std::vector<std::int8_t>{-128, 127});
}

TEST_CASE("a strict load lists everything that is wrong and changes nothing", "[nn]") {
  network net = make(1);
  network other = make(2);
  auto state = nn::state_dict(other);
  state.erase(state.begin() + 1);  // 0.bias
  state.emplace_back("2.weight", state[0].second);
  state[1].first = "1.scale";  // was 1.weight
  state[0].second.extents = {3, 2};
  const auto before = nn::state_dict(net);
  REQUIRE_THROWS_AS(nn::load_state_dict(net, state), tl::format_error);
  REQUIRE_THROWS_WITH(
      nn::load_state_dict(net, state),
      Catch::Equals("load_state_dict: missing keys: 0.bias, 1.weight; unexpected keys: 1.scale, 2.weight; "
                    "wrong shapes: 0.weight (module [2, 3], state [3, 2])"));
  REQUIRE_THROWS_WITH(nn::load_state_dict(net, state, {.allow_missing = true, .allow_unexpected = true}),
                      Catch::Equals("load_state_dict: wrong shapes: 0.weight (module [2, 3], state [3, 2])"));
  REQUIRE(nn::state_dict(net) == before);
}

TEST_CASE("a load may leave keys out and report them", "[nn]") {
  network net = make(1), other = make(2);
  auto state = nn::state_dict(other);
  state.erase(state.begin() + 1);
  state.emplace_back("head.weight", state[0].second);
  const auto bias = std::get<0>(net.layers).bias->to_vector();
  const auto report = nn::load_state_dict(net, state, {.allow_missing = true, .allow_unexpected = true});
  REQUIRE(report.missing == std::vector<std::string>{"0.bias"});
  REQUIRE(report.unexpected == std::vector<std::string>{"head.weight"});
  REQUIRE(report.mismatched.empty());
  REQUIRE(std::get<0>(net.layers).weight.to_vector() == std::get<0>(other.layers).weight.to_vector());
  REQUIRE(std::get<0>(net.layers).bias->to_vector() == bias);
}

TEST_CASE("loading converts between float types", "[nn]") {
  network net = make(1);
  nn::sequential<nn::linear<double, B>, nn::batch_norm<double, B>> wide;
  const tl::random::stream rng{7};
  std::get<0>(wide.layers) = nn::linear<double, B>::init({.in = 3, .out = 2}, rng);
  std::get<1>(wide.layers) = nn::batch_norm<double, B>::init({.features = 2});
  nn::load_state_dict(net, nn::state_dict(wide));
  const auto narrow = std::get<0>(net.layers).weight.to_vector();
  const auto exact = std::get<0>(wide.layers).weight.to_vector();
  for (std::size_t i = 0; i < exact.size(); ++i) REQUIRE(narrow[i] == static_cast<float>(exact[i]));
  // A half-precision file.
  auto state = nn::state_dict(net);
  const tl::half values[] = {tl::half(0.5f), tl::half(-2.0f)};
  state[1].second.type = tl::dtype::float16;
  state[1].second.bytes.assign(reinterpret_cast<const std::uint8_t*>(values),
                               reinterpret_cast<const std::uint8_t*>(values) + sizeof(values));
  nn::load_state_dict(net, state);
  test::require_values(*std::get<0>(net.layers).bias, {0.5, -2});
}
