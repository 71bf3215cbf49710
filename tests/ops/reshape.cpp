#include <tensorlab/ops/reshape.hpp>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using test::tensors;

TEST_CASE("reshape keeps row-major order", "[ops][shape]") {
  const auto x = T::arange(24);
  const auto y = tl::reshape(x, {2, 3, 4});
  REQUIRE(y.to_vector() == x.to_vector());
  REQUIRE(y.array().data() == x.array().data());
  REQUIRE(tl::reshape(y, {4, -1}).shape() == tl::shape{4, 6});
  REQUIRE(tl::reshape(y, {-1}).shape() == tl::shape{24});
  REQUIRE(tl::reshape(T::ones({1}), {}).shape() == tl::shape{});
  REQUIRE(tl::reshape(T::ones({}), {1, 1}).shape() == tl::shape{1, 1});
  REQUIRE(tl::reshape(T::empty({0, 3}), {3, 0, 2}).shape() == tl::shape{3, 0, 2});
}

TEST_CASE("reshape is a view where the strides allow and a copy elsewhere", "[ops][shape]") {
  const auto viewed = [](const T& x, const tl::shape& s) {
    const auto y = tl::reshape(x, s);
    REQUIRE(y.to_vector() == x.array().to_host());
    return y.array().storage() == x.array().storage();
  };
  const auto x = tl::reshape(T::arange(24), {2, 3, 4});
  REQUIRE(viewed(tl::permute(x, {2, 0, 1}), {4, 6}));
  REQUIRE(viewed(tl::permute(x, {2, 0, 1}), {2, 2, 1, 6}));
  REQUIRE_FALSE(viewed(tl::transpose(x), {2, 12}));
  REQUIRE(viewed(tl::transpose(x), {1, 2, 2, 2, 3}));
  const auto wide = tl::expand(tl::reshape(T::arange(3), {3, 1}), {3, 4});
  REQUIRE(viewed(wide, {3, 2, 2}));
  REQUIRE_FALSE(viewed(wide, {12}));
}

TEST_CASE("every layout reshapes to the same elements", "[ops][shape]") {
  for (const auto& [layout, x] : test::layouts<float>(-1, 1)) {
    INFO(layout);
    REQUIRE(tl::flatten(x).to_vector() == x.to_vector());
    REQUIRE(tl::contiguous(x).is_contiguous());
    REQUIRE(tl::contiguous(x).to_vector() == x.to_vector());
  }
}

TEST_CASE("reshape errors give both sizes", "[ops][shape]") {
  REQUIRE_THROWS_WITH(tl::reshape(T::ones({2, 3}), {4}),
                      Catch::Equals("reshape: sizes differ: from [2, 3], to [4] (6 vs 4)"));
  REQUIRE_THROWS_WITH(tl::reshape(T::ones({2, 3}), {4, -1}), Catch::Contains("reshape: sizes differ: from [2, 3]"));
  REQUIRE_THROWS_WITH(tl::reshape(T::ones({2, 3}), {-1, -1}), Catch::Contains("only one extent may be -1"));
  REQUIRE_THROWS_AS(tl::reshape(T::empty({0}), {0, -1}), tl::shape_error);
  REQUIRE_THROWS_AS(tl::reshape(T::ones({2}), {-2}), tl::shape_error);
}

TEST_CASE("flatten joins a range of axes", "[ops][shape]") {
  const auto x = T::ones({2, 3, 4, 5});
  REQUIRE(tl::flatten(x).shape() == tl::shape{120});
  REQUIRE(tl::flatten(x, 1).shape() == tl::shape{2, 60});
  REQUIRE(tl::flatten(x, 1, 2).shape() == tl::shape{2, 12, 5});
  REQUIRE(tl::flatten(x, -1).shape() == tl::shape{2, 3, 4, 5});
  REQUIRE(tl::flatten(T::ones({})).shape() == tl::shape{1});
  REQUIRE_THROWS_WITH(tl::flatten(x, 2, 1),
                      Catch::Contains("flatten: first axis after the last: shape [2, 3, 4, 5] (2 vs 1)"));
}

TEST_CASE("squeeze and unsqueeze", "[ops][shape]") {
  const auto x = T::ones({2, 1, 3});
  REQUIRE(tl::squeeze(x, 1).shape() == tl::shape{2, 3});
  REQUIRE(tl::squeeze(x, -2).shape() == tl::shape{2, 3});
  REQUIRE(tl::unsqueeze(x, 0).shape() == tl::shape{1, 2, 1, 3});
  REQUIRE(tl::unsqueeze(x, -1).shape() == tl::shape{2, 1, 3, 1});
  REQUIRE(tl::unsqueeze(T::ones({}), 0).shape() == tl::shape{1});
  REQUIRE_THROWS_WITH(tl::squeeze(x, 0), Catch::Equals("squeeze: axis 0 of shape [2, 1, 3] is not 1 (2 vs 1)"));
  REQUIRE_THROWS_AS(tl::unsqueeze(x, 4), tl::shape_error);
  REQUIRE_THROWS_WITH(tl::unsqueeze(T::ones({1, 1, 1, 1, 1, 1, 1, 1}), 0), Catch::Contains("more than 8 dimensions"));
}

TEST_CASE("permute and transpose are views", "[ops][shape]") {
  const auto x = tl::reshape(T::arange(6), {1, 2, 3});
  const auto y = tl::permute(x, {2, 0, -2});
  REQUIRE(y.shape() == tl::shape{3, 1, 2});
  test::require_values(y, {0, 3, 1, 4, 2, 5});
  REQUIRE(y.array().data() == x.array().data());
  REQUIRE(tl::transpose(x).shape() == tl::shape{1, 3, 2});
  REQUIRE(tl::transpose(x, 0, 2).shape() == tl::shape{3, 2, 1});
  REQUIRE_THROWS_WITH(tl::permute(x, {0, 1}), Catch::Equals("permute: axes [0, 1] for shape [1, 2, 3] (2 vs 3)"));
  REQUIRE_THROWS_WITH(tl::permute(x, {0, 1, 1}), Catch::Contains("permute: axis 1 is given twice"));
  REQUIRE_THROWS_WITH(tl::transpose(T::ones({3})), Catch::Contains("transpose: axis -2 is outside a tensor of rank 1"));
}

TEST_CASE("gradients of reshaping ops", "[ops][shape]") {
  const auto x = test::uniform<double>({2, 3, 4}, 1);
  test::require_gradients([](const tensors& v) { return tl::reshape(v[0], {4, -1}); }, {x});
  test::require_gradients([](const tensors& v) { return tl::flatten(tl::transpose(v[0])); }, {x});
  test::require_gradients([](const tensors& v) { return tl::permute(v[0], {2, 0, 1}); }, {x});
  test::require_gradients([](const tensors& v) { return tl::contiguous(tl::transpose(v[0], 0, 1)); }, {x});
  test::require_gradients([](const tensors& v) { return tl::squeeze(tl::unsqueeze(v[0], 1), 1); }, {x});
}

TEST_CASE("integers and bools reshape too", "[ops][shape]") {
  const auto i = tl::tensor<std::int64_t, B>::arange(4);
  REQUIRE(tl::flatten(tl::transpose(tl::reshape(i, {2, 2}))).to_vector() == std::vector<std::int64_t>{0, 2, 1, 3});
  REQUIRE(tl::unsqueeze(tl::tensor<bool, B>::full({2}, true), 1).shape() == tl::shape{2, 1});
}
