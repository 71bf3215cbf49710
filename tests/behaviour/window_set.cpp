#include <tensorlab/behaviour/window_set.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"
#include "support/window_folder.hpp"

namespace tl = tensorlab;
namespace behaviour = tl::behaviour;

TEST_CASE("a window set is read with its names, videos and held out videos", "[behaviour]") {
  test::window_folder f;
  f.write_meta(R"({"events": ["walk", "run"], "window_video": [3, 3, 5, 5], "test_groups": [5]})");
  const auto set = behaviour::load_window_set(f.path());
  REQUIRE(set.size() == 4);
  REQUIRE(set.features() == 3);
  REQUIRE(set.events == std::vector<std::string>{"walk", "run"});
  REQUIRE(set.group == std::vector<std::int64_t>{3, 3, 5, 5});
  const auto s = behaviour::hold_out(set);
  REQUIRE(s.rest == std::vector<std::int64_t>{0, 1});
  REQUIRE(s.held_out == std::vector<std::int64_t>{2, 3});
}

TEST_CASE("without videos nothing is held out", "[behaviour]") {
  test::window_folder f;
  const auto set = behaviour::load_window_set(f.path());
  REQUIRE(set.group.empty());
  REQUIRE(behaviour::hold_out(set).rest.size() == 4);
}

TEST_CASE("class and sampling weights follow the labels", "[behaviour]") {
  test::window_folder f;  // labels: {1,0} {0,0} {1,1} {0,0}
  const auto set = behaviour::load_window_set(f.path());
  // negatives / positives: 2 / 2 and 3 / 1
  REQUIRE(behaviour::positive_weights(set, {0, 1, 2, 3}) == std::vector<float>{1, 3});
  // no positive counts as one: 1 / 1 is not below 1
  REQUIRE(behaviour::positive_weights(set, {1, 3}) == std::vector<float>{1, 1});
  REQUIRE(behaviour::sampling_weights(set, {0, 1, 2}, 4.0) == std::vector<double>{4, 1, 4});
}

TEST_CASE("a window set that is not right is refused by name", "[behaviour]") {
  test::window_folder f;
  const auto load = [&] { behaviour::load_window_set(f.path()); };
  using Catch::Contains;
  SECTION("missing folder") {
    REQUIRE_THROWS_WITH(behaviour::load_window_set(f / "nowhere"), Contains("nowhere: no such folder"));
  }
  SECTION("missing file") {
    std::filesystem::remove(f / "Y.npy");
    REQUIRE_THROWS_WITH(load(), Contains("Y.npy: no such file"));
  }
  SECTION("another number of windows") {
    tl::io::save_npy(f / "Y.npy", behaviour::host<float>::zeros({3, 2}));
    REQUIRE_THROWS_WITH(load(), Contains("Y [3, 2], X [4, 2, 3] (3 vs 4)"));
  }
  SECTION("wrong rank") {
    tl::io::save_npy(f / "X.npy", behaviour::host<float>::zeros({4, 6}));
    REQUIRE_THROWS_WITH(load(), Contains("X.npy: expected shape [windows, frames, features], got [4, 6]; reshape"));
  }
  SECTION("wrong type") {
    tl::io::save_npy(f / "X.npy", behaviour::host<double>::zeros({4, 2, 3}));
    REQUIRE_THROWS_WITH(load(), Contains("X.npy: elements are float64, not float32; save the array with .astype"));
  }
  SECTION("no windows") {
    tl::io::save_npy(f / "X.npy", behaviour::host<float>::zeros({0, 2, 3}));
    tl::io::save_npy(f / "Y.npy", behaviour::host<float>::zeros({0, 2}));
    REQUIRE_THROWS_WITH(load(), Contains("no windows"));
  }
  SECTION("NaN") {
    auto x = behaviour::host<float>::zeros({4, 2, 3});
    x.mutable_span()[7] = NAN;
    tl::io::save_npy(f / "X.npy", x);
    REQUIRE_THROWS_WITH(load(), Contains("X.npy: element [1, 0, 1] is NaN"));
  }
  SECTION("a label outside 0..1") {
    auto y = behaviour::host<float>::zeros({4, 2});
    y.mutable_span()[5] = 2;
    tl::io::save_npy(f / "Y.npy", y);
    REQUIRE_THROWS_WITH(load(), Contains("Y.npy: label [2, 1] is 2"));
  }
  SECTION("names that do not fit") {
    f.write_meta(R"({"events": ["walk"]})");
    REQUIRE_THROWS_WITH(load(), Contains("meta.json: 1 label names for the 2 columns"));
  }
  SECTION("no names") {
    f.write_meta("{}");
    REQUIRE_THROWS_WITH(load(), Contains("meta.json: no list of label names"));
  }
  SECTION("broken JSON") {
    f.write_meta("{\"events\": [");
    REQUIRE_THROWS_WITH(load(), Contains("meta.json"));
  }
  SECTION("an integer that PyTorch's files cannot hold") {
    f.write_meta(R"({"events": ["walk", "run"], "nested": [{"id": 9223372036854775808}]})");
    REQUIRE_THROWS_WITH(load(), Contains("meta.json: the integer 9223372036854775808 is larger than"));
    f.write_meta(R"({"events": ["walk", "run"], "nested": [{"id": 9223372036854775807}]})");
    REQUIRE_NOTHROW(load());
  }
  SECTION("every video held out") {
    f.write_meta(R"({"events": ["walk", "run"], "window_video": [1, 1, 2, 2], "test_groups": [1, 2]})");
    REQUIRE_THROWS_WITH(load(), Contains("meta.json: \"test_groups\" holds out all 4 windows"));
  }
  SECTION("videos held out that are not known") {
    f.write_meta(R"({"events": ["walk", "run"], "test_groups": [1]})");
    REQUIRE_THROWS_WITH(load(), Contains("meta.json") && Contains("the video of each window is unknown"));
  }
  SECTION("videos of another type") {
    tl::io::save_npy(f / "groups.npy", behaviour::host<std::int32_t>::zeros({4}));
    REQUIRE_THROWS_WITH(load(), Contains("groups.npy: elements are int32, not int64"));
  }
  SECTION("videos of some windows only") {
    f.write_meta(R"({"events": ["walk", "run"], "window_video": [1, 2]})");
    REQUIRE_THROWS_WITH(load(), Contains("the video is given for 2 of 4 windows"));
  }
}

TEST_CASE("the published pose windows are read", "[behaviour]") {
  const auto set = behaviour::load_window_set(test::data_folder() + "/pose_windows_jhmdb14");
  REQUIRE(tl::to_string(set.x.shape()) == "[5109, 16, 34]");
  REQUIRE(set.classes() == 14);
  REQUIRE(set.test_groups.size() == 15);
  REQUIRE(behaviour::hold_out(set).rest.size() + behaviour::hold_out(set).held_out.size() == 5109);
}
