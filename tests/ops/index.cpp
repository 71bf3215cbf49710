#include <tensorlab/ops/index.hpp>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using integers = tl::tensor<std::int64_t, B>;
using test::tensors;

TEST_CASE("gather takes the named elements", "[ops][index]") {
  const auto x = T::from({1, 2, 3, 4, 5, 6}, {2, 3});
  test::require_values(tl::gather(x, integers::from({2, 0, 1, 1}, {2, 2}), 1), {3, 1, 5, 5});
  test::require_values(tl::gather(x, integers::from({1, 0, 1}, {1, 3}), 0), {4, 2, 6});
  test::require_values(tl::gather(tl::transpose(x), integers::from({1, 0, 1}, {3, 1}), -1), {4, 2, 6});
  REQUIRE(tl::gather(x, integers::empty({2, 0}), 1).shape() == tl::shape{2, 0});
  const auto i = integers::arange(3);
  REQUIRE(tl::gather(i, integers::from({2, 2}, {2}), 0).to_vector() == std::vector<std::int64_t>{2, 2});
}

TEST_CASE("gather and scatter_add on every layout equal the reference backend", "[ops][index]") {
  for (const auto& [layout, x] : test::layouts<float>(-1, 1)) {
    for (int axis = 0; axis < x.rank(); ++axis) {
      INFO(layout << " axis " << axis);
      if (x.dim(axis) == 0) continue;
      tl::shape s = x.shape();
      s[axis] = 5;
      const auto index = test::uniform<std::int64_t>(s, 3, 0, static_cast<double>(x.dim(axis)));
      const auto e = test::on_reference(x);
      const auto ei = test::on_reference(index);
      const auto y = tl::gather(x, index, axis);
      test::require_close(y, tl::gather(e, ei, axis));
      test::require_close(tl::scatter_add(x, index, y, axis), tl::scatter_add(e, ei, test::on_reference(y), axis), 4);
    }
  }
}

TEST_CASE("scatter_add adds repeated positions and leaves its input", "[ops][index]") {
  const auto x = T::zeros({2, 3});
  const auto y = tl::scatter_add(x, integers::from({0, 0, 2, 1}, {2, 2}), T::from({1, 2, 3, 4}, {2, 2}), 1);
  test::require_values(y, {3, 0, 0, 0, 4, 3});
  test::require_values(x, {0, 0, 0, 0, 0, 0});
}

TEST_CASE("index_select and embedding take rows", "[ops][index]") {
  const auto x = T::from({1, 2, 3, 4, 5, 6}, {3, 2});
  const auto i = integers::from({2, 0, 2}, {3});
  test::require_values(tl::index_select(x, i, 0), {5, 6, 1, 2, 5, 6});
  test::require_values(tl::index_select(x, integers::from({1}, {1}), -1), {2, 4, 6});
  const auto e = tl::embedding(x, integers::from({0, 1, 2, 2}, {2, 2}));
  REQUIRE(e.shape() == tl::shape{2, 2, 2});
  test::require_values(e, {1, 2, 3, 4, 5, 6, 5, 6});
  REQUIRE(tl::embedding(x, integers::scalar(1)).shape() == tl::shape{2});
  REQUIRE(tl::embedding(x, integers::empty({0, 4})).shape() == tl::shape{0, 4, 2});
}

TEST_CASE("one_hot", "[ops][index]") {
  const auto y = tl::one_hot<double>(integers::from({2, 0}, {2}), 3);
  REQUIRE(y.shape() == tl::shape{2, 3});
  test::require_values(y, {0, 0, 1, 1, 0, 0});
  REQUIRE(tl::one_hot(integers::scalar(0), 2).shape() == tl::shape{2});
  REQUIRE_THROWS_WITH(tl::one_hot(integers::from({3}, {1}), 3),
                      Catch::Equals("one_hot: index out of range: classes [3], axis 0 (3 vs 3)"));
}

TEST_CASE("masked_select takes what the mask chooses", "[ops][index]") {
  const auto x = T::from({1, 2, 3, 4}, {2, 2});
  const auto mask = tl::tensor<bool, B>::from({true, false, true, true}, {2, 2});
  test::require_values(tl::masked_select(x, mask), {1, 3, 4});
  test::require_values(tl::masked_select(tl::transpose(x), mask), {1, 2, 4});
  test::require_values(tl::masked_select(x, tl::tensor<bool, B>::from({false, true}, {2})), {2, 4});
  REQUIRE(tl::masked_select(x, tl::tensor<bool, B>::full({2, 2}, false)).shape() == tl::shape{0});
  REQUIRE_THROWS_WITH(tl::masked_select(T::ones({2}), mask),
                      Catch::Equals("masked_select: mask does not broadcast to x: x [2], mask [2, 2]"));
}

TEST_CASE("gradients of indexing ops", "[ops][index]") {
  const auto x = test::uniform<double>({3, 4}, 1);
  const auto index = integers::from({3, 3, 0, 1, 0, 2}, {3, 2});
  test::require_gradients([&](const tensors& v) { return tl::gather(v[0], index, 1); }, {x});
  test::require_gradients([&](const tensors& v) { return tl::scatter_add(v[0], index, v[1], 1); },
                          {x, test::uniform<double>({3, 2}, 2)});
  const auto rows = integers::from({2, 0, 2, 1}, {2, 2});
  test::require_gradients([&](const tensors& v) { return tl::embedding(v[0], rows); }, {x});
  test::require_gradients([&](const tensors& v) { return tl::index_select(v[0], tl::flatten(rows), 1); }, {x});
  const auto mask = tl::less(x, 0.1);
  test::require_gradients([&](const tensors& v) { return tl::masked_select(v[0], mask); }, {x});
}

TEST_CASE("indices out of range are named with the extent", "[ops][index]") {
  const auto x = T::ones({2, 3});
  REQUIRE_THROWS_WITH(tl::gather(x, integers::from({0, 3}, {2, 1}), 1),
                      Catch::Equals("gather: index out of range: x [2, 3], axis 1 (3 vs 3)"));
  REQUIRE_THROWS_WITH(tl::gather(x, integers::from({0, -1}, {2, 1}), 1),
                      Catch::Equals("gather: index out of range: x [2, 3], axis 1 (-1 vs 3)"));
  REQUIRE_THROWS_WITH(tl::embedding(x, integers::from({0, 7, 1}, {3})),
                      Catch::Equals("embedding: index out of range: weight [2, 3], axis 0 (7 vs 2)"));
  REQUIRE_THROWS_WITH(tl::index_select(x, integers::from({5}, {1}), 0),
                      Catch::Equals("index_select: index out of range: x [2, 3], axis 0 (5 vs 2)"));
  REQUIRE_THROWS_WITH(tl::scatter_add(x, integers::from({0, 0, 2}, {1, 3}), T::ones({1, 3}), 0),
                      Catch::Equals("scatter_add: index out of range: x [2, 3], axis 0 (2 vs 2)"));
}

TEST_CASE("shapes of indices are checked", "[ops][index]") {
  const auto x = T::ones({2, 3});
  REQUIRE_THROWS_WITH(tl::gather(x, integers::arange(3), 1),
                      Catch::Equals("gather: shapes differ beside axis 1: x [2, 3], index [3]"));
  REQUIRE_THROWS_WITH(tl::gather(x, integers::full({3, 3}, 0), 1),
                      Catch::Equals("gather: shapes differ beside axis 1: x [2, 3], index [3, 3]"));
  REQUIRE_THROWS_WITH(tl::scatter_add(x, integers::full({2, 2}, 0), T::ones({2, 1}), 1),
                      Catch::Equals("scatter_add: shapes differ: src [2, 1], index [2, 2]"));
  REQUIRE_THROWS_WITH(tl::index_select(x, integers::full({1, 1}, 0), 1),
                      Catch::Equals("index_select: index must have rank 1: index [1, 1]"));
  REQUIRE_THROWS_WITH(tl::embedding(T::ones({2}), integers::arange(1)),
                      Catch::Equals("embedding: weight must have rank 2: weight [2]"));
}
