#include <tensorlab/autograd/observer.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/autograd/checkpoint.hpp>
#include <tensorlab/autograd/custom_op.hpp>
#include <tensorlab/rule/binary.hpp>

#include "support/backend.hpp"

namespace rule = tl::rule;
using T = tl::tensor<double, B>;

namespace {

/// Writes events down: `name` or `name!phase`, `name{` and `}`.
struct scribe final : tl::op_observer {
  std::string text;

  static std::string mark(tl::op_phase p) {
    switch (p) {
      case tl::op_phase::forward:
        return "";
      case tl::op_phase::backward:
        return "'";
      case tl::op_phase::optimiser:
        return "!";
      case tl::op_phase::other:
        return "?";
    }
    return "unknown";
  }
  void ended(const char* name, tl::op_phase p) override { text += name + mark(p) + " "; }
  void begin(const char* name, tl::op_phase p) override { text += name + mark(p) + "{ "; }
  void end() noexcept override { text += "} "; }
};

T square(const T& x) { return tl::apply(rule::square{}, x); }
T exp(const T& x) { return tl::apply(rule::exp{}, x); }

/// What a scribe hears of f().
template <class F>
std::string heard(F f) {
  scribe s;
  const tl::observer_scope scope(&s);
  f();
  return s.text;
}

}  // namespace

TEST_CASE("an observer hears of ops forward and backward", "[autograd][observer]") {
  auto x = T::from({1, 2}, {2}).requires_grad(true);
  T y;
  REQUIRE(heard([&] {
            const auto a = exp(x), b = square(x);
            y = tl::apply(rule::mul{}, a, b);
          }) == "exp square mul ");
  REQUIRE(heard([&] { y.backward(T::ones({2})); }) ==
          "backward pass'{ mul'{ mul mul } square'{ square } exp'{ exp } } ");
  const auto untracked = T::ones({2});
  REQUIRE(heard([&] { exp(untracked); }) == "exp ");
  REQUIRE(heard([&] {
            const tl::no_grad guard;
            square(x);
          }) == "square ");
}

TEST_CASE("an observer hears of ops that are never recorded", "[autograd][observer]") {
  const auto x = T::from({1, -2.5}, {2});
  const auto i = tl::tensor<std::int64_t, B>::from({1, 2}, {2});
  REQUIRE(heard([&] { tl::apply(rule::floor{}, x); }) == "floor ");
  REQUIRE(heard([&] { tl::apply(rule::neg{}, i); }) == "neg ");
  REQUIRE(heard([&] { tl::apply(rule::add{}, i, i); }) == "add ");
  REQUIRE(heard([&] { tl::apply_to<bool>(rule::less{}, x, x); }) == "less ");
}

TEST_CASE("an op made of ops is heard of after them", "[autograd][observer]") {
  const auto cube = tl::custom_op(
      "cube", [](const auto& x) { return tl::apply(rule::mul{}, square(x), x); },
      [](const auto&, const auto& dy, const auto& x, const auto&) {
        return tl::apply(rule::mul{}, dy, tl::apply(rule::mul_scalar{3}, square(x)));
      });
  auto x = T::from({2}, {1}).requires_grad(true);
  REQUIRE(heard([&] { cube(x).backward(); }) == "square mul cube backward pass'{ cube'{ square mul_scalar mul } } ");
  REQUIRE(x.grad().item() == 12);
}

TEST_CASE("a checkpoint's second run is a forward pass", "[autograd][observer]") {
  auto x = T::from({2}, {1}).requires_grad(true);
  const auto y = tl::checkpoint([](const T& v) { return exp(square(v)); }, x);
  REQUIRE(heard([&] { y.backward(T::ones({1})); }) ==
          "backward pass'{ checkpoint'{ recomputation{ square exp } backward pass'{ exp'{ exp } square'{ square } } } "
          "} ");
}

TEST_CASE("a scope is heard of from its beginning to its end", "[autograd][observer]") {
  const auto x = T::ones({1});
  REQUIRE(heard([&] {
            const tl::op_scope outer("augment"), inner("adam", tl::op_phase::optimiser);
            exp(x);
          }) == "augment?{ adam!{ exp } } ");
  REQUIRE(heard([] { tl::op_ended("data", tl::op_phase::other); }) == "data? ");
}

TEST_CASE("observers are nested and leave with their scope, by an exception too", "[autograd][observer]") {
  const auto x = T::ones({1});
  scribe outer, inner;
  REQUIRE(tl::current_observer() == nullptr);
  {
    const tl::observer_scope first(&outer);
    exp(x);
    const auto failing = [&] {
      const tl::observer_scope second(&inner);
      const tl::op_scope scope("failing");
      square(x);
      throw std::runtime_error("on purpose");
    };
    REQUIRE_THROWS_AS(failing(), std::runtime_error);
    REQUIRE(tl::current_observer() == &outer);
    {
      const tl::observer_scope none(nullptr);
      exp(x);
    }
    exp(x);
  }
  REQUIRE(tl::current_observer() == nullptr);
  exp(x);
  REQUIRE(outer.text == "exp exp ");
  REQUIRE(inner.text == "failing?{ square } ");
}

TEST_CASE("a failing backward pass ends what it began", "[autograd][observer]") {
  auto x = T::from({1, 2}, {2}).requires_grad(true);
  const auto y = square(x);
  {
    const tl::no_grad guard;
    x.fill(0);
  }
  REQUIRE(heard([&] { REQUIRE_THROWS_AS(y.backward(T::ones({2})), tl::gradient_error); }) ==
          "backward pass'{ square'{ } } ");
}

TEST_CASE("a scope that outlives its observer tells nobody", "[autograd][observer]") {
  scribe s;
  {
    const tl::observer_scope scope(&s);
    const tl::op_scope op("cut");
    tl::exchange_observer(nullptr);
  }
  REQUIRE(s.text == "cut?{ ");
  REQUIRE(tl::current_observer() == nullptr);
}

TEST_CASE("an observed op has the same result", "[autograd][observer]") {
  const auto gradient = [] {
    auto x = test::uniform<double>({5, 7}, 3);
    x.requires_grad(true);
    tl::apply(rule::mul{}, exp(x), square(x)).backward(T::ones({5, 7}));
    return x.grad().to_vector();
  };
  std::vector<double> observed;
  heard([&] { observed = gradient(); });
  REQUIRE(observed == gradient());
}
