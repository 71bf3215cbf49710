#include <tensorlab/ops/cat.hpp>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using test::tensors;

TEST_CASE("cat puts tensors one after the other", "[ops][shape]") {
  const auto a = T::from({1, 2, 3, 4}, {2, 2}), b = T::from({5, 6}, {2, 1});
  test::require_values(tl::cat({a, b}, 1), {1, 2, 5, 3, 4, 6});
  test::require_values(tl::cat({a, tl::transpose(a)}, 0), {1, 2, 3, 4, 1, 3, 2, 4});
  test::require_values(tl::cat({a, T::empty({0, 2})}, -2), {1, 2, 3, 4});
  test::require_values(tl::cat(tensors{a}, 0), {1, 2, 3, 4});
  const auto i = tl::tensor<std::int64_t, B>::arange(2);
  REQUIRE(tl::cat({i, i}, 0).to_vector() == std::vector<std::int64_t>{0, 1, 0, 1});
}

TEST_CASE("cat keeps the memory order of the first", "[ops][shape]") {
  const auto x = tl::permute(test::uniform<float>({2, 3, 2, 4}, 1), {0, 3, 1, 2});
  const auto y = tl::cat({x, tl::contiguous(x)}, 1);
  REQUIRE(y.strides() == tl::channels_last(y.shape()));
  const auto e = test::on_reference(x);
  test::require_close(y, tl::cat({e, e}, 1));
}

TEST_CASE("stack adds a dimension", "[ops][shape]") {
  const auto a = T::from({1, 2}, {2}), b = T::from({3, 4}, {2});
  test::require_values(tl::stack({a, b}), {1, 2, 3, 4});
  test::require_values(tl::stack({a, b}, 1), {1, 3, 2, 4});
  test::require_values(tl::stack({a, b}, -1), {1, 3, 2, 4});
  REQUIRE(tl::stack({T::scalar(1), T::scalar(2)}).shape() == tl::shape{2});
}

TEST_CASE("gradients of cat and stack", "[ops][shape]") {
  const auto a = test::uniform<double>({2, 2}, 1), b = test::uniform<double>({2, 3}, 2);
  test::require_gradients([](const tensors& v) { return tl::cat(v, 1); }, {a, b, a});
  test::require_gradients([](const tensors& v) { return tl::stack({v[0], tl::transpose(v[0])}, 1); }, {a});
  auto x = T::ones({1}).requires_grad(true);
  tl::cat({x, T::ones({2}), x}, 0).backward(T::from({1, 2, 3, 4}, {4}));
  test::require_values(x.grad(), {5});
}

TEST_CASE("cat and stack name the shapes that differ", "[ops][shape]") {
  REQUIRE_THROWS_WITH(tl::cat({T::ones({2, 3}), T::ones({3, 3})}, 1),
                      Catch::Equals("cat: shapes differ beside axis 1: [2, 3], [3, 3]"));
  REQUIRE_THROWS_AS(tl::cat({T::ones({2, 3}), T::ones({2})}, 1), tl::shape_error);
  REQUIRE_THROWS_WITH(tl::cat(tensors{}, 0), Catch::Equals("cat: no tensors given"));
  REQUIRE_THROWS_WITH(tl::stack({T::ones({2}), T::ones({3})}), Catch::Equals("stack: shapes differ: [2], [3]"));
  REQUIRE_THROWS_AS(tl::stack({T::ones({2}), T::ones({2})}, 3), tl::shape_error);
}
