#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/autograd/grad.hpp>
#include <tensorlab/ops/dropout.hpp>

#include "backend/cuda/own_rule.hpp"
#include "support/backend.hpp"

TEST_CASE("cuda: a user's rule runs, with both derivatives", "[backend][cuda]") {
  using T = tl::tensor<float, tl::cuda>;
  const auto x = T::from({1, 2, -3}, {3}).requires_grad(true);
  const auto y = tl::apply(test::cubic{2}, x);  // x^3 + 2 x
  test::require_values(y, {3, 12, -33});
  const auto first = tl::grad(y, std::vector<T>{x}, {.create_graph = true}, T::ones({3}))[0];
  test::require_values(first, {5, 14, 29});  // 3 x^2 + 2
  test::require_values(tl::grad(first, std::vector<T>{x}, {}, T::ones({3}))[0], {6, 12, -18});
}

TEST_CASE("cuda: dropout after a user's rule is one pass with the bits of two", "[backend][cuda]") {
  using T = tl::tensor<float, tl::cuda>;
  const auto x = test::uniform<float>({1000}, 1).requires_grad(true);
  const tl::random::stream one{3}, two{3};
  const auto y = tl::dropout(test::cubic{2}, x, 0.4, one),
             expected = tl::dropout(tl::apply(test::cubic{2}, x), 0.4, two);
  REQUIRE(y.to_vector() == expected.to_vector());
  const auto dy = T::ones({1000});
  REQUIRE(tl::grad(y, {x}, {}, dy)[0].to_vector() == tl::grad(expected, {x}, {}, dy)[0].to_vector());
}
