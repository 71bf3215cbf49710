#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/autograd/grad.hpp>

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
