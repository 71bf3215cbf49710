#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/autograd/backward.hpp>

#include "support/backend.hpp"

namespace rule = tl::rule;
using T = tl::tensor<double, B>;

namespace {

T exp(const T& x) { return tl::apply(rule::exp{}, x); }
T square(const T& x) { return tl::apply(rule::square{}, x); }
T twice(const T& x) { return tl::apply(rule::mul_scalar{2}, x); }
T add(const T& a, const T& b) { return tl::apply(rule::add{}, a, b); }
T mul(const T& a, const T& b) { return tl::apply(rule::mul{}, a, b); }
T leaf(std::initializer_list<double> values) {
  return T::from(values, {static_cast<std::int64_t>(values.size())}).requires_grad(true);
}

}  // namespace

TEST_CASE("gradients of several uses add up", "[autograd][backward]") {
  auto x = leaf({2, 3});
  add(mul(x, x), x).backward(T::ones({2}));
  test::require_values(x.grad(), {5, 7});
}

TEST_CASE("gradients of an intermediate with several uses add up before it is passed", "[autograd][backward]") {
  auto x = leaf({2});
  const auto h = square(x);
  int calls = 0;
  T(h).on_gradient([&](const T& g) {
    ++calls;
    REQUIRE(g.item() == 1 + 2 + 2 * 4);
  });
  add(add(h, twice(h)), square(h)).backward();
  REQUIRE(calls == 1);
  REQUIRE(x.grad().item() == 11 * 4);
}

TEST_CASE("a gradient that somebody keeps is not added to", "[autograd][backward]") {
  for (const bool kept_comes_first : {false, true}) {
    auto x = leaf({2});
    const auto h = square(x);
    // A sum passes on the gradient that it gets: h collects the very elements that the hook sees.
    const auto sum = add(h, square(h)), other = twice(h);
    T seen;
    T(sum).on_gradient([&](const T& g) { seen = g; });
    (kept_comes_first ? add(other, sum) : add(sum, other)).backward();
    test::require_values(seen, {1});
    test::require_values(x.grad(), {(1 + 2 * 4 + 2) * 4});
  }
}

TEST_CASE("a variable is added to in place where nobody else sees its elements", "[autograd][backward]") {
  const auto one = T::ones({2, 3});
  const auto values = [](const auto& v) { return T(std::static_pointer_cast<T::body_type>(v)); };
  const std::shared_ptr<tl::variable> own = T::full({2, 3}, 2).body();
  REQUIRE(own->add(*one.body()));
  test::require_values(values(own), {3, 3, 3, 3, 3, 3});
  const auto array = T::full({2, 3}, 2).array();
  const std::shared_ptr<tl::variable> shared = T(array).body(), gapped = T(array.restride({2}, {3})).body(),
                                      broadcast = T(T::full({1}, 2).array().restride({2, 3}, {0, 0})).body();
  REQUIRE_FALSE(shared->add(*one.body()));
  REQUIRE_FALSE(gapped->add(*T::ones({2}).body()));
  REQUIRE_FALSE(broadcast->add(*one.body()));
  test::require_values(values(shared), {2, 2, 2, 2, 2, 2});
}

TEST_CASE("backward passes accumulate until zero_grad", "[autograd][backward]") {
  auto x = leaf({2});
  square(x).backward();
  square(x).backward();
  REQUIRE(x.grad().item() == 8);
  x.zero_grad();
  REQUIRE_FALSE(x.grad().defined());
  square(x).backward();
  REQUIRE(x.grad().item() == 4);
}

TEST_CASE("a tensor that is not a scalar needs a gradient to start from", "[autograd][backward]") {
  auto x = leaf({1, 2});
  REQUIRE_THROWS_WITH(square(x).backward(),
                      Catch::Equals("backward: a gradient must be given for a tensor of shape [2]"));
  REQUIRE_THROWS_WITH(square(x).backward(T::ones({3})),
                      Catch::Equals("backward: gradient [3] for a tensor of shape [2]"));
  REQUIRE_THROWS_WITH(T::ones({1}).backward(), Catch::Contains("this tensor was not computed from a leaf"));
}

TEST_CASE("the graph is released by its backward pass", "[autograd][backward]") {
  auto x = leaf({1});
  const auto y = exp(x);
  y.backward();
  REQUIRE_THROWS_WITH(
      y.backward(),
      Catch::Equals("exp: second backward pass through a released graph; keep it with {.retain_graph = true}"));
}

TEST_CASE("a retained graph gives the same gradient again", "[autograd][backward]") {
  auto x = leaf({3});
  const auto y = square(x);
  y.backward({.retain_graph = true});
  y.backward();
  REQUIRE(x.grad().item() == 12);
  REQUIRE_THROWS_AS(y.backward(), tl::gradient_error);
}

TEST_CASE("saved values are freed by the backward pass", "[autograd][backward]") {
  auto x = leaf({1, 2});
  std::weak_ptr<tl::storage> saved;
  const auto y = [&] {
    const auto h = twice(x);
    saved = h.array().storage();
    return square(h);
  }();
  REQUIRE_FALSE(saved.expired());
  y.backward(T::ones({2}));
  REQUIRE(saved.expired());
}

TEST_CASE("a leaf can be its own output", "[autograd][backward]") {
  auto x = leaf({3});
  x.backward();
  REQUIRE(x.grad().item() == 1);
}

TEST_CASE("only paths to leaves that ask are walked", "[autograd][backward]") {
  auto x = leaf({2}), frozen = T::from({5}, {1});
  mul(x, exp(frozen)).backward();
  test::require_values(x.grad(), {std::exp(5.0)});
  REQUIRE_FALSE(frozen.grad().defined());
}

TEST_CASE("gradients of two leaves never share memory", "[autograd][backward]") {
  auto a = leaf({1, 2}), b = leaf({3, 4});
  const auto start = T::ones({2});
  add(a, b).backward(start);
  REQUIRE(a.grad().array().storage() != b.grad().array().storage());
  REQUIRE(a.grad().array().storage() != start.array().storage());
  REQUIRE(b.grad().array().storage() != start.array().storage());
  a.grad().fill(0);
  test::require_values(b.grad(), {1, 1});
  test::require_values(start, {1, 1});
}

TEST_CASE("a gradient that is a broadcast view is stored in memory of its own", "[autograd][backward]") {
  auto x = leaf({1, 2, 3});
  tl::sum_to(x, {}).backward();
  REQUIRE(x.grad().is_contiguous());
  x.grad().fill(4);
  test::require_values(x.grad(), {4, 4, 4});
}

#if TL_TEST_KIND(TL_TEST_BACKEND) != TL_TEST_cuda
TEST_CASE("a gradient in a program's memory is stored in memory of its own", "[autograd][backward]") {
  std::vector<double> memory{5, 6};
  auto x = leaf({1, 2});
  x.on_gradient([&](const T&) { return T::borrow(memory, {2}); });
  x.backward(T::ones({2}));
  memory[0] = 7;
  test::require_values(x.grad(), {5, 6});
}
#endif

TEST_CASE("the gradient has the memory order of its leaf", "[autograd][backward]") {
  auto x = T(T::arange(6).array().restride({3, 2}, {1, 3})).requires_grad(true);
  square(x).backward(T::ones({3, 2}));
  REQUIRE(x.grad().strides() == x.strides());
  tl::apply(rule::mul{}, x, T::ones({2, 3, 2})).backward(T::ones({2, 3, 2}));
  REQUIRE(x.grad().strides() == x.strides());
}

TEST_CASE("hooks on a leaf see and replace the whole gradient", "[autograd][backward]") {
  auto x = leaf({2});
  std::vector<double> seen;
  x.on_gradient([&](const T& g) { seen.push_back(g.item()); });
  x.on_gradient([](const T& g) { return twice(g); });
  add(square(x), x).backward();
  REQUIRE(seen == std::vector<double>{5});
  REQUIRE(x.grad().item() == 10);
}

TEST_CASE("hooks on an intermediate change what flows on", "[autograd][backward]") {
  auto x = leaf({3});
  auto h = square(x);
  h.on_gradient([](const T& g) { return tl::apply(rule::mul_scalar{10}, g); });
  twice(h).backward();
  REQUIRE(x.grad().item() == 2 * 10 * 6);
  REQUIRE_THROWS_WITH(T::ones({1}).on_gradient([](const T&) {}),
                      Catch::Contains("on_gradient: this tensor is not tracked"));
}

TEST_CASE("a recorded backward pass can be differentiated", "[autograd][backward]") {
  auto x = leaf({2});
  mul(mul(x, x), x).backward({.create_graph = true});
  auto first = x.grad();
  REQUIRE(first.item() == 12);
  REQUIRE(first.tracked());
  x.zero_grad();
  first.backward();
  REQUIRE(x.grad().item() == 12);
}

TEST_CASE("a deep graph is walked and released without recursion", "[autograd][backward]") {
  auto x = leaf({1});
  SECTION("after a backward pass") {
    T y = x;
    for (int i = 0; i < 200000; ++i) y = tl::apply(rule::add_scalar{1}, y);
    REQUIRE(y.item() == 200001);
    y.backward();
    REQUIRE(x.grad().item() == 1);
  }
  SECTION("without one, with saved inputs and outputs") {
    T y = x;
    for (int i = 0; i < 100000; ++i) y = tl::apply(rule::tanh{}, tl::apply(rule::sin{}, y));
    REQUIRE(y.tracked());
  }
}

TEST_CASE("a backward pass that an exception ends leaves nothing to the next one", "[autograd][backward]") {
  auto x = T::from({2, 3}, {2}), z = T::from({1, 1}, {2});
  x.requires_grad(true);
  z.requires_grad(true);
  auto first = mul(z, z);
  first.on_gradient([](const T&) { throw tl::value_error("stop"); });
  // x has its gradient when the older node throws.
  REQUIRE_THROWS_AS(tl::apply(tl::rule::add{}, first, mul(x, x)).backward(T::ones({2})), tl::value_error);
  REQUIRE_FALSE(x.grad().defined());
  mul(x, x).backward(T::ones({2}));
  test::require_values(x.grad(), {4, 6});
}
