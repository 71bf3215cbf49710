#include <tensorlab/behaviour/augment.hpp>

#include <cmath>

#include <tensorlab/ops/shape.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace behaviour = tl::behaviour;
using host = behaviour::host<float>;

namespace {

const std::vector<std::string> joints{"nose", "left_hand", "right_hand"};
const behaviour::pose_augmentation none{.mirror = 0, .rotation = 0, .scale = 0, .tempo = 0, .noise = 0};

std::vector<float> change(const std::vector<float>& x, const behaviour::pose_augmentation& options,
                          std::uint64_t seed = 1) {
  const behaviour::augment_pose augment(joints, options);
  const auto frames = static_cast<std::int64_t>(x.size() / 6);
  const auto y = host::from({1, 0}, {2});
  const auto [changed, labels] = augment({host::from(x, {frames, 6}), y}, tl::random::stream(seed));
  REQUIRE(labels.to_vector() == std::vector<float>{1, 0});
  REQUIRE(changed.shape() == tl::shape{frames, 6});
  return changed.to_vector();
}

const std::vector<float> two_frames{0, 1, 2, 3, -4, 5, 6, 7, 8, 9, -10, 11};

}  // namespace

TEST_CASE("with every change turned off a window stays as it is", "[behaviour]") {
  REQUIRE(change(two_frames, none) == two_frames);
}

TEST_CASE("a mirrored pose has its x negated and left and right exchanged", "[behaviour]") {
  auto options = none;
  options.mirror = 1;
  REQUIRE(change(two_frames, options) == std::vector<float>{0, 1, 4, 5, -2, 3, -6, 7, 10, 11, -8, 9});
}

TEST_CASE("rotation keeps lengths and scale multiplies them all alike", "[behaviour]") {
  auto turned = none, scaled = none;
  turned.rotation = 30;
  scaled.scale = 0.5;
  const auto a = change(two_frames, turned), b = change(two_frames, scaled);
  const double factor = b[1];  // the nose lies at (0, 1)
  const double angle = std::atan2(-a[0], a[1]);
  REQUIRE(std::abs(angle) > 1e-3);
  REQUIRE(std::abs(angle) <= 30 * 3.14159266 / 180);
  REQUIRE(std::abs(factor - 1) > 1e-3);
  REQUIRE(std::abs(factor - 1) <= 0.5);
  for (std::size_t i = 0; i < two_frames.size(); i += 2) {
    const double x = two_frames[i], y = two_frames[i + 1];
    REQUIRE(a[i] == Approx(x * std::cos(angle) - y * std::sin(angle)).margin(1e-5));
    REQUIRE(a[i + 1] == Approx(x * std::sin(angle) + y * std::cos(angle)).margin(1e-5));
    REQUIRE(b[i] == Approx(factor * x).margin(1e-5));
    REQUIRE(b[i + 1] == Approx(factor * y).margin(1e-5));
  }
}

TEST_CASE("a stretched motion walks evenly through a part of the window", "[behaviour]") {
  auto options = none;
  options.tempo = 0.5;
  std::vector<float> x;
  for (int t = 0; t < 5; ++t)
    for (int k = 0; k < 6; ++k) x.push_back(static_cast<float>(t));
  bool slower = false;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const auto y = change(x, options, seed);
    const double step = y[6] - y[0];
    slower = slower || step < 0.99;
    REQUIRE(step >= 0.5 - 1e-6);
    REQUIRE(step <= 1 + 1e-6);
    REQUIRE(y[0] >= 0);
    REQUIRE(y[24] <= 4 + 1e-6);
    for (std::size_t t = 1; t < 5; ++t) REQUIRE(y[6 * t] - y[6 * (t - 1)] == Approx(step).margin(1e-5));
  }
  REQUIRE(slower);
}

TEST_CASE("the change depends on the stream alone", "[behaviour]") {
  REQUIRE(change(two_frames, {}, 3) == change(two_frames, {}, 3));
  REQUIRE(change(two_frames, {}, 3) != change(two_frames, {}, 4));
}

TEST_CASE("a window of one frame can be changed", "[behaviour]") {
  REQUIRE(change({1, 2, 3, 4, 5, 6}, none) == std::vector<float>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("a window in other strides is read in its order", "[behaviour]") {
  const behaviour::augment_pose augment(joints, none);
  const auto x = host::from({1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12}, {6, 2});
  const auto changed = std::get<0>(augment({tl::transpose(x), host::zeros({1})}, tl::random::stream(1)));
  REQUIRE(changed.to_vector() == std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
}

TEST_CASE("what cannot be augmented is refused", "[behaviour]") {
  REQUIRE_THROWS_WITH(behaviour::augment_pose({"nose", "left_hand"}),
                      Catch::Contains("joint left_hand has no partner right_hand"));
  REQUIRE_THROWS_AS(behaviour::augment_pose(joints, {.mirror = 2}), tl::value_error);
  REQUIRE_THROWS_AS(behaviour::augment_pose(joints, {.tempo = 1}), tl::value_error);
  const behaviour::augment_pose augment(joints);
  REQUIRE_THROWS_WITH(augment({host::zeros({4, 5}), host::zeros({2})}, tl::random::stream(1)),
                      Catch::Contains("3 joints need windows [T, 6], got [4, 5]"));
}
