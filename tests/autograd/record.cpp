#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/autograd/record.hpp>

#include <array>

#include "support/backend.hpp"

namespace rule = tl::rule;
using T = tl::tensor<double, B>;

namespace {

T exp(const T& x) { return tl::apply(rule::exp{}, x); }
T square(const T& x) { return tl::apply(rule::square{}, x); }

// Both halves of a vector as one op with two outputs.
std::array<T, 2> halves(const T& x) {
  const std::int64_t n = x.size() / 2;
  const std::array<tl::array<double, B>, 2> parts{x.array().restride({n}, {1}), x.array().restride({n}, {1}, n)};
  return tl::record(
      "halves", parts,
      [n](const tl::backward_context&, const std::array<T, 2>& dy) {
        auto dx = T::empty({2 * n});
        for (int i = 0; i < 2; ++i) {
          auto to = dx.array().restride({n}, {1}, i * n);
          B::map(rule::copy{}, to.view(), dy[static_cast<std::size_t>(i)].array().cview());
        }
        return dx;
      },
      x);
}

}  // namespace

TEST_CASE("an op with several outputs gets zeros for those that were not used", "[autograd][record]") {
  auto x = T::from({1, 2, 3, 4}, {4}).requires_grad(true);
  const auto parts = halves(x);
  square(parts[1]).backward(T::ones({2}));
  test::require_values(x.grad(), {0, 0, 6, 8});
  x.zero_grad();
  const auto again = halves(x);
  tl::apply(rule::mul{}, again[0], again[1]).backward(T::ones({2}));
  test::require_values(x.grad(), {3, 4, 1, 2});
}

TEST_CASE("an op over a span of inputs returns a vector of gradients", "[autograd][record]") {
  std::vector<T> xs{T::ones({1}), T::ones({1}), T::ones({1})};
  xs[0].requires_grad(true);
  xs[2].requires_grad(true);
  std::vector<bool> needed;
  const auto y = tl::record(
      "first_of_many", xs[0].array(),
      [&needed](const tl::backward_context& c, const T& dy) {
        for (std::size_t i = 0; i < 3; ++i) needed.push_back(c.needs(i));
        return std::vector<T>{dy, T(), tl::apply(rule::mul_scalar{3}, dy)};
      },
      std::span<const T>(xs));
  y.backward();
  REQUIRE(needed == std::vector<bool>{true, false, true});
  REQUIRE(xs[0].grad().item() == 1);
  REQUIRE(xs[2].grad().item() == 3);
  REQUIRE_FALSE(xs[1].grad().defined());
}

TEST_CASE("an overwritten input is noticed by the backward pass", "[autograd][record]") {
  auto x = T::from({1, 2}, {2}).requires_grad(true);
  const auto y = square(x);
  {
    const tl::no_grad guard;
    x.fill(0);
  }
  REQUIRE_THROWS_WITH(y.backward(T::ones({2})),
                      Catch::Equals("square: a tensor saved for the backward pass was overwritten in place: shape [2] "
                                    "(write 0 vs 1)"));
}

TEST_CASE("an overwritten output is noticed by the backward pass", "[autograd][record]") {
  auto x = T::from({1, 2}, {2}).requires_grad(true);
  auto y = exp(x);
  const auto z = tl::apply(rule::mul_scalar{2}, y);
  {
    const tl::no_grad guard;
    y.assign(T::zeros({2}));
  }
  REQUIRE_THROWS_WITH(z.backward(T::ones({2})),
                      Catch::Contains("exp: the output saved for the backward pass was overwritten"));
}

TEST_CASE("a write through a view is noticed too", "[autograd][record]") {
  auto x = T::from({1, 2}, {2}).requires_grad(true);
  const auto y = square(x);
  T view(x.array().restride({1}, {1}, 1));
  view.fill(5);
  REQUIRE_THROWS_AS(y.backward(T::ones({2})), tl::gradient_error);
}

TEST_CASE("a write to what was not saved does no harm", "[autograd][record]") {
  auto x = T::from({1, 2}, {2}).requires_grad(true);
  auto h = tl::apply(rule::mul_scalar{2}, x);
  const auto y = tl::apply(rule::add_scalar{1}, h);
  {
    const tl::no_grad guard;
    h.fill(0);
  }
  y.backward(T::ones({2}));
  test::require_values(x.grad(), {2, 2});
}

TEST_CASE("nothing is recorded when no input is tracked", "[autograd][record]") {
  const auto x = T::ones({2});
  REQUIRE_FALSE(tl::recording(x));
  REQUIRE_FALSE(square(x).tracked());
  REQUIRE(square(T::ones({2}).requires_grad(true)).tracked());
  REQUIRE_FALSE(tl::recording(T()));
}
