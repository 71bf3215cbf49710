#include <tensorlab/nn/convert.hpp>

#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/batch_norm.hpp>
#include <tensorlab/nn/dropout.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/sequential.hpp>

#include "support/backend.hpp"

namespace nn = tl::nn;

namespace {

template <class T = float, tl::backend Backend = B>
struct network {
  nn::sequential<nn::linear<T, Backend>, nn::relu, nn::dropout> body;
  std::vector<nn::linear<T, Backend>> heads;
  std::optional<nn::batch_norm<T, Backend>> norm;
  std::array<tl::parameter<T, Backend>, 2> scales;
  int choice = 0;
  static constexpr auto fields() {
    using self = network;
    return tl::fields("body", &self::body, "heads", &self::heads, "norm", &self::norm, "scales", &self::scales,
                      "choice", &self::choice);
  }
};

network<> make() {
  const tl::random::stream rng{1};
  network<> n;
  n.body = nn::sequential{nn::linear<float, B>::init({.in = 3, .out = 2}, rng), nn::relu{},
                          nn::dropout::init({.p = 0.25}, rng)};
  n.heads = {nn::linear<float, B>::init({.in = 2, .out = 1, .bias = false}, rng)};
  n.norm = nn::batch_norm<float, B>::init({.features = 2});
  n.scales[1] = tl::parameter<float, B>(tl::tensor<float, B>::ones({2}));
  n.choice = 3;
  return n;
}

using wide = nn::rebind_t<network<>, double, tl::reference>;
static_assert(std::is_same_v<wide, network<double, tl::reference>>);
static_assert(
    std::is_same_v<nn::rebind_t<std::vector<nn::linear<float, B>>, double, B>, std::vector<nn::linear<double, B>>>);
static_assert(std::is_same_v<nn::rebind_t<nn::sequential<nn::linear<float, B>, nn::relu>, double, B>,
                             nn::sequential<nn::linear<double, B>, nn::relu>>);
static_assert(std::is_same_v<nn::rebind_t<tl::buffer<std::int64_t, B>, double, tl::reference>,
                             tl::buffer<std::int64_t, tl::reference>>);

}  // namespace

TEST_CASE("conversion keeps values, settings, modes, streams and freezing", "[nn]") {
  network<> n = make();
  nn::freeze(n, "heads.*");
  nn::eval(n);
  std::get<2>(n.body.layers).rng.take(5);
  auto converted = nn::to<double, tl::reference>(n);
  static_assert(std::is_same_v<decltype(converted), wide>);
  REQUIRE(nn::parameter_count(converted) == nn::parameter_count(n));
  const auto before = nn::named_parameters(n);
  const auto after = nn::named_parameters(converted);
  REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    INFO(before[i].name);
    REQUIRE(before[i].name == after[i].name);
    REQUIRE(before[i].value.requires_grad() == after[i].value.requires_grad());
    const auto from = before[i].value.to_vector();
    REQUIRE(after[i].value.to_vector() == std::vector<double>(from.begin(), from.end()));
  }
  REQUIRE(converted.choice == 3);
  REQUIRE_FALSE(converted.scales[0].defined());
  REQUIRE(converted.heads[0].opt.out == 1);
  REQUIRE_FALSE(converted.heads[0].bias.has_value());
  REQUIRE_FALSE(converted.norm->mode.training);
  REQUIRE(std::get<2>(converted.body.layers).rng == std::get<2>(n.body.layers).rng);
  REQUIRE(converted.norm->num_batches_tracked.item() == 0);
}

TEST_CASE("conversion there and back is identity", "[nn]") {
  network<> n = make();
  auto back = nn::to<float, B>(nn::to<double, tl::reference>(n));
  REQUIRE(nn::state_dict(back) == nn::state_dict(n));
  auto same = nn::to_backend<B>(n);
  REQUIRE(nn::state_dict(same) == nn::state_dict(n));
  {
    const tl::no_grad guard;
    nn::named_parameters(same)[0].value.fill(0);
  }
  REQUIRE_FALSE(nn::state_dict(same) == nn::state_dict(n));  // a copy even if nothing changes
}

TEST_CASE("a copy of the same type can be put on another device", "[nn]") {
  if constexpr (B::host_accessible) {  // which calls its memory by any number
    network<> n = make();
    nn::freeze(n, "heads.*");
    auto moved = nn::to_backend<B>(n, 3);
    REQUIRE(nn::state_dict(moved) == nn::state_dict(n));
    const auto before = nn::named_parameters(n), after = nn::named_parameters(moved);
    for (std::size_t i = 0; i < after.size(); ++i) {
      REQUIRE(after[i].value.device() == 3);
      REQUIRE(after[i].value.requires_grad() == before[i].value.requires_grad());
    }
    REQUIRE(moved.norm->running_mean.device() == 3);
    REQUIRE(moved.norm->num_batches_tracked.device() == 3);
  }
}

TEST_CASE("an absent part stays absent", "[nn]") {
  network<> n = make();
  n.norm.reset();
  REQUIRE_FALSE(nn::to<double>(n).norm.has_value());
}
