#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/autograd/grad_mode.hpp>

#include <thread>

#include "support/backend.hpp"

using T = tl::tensor<double, B>;

namespace {

bool records() { return tl::apply(tl::rule::exp{}, T::ones({1}).requires_grad(true)).tracked(); }

}  // namespace

TEST_CASE("no_grad stops recording for its scope", "[autograd][grad_mode]") {
  REQUIRE(records());
  {
    const tl::no_grad guard;
    REQUIRE_FALSE(tl::grad_enabled());
    REQUIRE_FALSE(records());
    {
      const tl::enable_grad inner;
      REQUIRE(records());
    }
    REQUIRE_FALSE(records());
  }
  REQUIRE(records());
}

TEST_CASE("no_grad ends with its scope when an exception leaves it", "[autograd][grad_mode]") {
  REQUIRE_THROWS_AS(
      [] {
        const tl::no_grad guard;
        T::ones({2}).item();
      }(),
      tl::shape_error);
  REQUIRE(tl::grad_enabled());
}

TEST_CASE("each thread has its own mode", "[autograd][grad_mode]") {
  const tl::no_grad guard;
  bool elsewhere = false;
  std::thread([&] { elsewhere = tl::grad_enabled(); }).join();
  REQUIRE(elsewhere);
}

TEST_CASE("the backward pass records nothing unless asked", "[autograd][grad_mode]") {
  auto x = T::ones({1}).requires_grad(true);
  bool recorded = true;
  auto y = tl::apply(tl::rule::exp{}, x);
  y.on_gradient([&](const T&) { recorded = tl::grad_enabled(); });
  y.backward({.retain_graph = true});
  REQUIRE_FALSE(recorded);
  REQUIRE(tl::grad_enabled());
  y.backward({.create_graph = true});
  REQUIRE(recorded);
  x.zero_grad();
}
