#include <tensorlab/autograd/checkpoint.hpp>
#include <tensorlab/autograd/gradcheck.hpp>

#include "support/backend.hpp"

using T = tl::tensor<double, B>;

namespace {

T exp(const T& x) { return tl::apply(tl::rule::exp{}, x); }
T mul(const T& a, const T& b) { return tl::apply(tl::rule::mul{}, a, b); }

}  // namespace

TEST_CASE("a checkpointed part has the same value and gradients", "[autograd]") {
  auto x = T::from({0.1, 0.2}, {2}).requires_grad(true), w = T::from({2, 3}, {2}).requires_grad(true);
  const auto part = [&w](const T& v) { return exp(mul(v, w)); };
  const auto plain = part(x);
  plain.backward(T::ones({2}));
  const auto gx = x.grad().to_vector(), gw = w.grad().to_vector();
  x.zero_grad();
  w.zero_grad();
  const auto again = tl::checkpoint(part, x);
  REQUIRE(again.to_vector() == plain.to_vector());
  again.backward(T::ones({2}));
  REQUIRE(x.grad().to_vector() == gx);
  REQUIRE(w.grad().to_vector() == gw);
}

TEST_CASE("a leaf inside gets its gradient when the input is not tracked", "[autograd]") {
  const auto x = T::from({0.1, 0.2}, {2});
  auto w = T::from({2, 3}, {2}).requires_grad(true);
  tl::checkpoint([&w](const T& v) { return mul(v, w); }, x).backward(T::ones({2}));
  test::require_values(w.grad(), {0.1, 0.2});
}

TEST_CASE("random numbers repeat in the second run and the stream goes on after it", "[autograd]") {
  const tl::random::stream rng{7};
  auto x = T::ones({4}).requires_grad(true);
  std::vector<std::vector<double>> masks;
  const auto part = [&](const T& v) {
    const auto m = T::uniform({4}, rng);
    masks.push_back(m.to_vector());
    return mul(v, m);
  };
  const auto y = tl::checkpoint(part, {&rng}, x);
  const auto counter = rng.counter();
  y.backward(T::ones({4}));
  REQUIRE(masks.size() == 2);
  REQUIRE(masks[0] == masks[1]);
  REQUIRE(x.grad().to_vector() == masks[0]);
  REQUIRE(rng.counter() == counter);
}

TEST_CASE("the second run knows that it is one", "[autograd]") {
  auto x = T::ones({1}).requires_grad(true);
  std::vector<bool> seen;
  const auto y = tl::checkpoint(
      [&](const T& v) {
        seen.push_back(tl::recomputing());
        return exp(v);
      },
      x);
  y.backward();
  REQUIRE(seen == std::vector<bool>{false, true});
}

TEST_CASE("a recorded backward pass through a checkpoint is refused", "[autograd]") {
  auto x = T::ones({1}).requires_grad(true);
  const auto y = tl::checkpoint([](const T& v) { return exp(v); }, x);
  REQUIRE_THROWS_WITH(y.backward({.create_graph = true}), Catch::Contains("checkpoint: a second derivative"));
}
