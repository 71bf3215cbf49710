#include <tensorlab/ops/shape.hpp>

#include "support/backend.hpp"

TEST_CASE("one header brings all ops that move elements", "[ops][shape]") {
  const auto x = tl::tensor<float, B>::arange(6, 0.0f, 1.0f);
  const auto m = reshape(x, {2, 3});
  test::require_values(transpose(m), {0, 3, 1, 4, 2, 5});
  test::require_values(slice(m, 1, 0, 3, 2), {0, 2, 3, 5});
  test::require_values(tl::cat<float, B>({m, m}, 0), {0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5});
  const auto parts = split(m, 1, {2, 1});
  REQUIRE(parts.size() == 2);
  test::require_values(parts[1], {2, 5});
  test::require_values(flip(x, {0}), {5, 4, 3, 2, 1, 0});
}
