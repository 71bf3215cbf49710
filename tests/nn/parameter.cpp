#include <tensorlab/nn/parameter.hpp>

#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/reduce.hpp>

#include "support/backend.hpp"

using T = tl::tensor<float, B>;
using parameter = tl::parameter<float, B>;
using buffer = tl::buffer<float, B>;

TEST_CASE("copying a parameter copies its elements, not its gradient", "[nn]") {
  parameter p(T::from({1, 2}, {2}));
  REQUIRE(p.requires_grad());
  tl::sum(p.handle() * p.handle()).backward();
  parameter copy = p;
  REQUIRE(copy.requires_grad());
  REQUIRE_FALSE(copy.grad().defined());
  {
    const tl::no_grad guard;
    copy.fill(9);
  }
  test::require_values(p, {1, 2});
  test::require_values(p.grad(), {2, 4});
  p = copy;
  test::require_values(p, {9, 9});
  p = *&p;
  test::require_values(p, {9, 9});
}

TEST_CASE("a frozen parameter's copy is frozen", "[nn]") {
  parameter p(T::ones({2}));
  p.requires_grad(false);
  REQUIRE_FALSE(parameter(p).requires_grad());
  REQUIRE_FALSE(parameter().defined());
  REQUIRE_FALSE(parameter(parameter()).defined());
}

TEST_CASE("a parameter made of a computed tensor is a leaf of its own tape", "[nn]") {
  const parameter a(T::ones({2}));
  const parameter b(a.handle() + a.handle());
  tl::sum(b.handle()).backward();
  REQUIRE(b.grad().defined());
  REQUIRE_FALSE(a.grad().defined());
}

TEST_CASE("handles tie weights", "[nn]") {
  parameter p(T::from({3}, {1}));
  const T tied = p.handle();
  tl::sum(tied * p.handle()).backward();
  test::require_values(p.grad(), {6});
  {
    const tl::no_grad guard;
    T writable = tied;
    writable.fill(5);
  }
  test::require_values(p, {5});
}

TEST_CASE("buffers copy their elements and collect no gradient", "[nn]") {
  buffer b(T::from({1, 2}, {2}));
  REQUIRE_FALSE(b.tracked());
  buffer copy = b;
  T writable = b.handle();
  writable.fill(0);
  test::require_values(b, {0, 0});
  test::require_values(copy, {1, 2});
}

TEST_CASE("an absent parameter is an undefined tensor", "[nn]") {
  std::optional<parameter> p;
  REQUIRE_FALSE(tl::value_or_undefined(p).defined());
  p = parameter(T::ones({1}));
  REQUIRE(tl::value_or_undefined(p).body() == p->body());
}
