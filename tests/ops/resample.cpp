#include <tensorlab/ops/resample.hpp>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using test::tensors;

TEST_CASE("upsample_nearest repeats pixels", "[ops][resample]") {
  const auto x = T::from({1, 2, 3, 4}, {1, 1, 2, 2});
  test::require_values(tl::upsample_nearest(x, 2), {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4});
  REQUIRE(tl::upsample_nearest(test::uniform<float>({2, 3, 4, 5}, 1), 3).shape() == tl::shape{2, 3, 12, 15});
  REQUIRE(tl::upsample_nearest(T::empty({0, 3, 4, 5}), 2).shape() == tl::shape{0, 3, 8, 10});
}

TEST_CASE("upsample_nearest keeps channels last", "[ops][resample]") {
  const auto x = tl::permute(test::uniform<float>({2, 3, 2, 4}, 1), {0, 3, 1, 2});
  const auto y = tl::upsample_nearest(x, 2);
  REQUIRE(y.strides() == tl::channels_last(y.shape()));
  test::require_close(y, tl::upsample_nearest(test::on_reference(x), 2));
}

TEST_CASE("space_to_depth stacks the pixels of a block", "[ops][resample]") {
  // Channels 0..3 of a block with pixels a b / c d: rows a b c d, columns a c b d.
  const auto x = T::from({1, 2, 5, 6, 3, 4, 7, 8}, {1, 1, 2, 4});
  const auto rows = tl::space_to_depth(x, 2);
  REQUIRE(rows.shape() == tl::shape{1, 4, 1, 2});
  test::require_values(rows, {1, 5, 2, 6, 3, 7, 4, 8});
  test::require_values(tl::space_to_depth(x, 2, tl::block_order::columns), {1, 5, 3, 7, 2, 6, 4, 8});
  // Two channels: the pixel is the outer number, the channel the inner one.
  const auto two = T::from({1, 2, 3, 4, 10, 20, 30, 40}, {1, 2, 2, 2});
  test::require_values(tl::space_to_depth(two, 2), {1, 10, 2, 20, 3, 30, 4, 40});
}

TEST_CASE("gradients of resampling ops", "[ops][resample]") {
  const auto x = test::uniform<double>({1, 2, 2, 4}, 1);
  test::require_gradients([](const tensors& v) { return tl::upsample_nearest(v[0], 2); }, {x});
  test::require_gradients([](const tensors& v) { return tl::upsample_nearest(tl::transpose(v[0], 1, 3), 3); }, {x});
  test::require_gradients([](const tensors& v) { return tl::space_to_depth(v[0], 2); }, {x});
}

TEST_CASE("resampling errors", "[ops][resample]") {
  REQUIRE_THROWS_WITH(tl::upsample_nearest(T::ones({2, 3, 4}), 2),
                      Catch::Equals("upsample_nearest: x: expected rank 4, got shape [2, 3, 4]"));
  REQUIRE_THROWS_AS(tl::upsample_nearest(T::ones({1, 1, 2, 2}), 0), tl::value_error);
  REQUIRE_THROWS_WITH(
      tl::space_to_depth(T::ones({1, 1, 3, 2}), 2),
      Catch::Equals("space_to_depth: height and width do not divide by the block: x [1, 1, 3, 2] (block 2)"));
}
