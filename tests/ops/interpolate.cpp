#include <tensorlab/ops/interpolate.hpp>

#include <cmath>

#include <tensorlab/ops/reshape.hpp>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using test::tensors;

namespace {

T image() { return T::from({1, 2, 4, 8, 16, 32}, {1, 1, 2, 3}); }

constexpr std::array<double, 6> as_it_is{1, 0, 0, 0, 1, 0};

}  // namespace

TEST_CASE("resize_bilinear equals PyTorch's interpolate", "[ops][interpolate]") {
  test::require_close(tl::resize_bilinear(image(), 3, 5),
                      T::from({1, 1.4, 2, 3.2, 4, 4.5, 6.3, 9, 14.4, 18, 8, 11.2, 16, 25.6, 32}, {1, 1, 3, 5}));
  test::require_close(tl::resize_bilinear(image(), 4, 2),
                      T::from({1.25, 3.5, 3.4375, 9.625, 7.8125, 21.875, 10, 28}, {1, 1, 4, 2}));
  test::require_values(tl::resize_bilinear(image(), 1, 1), {9});
}

TEST_CASE("resize_bilinear with corners aligned equals PyTorch's", "[ops][interpolate]") {
  test::require_close(tl::resize_bilinear(image(), 3, 5, true),
                      T::from({1, 1.5, 2, 3, 4, 4.5, 6.75, 9, 13.5, 18, 8, 12, 16, 24, 32}, {1, 1, 3, 5}));
  const double third = 1.0 / 3;
  test::require_close(tl::resize_bilinear(image(), 4, 2, true),
                      T::from({1, 4, 10 * third, 40 * third, 17 * third, 68 * third, 8, 32}, {1, 1, 4, 2}));
  test::require_values(tl::resize_bilinear(image(), 1, 1, true), {1});
}

TEST_CASE("resize_bilinear keeps an image of the same size, and what is constant", "[ops][interpolate]") {
  const auto x = test::uniform<float>({2, 3, 5, 4}, 1);
  REQUIRE(tl::resize_bilinear(x, 5, 4).to_vector() == x.to_vector());
  test::require_close(tl::resize_bilinear(tl::tensor<float, B>::full({2, 3, 5, 4}, 0.3f), 11, 7),
                      tl::tensor<float, B>::full({2, 3, 11, 7}, 0.3f));
  REQUIRE(tl::resize_bilinear(T::empty({0, 3, 4, 5}), 2, 7).shape() == tl::shape{0, 3, 2, 7});
}

TEST_CASE("warp_affine turns, scales and moves as PyTorch's grid_sample does", "[ops][interpolate]") {
  const std::array<double, 6> turn{0.8, -0.6, 1.5, 0.6, 0.8, -0.25};
  test::require_close(tl::warp_affine(image(), turn, 3, 4),
                      T::from({0, 3.375, 1.395, 0.81, 0.44, 7.56, 13.57, 6.63, 0, 0, 14, 13.14}, {1, 1, 3, 4}));
  test::require_close(tl::warp_affine(image(), turn, 3, 4, 7),
                      T::from({7, 5.125, 2.095, 5.71, 7.055, 9.66, 13.57, 6.63, 7, 7, 17.5, 16.99}, {1, 1, 3, 4}));
}

TEST_CASE("warp_affine by whole pixels moves them", "[ops][interpolate]") {
  test::require_values(tl::warp_affine(image(), as_it_is, 2, 3), {1, 2, 4, 8, 16, 32});
  test::require_values(tl::warp_affine(image(), {1, 0, 1, 0, 1, -1}, 2, 4, -1), {-1, 8, 16, 32, -1, -1, -1, -1});
  // Mirrored: column u goes to 2 - u.
  test::require_values(tl::warp_affine(image(), {-1, 0, 2, 0, 1, 0}, 2, 3), {4, 2, 1, 32, 16, 8});
  REQUIRE(tl::warp_affine(T::empty({2, 0, 4, 5}), as_it_is, 3, 7).shape() == tl::shape{2, 0, 3, 7});
}

TEST_CASE("interpolation takes every layout", "[ops][interpolate]") {
  const auto x = tl::permute(test::uniform<float>({2, 3, 5, 4}, 1), {0, 3, 1, 2});
  test::require_close(tl::resize_bilinear(x, 7, 2), tl::resize_bilinear(test::on_reference(x), 7, 2));
  const std::array<double, 6> shear{1.1, 0.2, -0.3, 0, 0.7, 0.4};
  test::require_close(tl::warp_affine(x, shear, 4, 6, 0.5f), tl::warp_affine(test::on_reference(x), shear, 4, 6, 0.5f));
}

TEST_CASE("gradients of interpolation", "[ops][interpolate]") {
  const auto x = test::uniform<double>({1, 2, 2, 3}, 1);
  test::require_gradients([](const tensors& v) { return tl::resize_bilinear(v[0], 3, 2); }, {x});
  test::require_gradients([](const tensors& v) { return tl::resize_bilinear(v[0], 1, 5, true); }, {x});
  test::require_gradients(
      [](const tensors& v) {
        return tl::warp_affine(v[0], {0.8, -0.6, 1, 0.6, 0.8, 0}, 3, 2, 2);
      },
      {x});
}

TEST_CASE("interpolation errors", "[ops][interpolate]") {
  REQUIRE_THROWS_WITH(tl::resize_bilinear(T::ones({2, 3, 4}), 2, 2),
                      Catch::Equals("resize_bilinear: x: expected rank 4, got shape [2, 3, 4]"));
  REQUIRE_THROWS_WITH(tl::resize_bilinear(image(), 0, 2),
                      Catch::Equals("resize_bilinear: images must have pixels: from 2 x 3 to 0 x 2"));
  REQUIRE_THROWS_WITH(tl::warp_affine(T::empty({1, 1, 0, 3}), as_it_is, 2, 2),
                      Catch::Equals("warp_affine: images must have pixels: from 0 x 3 to 2 x 2"));
  REQUIRE_THROWS_WITH(
      tl::warp_affine(image(), {1, 2, 0, 2, 4, 0}, 2, 2),
      Catch::Equals("warp_affine: the matrix has no inverse: 1.000000 2.000000 0.000000 / 2.000000 4.000000 0.000000"));
  REQUIRE_THROWS_AS(tl::warp_affine(image(), {NAN, 0, 0, 0, 1, 0}, 2, 2), tl::value_error);
}
