#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/autograd/tensor.hpp>

#include <cmath>

#include "support/backend.hpp"

using T = tl::tensor<double, B>;
using integers = tl::tensor<std::int64_t, B>;

TEST_CASE("tensors are made from values", "[autograd][tensor]") {
  test::require_values(T::from({1, 2, 3, 4}, {2, 2}), {1, 2, 3, 4});
  test::require_values(T::zeros({2}), {0, 0});
  test::require_values(T::ones({2}), {1, 1});
  test::require_values(T::full({2}, 7), {7, 7});
  test::require_values(T::arange(3, 1, 0.5), {1, 1.5, 2});
  REQUIRE(integers::arange(3, 5, -2).to_vector() == std::vector<std::int64_t>{5, 3, 1});
  REQUIRE(T::scalar(3).rank() == 0);
  REQUIRE(T::scalar(3).item() == 3);
  REQUIRE(T::empty({0, 3}).size() == 0);
  REQUIRE(tl::tensor<bool, B>::full({}, true).item());
}

TEST_CASE("construction is checked", "[autograd][tensor]") {
  REQUIRE_THROWS_WITH(T::from({1, 2, 3}, {2, 2}), Catch::Equals("array: 3 values do not fill shape [2, 2]"));
  REQUIRE_THROWS_WITH(T::empty({2, -1}), Catch::Equals("array: negative extent in shape [2, -1]"));
}

TEST_CASE("copies of a handle share elements", "[autograd][tensor]") {
  auto x = T::ones({2});
  const auto y = x;
  x.fill(5);
  test::require_values(y, {5, 5});
}

TEST_CASE("shapes are read and checked in one line", "[autograd][tensor]") {
  const auto x = T::ones({2, 3, 4});
  const auto [n, t, c] = x.dims<3>("gru: input");
  REQUIRE(n == 2);
  REQUIRE(t == 3);
  REQUIRE(c == 4);
  REQUIRE(x.dim(-1) == 4);
  REQUIRE(x.rank() == 3);
  REQUIRE_THROWS_WITH(x.dims<2>("gru: input"), Catch::Equals("gru: input: expected rank 2, got shape [2, 3, 4]"));
  REQUIRE_THROWS_WITH(x.dim(3), Catch::Equals("dim: axis 3 is outside a tensor of rank 3"));
}

TEST_CASE("item wants exactly one element", "[autograd][tensor]") {
  REQUIRE(T::full({1, 1}, 4).item() == 4);
  REQUIRE_THROWS_WITH(T::ones({2}).item(), Catch::Equals("item: shape [2] does not have exactly one element"));
  REQUIRE_THROWS_AS(T::empty({0}).item(), tl::shape_error);
}

TEST_CASE("an undefined tensor says so when used", "[autograd][tensor]") {
  const T nothing;
  REQUIRE_FALSE(nothing.defined());
  REQUIRE_FALSE(nothing.tracked());
  REQUIRE_THROWS_WITH(nothing.shape(), Catch::Equals("tensor: an undefined tensor was used"));
  REQUIRE_THROWS_AS(tl::apply(tl::rule::exp{}, nothing), tl::gradient_error);
}

TEST_CASE("to_vector follows row-major order whatever the strides", "[autograd][tensor]") {
  const auto x = T::from({1, 2, 3, 4, 5, 6}, {2, 3});
  REQUIRE(T(x.array().restride({3, 2}, {1, 3})).to_vector() == std::vector<double>{1, 4, 2, 5, 3, 6});
}

TEST_CASE("random tensors come from the stream alone", "[autograd][tensor]") {
  const tl::random::stream rng{42};
  const auto a = tl::tensor<float, B>::uniform({1000}, rng, -1, 1);
  REQUIRE(rng.counter() == 250);
  const tl::random::stream same{42};
  REQUIRE(a.to_vector() == tl::tensor<float, tl::reference>::uniform({1000}, same, -1, 1).to_vector());
  for (float v : a.to_vector()) REQUIRE((v >= -1 && v < 1));
  const auto b = tl::tensor<float, B>::uniform({1000}, rng, -1, 1);
  REQUIRE(a.to_vector() != b.to_vector());
  double sum = 0, squares = 0;
  const auto normal = T::normal({4000}, rng, 3, 2).to_vector();
  for (double v : normal) {
    sum += v;
    squares += (v - 3) * (v - 3);
  }
  // Five standard errors of mean and variance.
  REQUIRE(std::abs(sum / 4000 - 3) < 5 * 2 / std::sqrt(4000.0));
  REQUIRE(std::abs(squares / 4000 - 4) < 5 * 4 * std::sqrt(2 / 4000.0));
}

TEST_CASE("in-place writes are refused on tracked tensors", "[autograd][tensor]") {
  auto x = T::ones({2}).requires_grad(true);
  REQUIRE_THROWS_WITH(x.fill(0), Catch::Equals("fill: in-place write to a tracked tensor; write under no_grad"));
  REQUIRE_THROWS_AS(x.assign(T::zeros({2})), tl::gradient_error);
  const tl::no_grad guard;
  x.assign(T::from({3, 4}, {2}));
  test::require_values(x, {3, 4});
  REQUIRE_THROWS_WITH(x.assign(T::ones({3})), Catch::Equals("assign: shapes differ: to [2], from [3]"));
}

TEST_CASE("only leaves collect gradients", "[autograd][tensor]") {
  auto x = T::ones({2}).requires_grad(true);
  auto y = tl::apply(tl::rule::exp{}, x);
  REQUIRE_THROWS_WITH(y.requires_grad(true), Catch::Contains("requires_grad: only leaves collect gradients"));
  auto cut = tl::stop_gradient(y);
  REQUIRE_FALSE(cut.tracked());
  REQUIRE_NOTHROW(cut.requires_grad(true));
  x.requires_grad(false);
  REQUIRE_FALSE(x.tracked());
}

#if TL_TEST_KIND(TL_TEST_BACKEND) != TL_TEST_cuda
TEST_CASE("host memory is borrowed without a copy", "[autograd][tensor]") {
  std::vector<double> memory{1, 2, 3, 4};
  auto x = T::borrow(memory, {2, 2});
  x.fill(7);
  REQUIRE(memory == std::vector<double>{7, 7, 7, 7});
  REQUIRE(x.span().data() == memory.data());
  const auto turned = T::borrow(memory.data(), {2, 2}, {1, 2});
  REQUIRE_THROWS_WITH(turned.span(),
                      Catch::Equals("span: shape [2, 2] with strides [1, 2] is not row-major; use contiguous()"));
  REQUIRE_THROWS_WITH(T::borrow(memory, {3}), Catch::Equals("tensor: 4 values do not fill shape [3]"));
  auto owner = std::make_shared<int>(0);
  {
    const auto kept = T::borrow(memory, {4}, owner);
    REQUIRE(owner.use_count() == 2);
  }
  REQUIRE(owner.use_count() == 1);
}

TEST_CASE("writing through a span counts as a write", "[autograd][tensor]") {
  auto x = T::ones({2}).requires_grad(true);
  const auto y = tl::apply(tl::rule::square{}, x);
  x.mutable_span()[0] = 3;
  REQUIRE_THROWS_AS(y.backward(T::ones({2})), tl::gradient_error);
}
#endif
