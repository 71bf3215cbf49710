#include <tensorlab/ops/softmax.hpp>

#include <cmath>

#include "ops/layouts.hpp"
#include "ops/parity.hpp"

using F = tl::tensor<float, B>;

TEST_CASE("softmax is e^x over its sum", "[ops][softmax]") {
  const double e = std::exp(1.0), s = 1 + e + e * e;
  const auto x = tl::tensor<double, B>::from({0, 1, 2, 5, 5, 5}, {2, 3});
  test::require_values(tl::softmax(x, 1), {1 / s, e / s, e * e / s, 1.0 / 3, 1.0 / 3, 1.0 / 3});
  test::require_values(tl::log_softmax(x, -1), {-std::log(s), 1 - std::log(s), 2 - std::log(s), -std::log(3.0),
                                                -std::log(3.0), -std::log(3.0)});
  test::require_values(tl::softmax(F::from({3, 3}, {2, 1}), 0), {0.5, 0.5});
}

TEST_CASE("softmax neither overflows nor underflows to NaN", "[ops][softmax]") {
  const auto x = F::from({1000, 0, -1000, -1000, -1000, -1000}, {2, 3});
  test::require_values(tl::softmax(x, 1), {1, 0, 0, 1.0 / 3, 1.0 / 3, 1.0 / 3});
  test::require_values(tl::log_softmax(x, 1), {0, -1000, -2000, -std::log(3.0), -std::log(3.0), -std::log(3.0)});
}

TEMPLATE_TEST_CASE("softmax equals the reference backend on every layout and axis", "[ops][softmax]", float, double) {
  using T = TestType;
  for (const auto& [layout, x] : test::layouts<T>(-4, 4)) {
    INFO(layout);
    for (int axis = -x.rank(); axis < x.rank(); ++axis) {
      test::require_same_as_reference<T>([axis](const auto& v) { return tl::softmax(v[0], axis); }, {x});
      test::require_same_as_reference<T>([axis](const auto& v) { return tl::log_softmax(v[0], axis); }, {x});
    }
  }
}

TEST_CASE("softmax has right first and second derivatives", "[ops][softmax]") {
  const auto x = test::uniform<double>({2, 3, 4}, 1, -2, 2);
  for (int axis : {0, 1, 2}) {
    test::require_gradients([axis](const auto& v) { return tl::softmax(v[0], axis); }, {x});
    test::require_gradients([axis](const auto& v) { return tl::log_softmax(v[0], axis); }, {x});
  }
}

TEST_CASE("softmax names a bad axis", "[ops][softmax]") {
  REQUIRE_THROWS_WITH(tl::softmax(F::zeros({2, 3}), 2), "softmax: axis 2 is outside a tensor of rank 2");
  REQUIRE_THROWS_WITH(tl::log_softmax(F::zeros({2}), -2), "log_softmax: axis -2 is outside a tensor of rank 1");
}
