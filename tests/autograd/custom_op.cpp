#include <tensorlab/autograd/custom_op.hpp>
#include <tensorlab/autograd/gradcheck.hpp>

#include "support/backend.hpp"

using T = tl::tensor<double, B>;
using inputs = std::vector<T>;

namespace {

T mul(const T& a, const T& b) { return tl::apply(tl::rule::mul{}, a, b); }

// y = a^2 b, with gradients written out
const auto square_times = tl::custom_op(
    "square_times", [](const T& a, const T& b) { return mul(mul(a, a), b); },
    [](const tl::backward_context& c, const T& dy, const T& a, const T& b, const T&) {
      std::array<T, 2> g;
      if (c.needs(0)) g[0] = mul(dy, mul(tl::apply(tl::rule::mul_scalar{2}, a), b));
      if (c.needs(1)) g[1] = mul(dy, mul(a, a));
      return g;
    });

}  // namespace

TEST_CASE("a user's op has the gradient its backward gives", "[autograd]") {
  const inputs x{test::uniform<double>({3}, 1), test::uniform<double>({3}, 2)};
  const auto f = [](const inputs& v) { return square_times(v[0], v[1]); };
  const auto r = tl::gradcheck(f, x);
  INFO(r.message);
  REQUIRE(r);
  REQUIRE(tl::gradcheck_twice(f, x));
}

TEST_CASE("a user's op is not recorded on untracked inputs", "[autograd]") {
  REQUIRE_FALSE(square_times(T::ones({1}), T::ones({1})).tracked());
}

namespace {

// A user's own rule: y = x^3, derivative by dual numbers.
struct cube {
  static constexpr auto name = "cube";
  static constexpr tl::save saves = tl::save::input;
  template <class V>
  static V f(const V& x) {
    return x * x * x;
  }
};

}  // namespace

#if TL_TEST_KIND(TL_TEST_BACKEND) != TL_TEST_cuda
TEST_CASE("a user's rule without df is differentiated by dual numbers", "[autograd]") {
  const auto f = [](const inputs& v) { return tl::apply(cube{}, v[0]); };
  const auto r = tl::gradcheck(f, inputs{test::uniform<double>({4}, 3)});
  INFO(r.message);
  REQUIRE(r);
  REQUIRE(tl::gradcheck_twice(f, inputs{test::uniform<double>({4}, 3)}));
}
#endif
