#include <tensorlab/behaviour/synthetic.hpp>

#include "support/catch.hpp"

namespace behaviour = tensorlab::behaviour;

TEST_CASE("synthetic windows are the same every time and hold all kinds of labels", "[behaviour]") {
  const auto a = behaviour::synthetic_windows({.videos = 8, .windows_per_video = 20});
  const auto b = behaviour::synthetic_windows({.videos = 8, .windows_per_video = 20});
  REQUIRE(a.x.to_vector() == b.x.to_vector());
  REQUIRE(a.size() == 160);
  REQUIRE(a.events.size() == 6);
  REQUIRE(a.test_groups == std::vector<std::int64_t>{0, 4});
  int none = 0, one = 0, more = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) {
    int labels = 0;
    for (std::int64_t c = 0; c < 6; ++c) labels += a.y.span()[static_cast<std::size_t>(i * 6 + c)] > 0.5f;
    (labels == 0 ? none : labels == 1 ? one : more) += 1;
  }
  REQUIRE(none > 0);
  REQUIRE(one > none);
  REQUIRE(more > 0);
}

TEST_CASE("another seed gives other windows", "[behaviour]") {
  const auto a = behaviour::synthetic_windows({.videos = 1}),
             b = behaviour::synthetic_windows({.videos = 1, .seed = 8});
  REQUIRE(a.x.to_vector() != b.x.to_vector());
}
