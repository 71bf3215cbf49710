#include <tensorlab/ops/linalg.hpp>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using test::tensors;

namespace {

struct product_case {
  tl::shape a, b, y;
};

// Shapes under NumPy's rules for a @ b.
const product_case products[] = {{{2, 3}, {3, 4}, {2, 4}},
                                 {{3}, {3}, {}},
                                 {{3}, {3, 4}, {4}},
                                 {{2, 3}, {3}, {2}},
                                 {{5, 2, 3}, {3, 4}, {5, 2, 4}},
                                 {{2, 3}, {5, 3, 4}, {5, 2, 4}},
                                 {{3}, {5, 3, 4}, {5, 4}},
                                 {{5, 2, 3}, {3}, {5, 2}},
                                 {{5, 1, 2, 3}, {4, 3, 1}, {5, 4, 2, 1}},
                                 {{1, 1}, {1, 1}, {1, 1}},
                                 {{0, 3}, {3, 2}, {0, 2}},
                                 {{2, 0}, {0, 2}, {2, 2}},
                                 {{2, 2, 0}, {0, 2}, {2, 2, 2}},
                                 {{2, 3}, {3, 0}, {2, 0}},
                                 {{3, 2, 0}, {0, 0}, {3, 2, 0}}};

}  // namespace

TEST_CASE("matmul follows NumPy's shapes", "[ops][linalg]") {
  for (const auto& p : products) {
    INFO(tl::to_string(p.a) << " " << tl::to_string(p.b));
    const auto y = tl::matmul(test::uniform<double>(p.a, 1), test::uniform<double>(p.b, 2));
    REQUIRE(tl::to_string(y.shape()) == tl::to_string(p.y));
    test::require_close(
        y, tl::matmul(test::uniform<double, tl::reference>(p.a, 1), test::uniform<double, tl::reference>(p.b, 2)), 4);
  }
}

TEST_CASE("matmul has the values of the definition", "[ops][linalg]") {
  const auto a = T::from({1, 2, 3, 4, 5, 6}, {2, 3}), b = T::from({1, 0, 2, 1, 0, 3}, {3, 2});
  test::require_values(tl::matmul(a, b), {5, 11, 14, 23});
  test::require_values(tl::matmul(tl::transpose(b), tl::transpose(a)), {5, 14, 11, 23});
  test::require_values(tl::matmul(T::empty({2, 0}), T::empty({0, 1})), {0, 0});
  test::require_values(tl::dot(T::from({1, 2}, {2}), T::from({3, 4}, {2})), {11});
  test::require_values(tl::outer(T::from({1, 2}, {2}), T::from({3, 4, 5}, {3})), {3, 4, 5, 6, 8, 10});
}

TEMPLATE_TEST_CASE("matmul of operands in any memory order equals the reference backend", "[ops][linalg]", float,
                   double) {
  for (const auto [m, k, n] :
       {std::array<std::int64_t, 3>{1, 1, 1}, {7, 5, 3}, {33, 65, 17}, {64, 128, 96}, {1, 300, 2}, {130, 1, 40}}) {
    INFO(m << " " << k << " " << n);
    const auto a = test::uniform<TestType>({m, k}, 1), b = test::uniform<TestType>({k, n}, 2);
    const auto expected = tl::matmul(test::on_reference(a), test::on_reference(b));
    const auto at = tl::transpose(tl::contiguous(tl::transpose(a))),
               bt = tl::transpose(tl::contiguous(tl::transpose(b)));
    const auto gapped = tl::slice(tl::cat({b, b}, 1), 1, 0, n);
    test::require_close(tl::matmul(a, b), expected, 8);
    test::require_close(tl::matmul(at, b), expected, 8);
    test::require_close(tl::matmul(a, bt), expected, 8);
    test::require_close(tl::matmul(at, bt), expected, 8);
    test::require_close(tl::matmul(a, gapped), expected, 8);
    test::require_close(tl::matmul(tl::flip(tl::flip(a, {1}), {1}), b), expected, 8);
  }
}

TEST_CASE("matmul errors name both operands", "[ops][linalg]") {
  REQUIRE_THROWS_WITH(tl::matmul(T::ones({8, 16}), T::ones({32, 4})),
                      Catch::Equals("matmul: inner sizes differ: lhs [8, 16], rhs [32, 4] (16 vs 32)"));
  REQUIRE_THROWS_WITH(tl::matmul(T::ones({3}), T::ones({4})),
                      Catch::Equals("matmul: inner sizes differ: lhs [3], rhs [4] (3 vs 4)"));
  REQUIRE_THROWS_WITH(tl::matmul(T::ones({2, 1, 3}), T::ones({4, 3, 1})),
                      Catch::Equals("matmul: shapes do not broadcast: lhs [2], rhs [4] (2 vs 4)"));
  REQUIRE_THROWS_WITH(tl::matmul(T::ones({}), T::ones({1})),
                      Catch::Equals("matmul: operand of rank 0: lhs [], rhs [1]"));
  REQUIRE_THROWS_AS(tl::dot(T::ones({2}), T::ones({3})), tl::shape_error);
  REQUIRE_THROWS_AS(tl::outer(T::ones({2, 1}), T::ones({3})), tl::shape_error);
}

TEST_CASE("gradients of products", "[ops][linalg]") {
  for (const auto& p : products) {
    if (p.y.size() == 0) continue;
    INFO(tl::to_string(p.a) << " " << tl::to_string(p.b));
    if (p.a.size() == 0) {
      auto a = T::empty(p.a).requires_grad(true);
      tl::matmul(a, T::empty(p.b)).backward(T::ones(p.y));
      REQUIRE(a.grad().shape() == p.a);
      continue;
    }
    test::require_gradients([](const tensors& v) { return tl::matmul(v[0], v[1]); },
                            {test::uniform<double>(p.a, 1), test::uniform<double>(p.b, 2)});
  }
  const auto x = test::uniform<double>({3, 2}, 3);
  test::require_gradients([](const tensors& v) { return tl::matmul(tl::transpose(v[0]), v[0]); }, {x});
  test::require_gradients([](const tensors& v) { return tl::outer(v[0], v[1]); },
                          {test::uniform<double>({2}, 1), test::uniform<double>({3}, 2)});
}

TEST_CASE("linear is the product with the transposed weight plus bias", "[ops][linalg]") {
  const auto x = T::from({1, 2, 3, 4}, {2, 2}), w = T::from({1, 0, 0, 1, 1, 1}, {3, 2}), b = T::from({10, 20, 30}, {3});
  test::require_values(tl::linear(x, w, b), {11, 22, 33, 13, 24, 37});
  test::require_values(tl::linear(x, w), {1, 2, 3, 3, 4, 7});
  test::require_values(tl::linear(tl::select(x, 0, 1), w, b), {13, 24, 37});
  REQUIRE(tl::linear(T::ones({0, 2}), w, b).shape() == tl::shape{0, 3});
  const auto deep = test::uniform<float>({3, 4, 5}, 1);
  const auto wide = test::uniform<float>({7, 5}, 2);
  test::require_close(tl::linear(deep, wide), tl::matmul(deep, tl::transpose(wide)), 4);
  REQUIRE(tl::linear(tl::transpose(deep, 0, 1), wide).shape() == tl::shape{4, 3, 7});
}

TEST_CASE("gradients of linear", "[ops][linalg]") {
  const auto w = test::uniform<double>({3, 2}, 1), b = test::uniform<double>({3}, 2);
  const auto x = test::uniform<double>({2, 2, 2}, 3);
  test::require_gradients([](const tensors& v) { return tl::linear(v[0], v[1], v[2]); }, {x, w, b});
  test::require_gradients([](const tensors& v) { return tl::linear(tl::transpose(v[0]), v[1]); }, {x, w});
  test::require_gradients([&](const tensors& v) { return tl::linear(x, v[0], v[1]); }, {w, b});
  test::require_gradients([&](const tensors& v) { return tl::linear(v[0], tl::transpose(v[1])); },
                          {x, test::uniform<double>({2, 3}, 4)});
}

TEST_CASE("linear without rows has gradient zero", "[ops][linalg]") {
  auto w = T::ones({3, 2}).requires_grad(true), b = T::ones({3}).requires_grad(true);
  tl::linear(T::ones({0, 2}), w, b).backward(T::ones({0, 3}));
  test::require_values(w.grad(), {0, 0, 0, 0, 0, 0});
  test::require_values(b.grad(), {0, 0, 0});
}

TEST_CASE("linear errors name the operands", "[ops][linalg]") {
  REQUIRE_THROWS_WITH(tl::linear(T::ones({2, 3}), T::ones({4, 5})),
                      Catch::Equals("linear: input sizes differ: x [2, 3], weight [4, 5] (3 vs 5)"));
  REQUIRE_THROWS_WITH(tl::linear(T::ones({2, 5}), T::ones({4, 5}), T::ones({5})),
                      Catch::Equals("linear: bias does not fit: weight [4, 5], bias [5] (4 vs 5)"));
  REQUIRE_THROWS_AS(tl::linear(T::ones({}), T::ones({4, 5})), tl::shape_error);
  REQUIRE_THROWS_AS(tl::linear(T::ones({5}), T::ones({5})), tl::shape_error);
}
