#include <tensorlab/ops/composite.hpp>

#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/reduce.hpp>

#include "support/backend.hpp"

using T = tl::tensor<double, B>;

namespace {

/// x y as a node whose first derivative is written over arrays and whose second goes through ops.
T product(const T& x, const T& y) {
  T z;
  {
    const tl::no_grad untracked;
    z = x * y;
  }
  return tl::record(
      "product", z.array(),
      [x = tl::save_for_backward(x), y = tl::save_for_backward(y)](const tl::backward_context& c, const T& dz) {
        const std::array<T, 2> in{c.get(x), c.get(y)};
        return tl::detail::composite_gradient(c, in, [&](const auto& v) { return tl::sum(v[0] * v[1] * dz); });
      },
      x, y);
}

}  // namespace

TEST_CASE("a composite form gives first and second derivatives", "[ops]") {
  const auto x = T::from({2, 3}, {2}).requires_grad(true), y = T::from({5, 7}, {2}).requires_grad(true);
  const auto first = tl::grad(tl::sum(product(x, y)), std::vector<T>{x, y}, {.create_graph = true});
  REQUIRE(first[0].to_vector() == std::vector<double>{5, 7});
  REQUIRE(first[1].to_vector() == std::vector<double>{2, 3});
  // d/dy of sum (dz/dx)^2 = 2 y
  const auto second = tl::grad(tl::sum(first[0] * first[0]), std::vector<T>{y});
  REQUIRE(second[0].to_vector() == std::vector<double>{10, 14});
}

TEST_CASE("a gradient stops at an alias", "[ops]") {
  const auto x = T::from({3}, {1}).requires_grad(true);
  const auto a = tl::detail::alias(x);
  const auto g = tl::grad(a * a, std::vector<T>{a});
  REQUIRE(g[0].to_vector() == std::vector<double>{6});
}
