#include <tensorlab/optim/ema.hpp>

#include "optim/five.hpp"

namespace optim = tl::optim;

namespace {

/// The module with `d` set to `value`.
void set_d(five<double>& net, double value) {
  const tl::no_grad guard;
  net.d.fill(value);
}

}  // namespace

TEST_CASE("an average follows its recursion", "[optim]") {
  auto net = five<double>::init();
  optim::ema average{net, {.decay = 0.9}};
  double expected = net.d.item();
  for (double v : {3.0, -1.0, 5.0}) {
    set_d(net, v);
    average.update(net);
    expected = 0.9 * expected + 0.1 * v;
  }
  REQUIRE(average.updates() == 3);
  average.copy_to(net);
  test::require_values(net.d.handle(), {expected});
}

TEST_CASE("with warm-up an average keeps less at first", "[optim]") {
  auto net = five<double>::init();
  set_d(net, 0);
  optim::ema average{net, {.decay = 0.26, .warmup = true}};
  set_d(net, 1);
  // kept shares: 2 / 11, 3 / 12, then the decay since 4 / 13 is larger
  double expected = 0;
  for (double kept : {2.0 / 11, 0.25, 0.26}) {
    average.update(net);
    expected = kept * expected + (1 - kept);
  }
  average.copy_to(net);
  test::require_values(net.d.handle(), {expected});
}

TEST_CASE("swap exchanges parameters and averages and back", "[optim]") {
  auto net = five<float>::init();
  const auto first = net.flat();
  optim::ema average{net, {.decay = 0.5}};
  {
    const tl::no_grad guard;
    for (auto* p : net.all()) p->fill(2);
  }
  average.swap(net);
  REQUIRE(net.flat() == first);
  average.swap(net);
  REQUIRE(net.flat() == std::vector<float>(37, 2));
}

TEST_CASE("an average of parameters in another memory order is the same", "[optim]") {
  auto net = five<float>::init(), turned = five<float>::init();
  const auto memory = tl::array<float, B>::empty({12}).restride({3, 4}, {1, 3});
  B::map(tl::rule::copy{}, memory.view(), net.a.array().cview());
  turned.a = tl::parameter<float, B>(tl::tensor<float, B>(memory));
  optim::ema one{net, {.decay = 0.3}}, other{turned, {.decay = 0.3}};
  for (five<float>* n : {&net, &turned}) {
    const tl::no_grad guard;
    n->a.assign(five<float>::values({3, 4}, 9));
  }
  one.update(net);
  other.update(turned);
  REQUIRE(one.state() == other.state());
}

TEST_CASE("an average's state can be saved and loaded", "[optim]") {
  auto net = five<double>::init();
  optim::ema average{net, {.decay = 0.9, .warmup = true}};
  set_d(net, 7);
  average.update(net);
  optim::ema other{net, {.decay = 0.9, .warmup = true}};
  other.load_state(average.state());
  REQUIRE(other.updates() == 1);
  set_d(net, -3);
  average.update(net);
  other.update(net);
  REQUIRE(other.state() == average.state());

  auto state = average.state();
  state[0].second.extents = {4, 3};
  REQUIRE_THROWS_WITH(other.load_state(state), "load_state: wrong shape: a (average [3, 4], state [4, 3])");
  state = average.state();
  state.emplace_back("f", state[0].second);
  REQUIRE_THROWS_WITH(other.load_state(state), "load_state: unexpected keys: f");
  state.erase(state.begin());
  REQUIRE_THROWS_WITH(other.load_state(state), "load_state: missing key: a");
  REQUIRE(other.state() == average.state());
}

TEST_CASE("an average of another module is refused", "[optim]") {
  auto net = five<float>::init(), other = five<float>::init();
  optim::ema average{net};
  other.b = tl::parameter<float, B>(tl::tensor<float, B>::zeros({8}));
  REQUIRE_THROWS_WITH(average.update(other), "ema: the module has not the parameters that are averaged");
  REQUIRE_THROWS_WITH((optim::ema{net, {.decay = 1.1}}), "ema: decay must be in [0, 1], got 1.1");
}
