#include <tensorlab/data/split.hpp>

#include <set>

#include "support/catch.hpp"

namespace tl = tensorlab;
using list = std::vector<std::int64_t>;

TEST_CASE("random_split cuts NumPy's shuffle", "[data][split]") {
  const tl::data::split s = tl::data::random_split(10, 0.2, 42);
  REQUIRE(s.train == list{8, 1, 5, 0, 7, 2, 9, 4});
  REQUIRE(s.validation == list{3, 6});
}

TEST_CASE("random_split rounds the training side down", "[data][split]") {
  REQUIRE(tl::data::random_split(11, 0.25, 1).train.size() == 8);  // floor(8.25)
  REQUIRE(tl::data::random_split(7, 0, 1).validation.empty());
  REQUIRE(tl::data::random_split(7, 1, 1).train.empty());
  REQUIRE(tl::data::random_split(0, 0.5, 1).train.empty());
  REQUIRE_THROWS_WITH(tl::data::random_split(7, 1.5, 1),
                      Catch::Contains("random_split: validation ratio is outside 0 to 1"));
  REQUIRE_THROWS_AS(tl::data::random_split(7, -0.1, 1), tl::value_error);
}

TEST_CASE("group_split keeps groups together and fills the validation side", "[data][split]") {
  list groups;
  for (std::int64_t i = 0; i < 300; ++i) groups.push_back(100 - i * i % 23);
  for (double ratio : {0.0, 0.1, 0.37, 1.0}) {
    const tl::data::split s = tl::data::group_split(groups, ratio, 5);
    REQUIRE(s.train.size() + s.validation.size() == groups.size());
    REQUIRE(static_cast<double>(s.validation.size()) >= ratio * 300);
    std::set<std::int64_t> train, validation;
    for (std::int64_t i : s.train) train.insert(groups[static_cast<std::size_t>(i)]);
    for (std::int64_t i : s.validation) validation.insert(groups[static_cast<std::size_t>(i)]);
    for (std::int64_t g : validation) REQUIRE(train.count(g) == 0);
    // Without its last group the validation side would be too small.
    std::size_t largest = 0;
    for (std::int64_t g : validation)
      largest = (std::max)(largest, static_cast<std::size_t>(std::count(groups.begin(), groups.end(), g)));
    REQUIRE(static_cast<double>(s.validation.size() - largest) <= ratio * 300);
  }
}

TEST_CASE("group_split takes groups in the order of NumPy's shuffle", "[data][split]") {
  // RandomState(42).shuffle of 0..9 begins 8 1 5; samples of one size each.
  const list groups{9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
  REQUIRE(tl::data::group_split(groups, 0.3, 42).validation == list{1, 4, 8});
}

TEST_CASE("stratified_folds equals scikit-learn", "[data][split]") {
  // Expected: tests/golden/numpy_random.py with scikit-learn.
  list y;
  for (std::int64_t i = 0; i < 26; ++i) y.push_back((i * i + i / 3) % 4);
  REQUIRE(tl::data::stratified_folds(y, 5, std::nullopt) ==
          list{0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 2, 1, 2, 2, 2, 2, 3, 3, 4, 3, 4, 3, 4, 3, 4, 4});
  REQUIRE(tl::data::stratified_folds(y, 5, 0u) ==
          list{3, 1, 1, 4, 3, 4, 1, 0, 3, 0, 3, 2, 4, 4, 3, 0, 0, 1, 2, 4, 0, 1, 2, 0, 2, 2});
  REQUIRE(tl::data::stratified_folds(y, 5, 42u) ==
          list{3, 1, 0, 4, 0, 3, 0, 0, 0, 2, 3, 0, 4, 3, 1, 1, 4, 1, 2, 2, 4, 2, 4, 1, 3, 2});
}

TEST_CASE("stratified_folds spreads uneven classes", "[data][split]") {
  // 17 classes of 100 but three: folds of 314, and the three dealt as scikit-learn deals them on such a file.
  list y;
  for (std::int64_t k = 0; k < 17; ++k) y.insert(y.end(), k == 1 ? 46 : k == 13 ? 74 : k == 14 ? 50 : 100, k);
  const list folds = tl::data::stratified_folds(y, 5, 42u);
  std::vector<list> counts(17, list(5)), expected(17, list(5, 20));
  expected[1] = {10, 9, 9, 9, 9};
  expected[13] = {14, 15, 15, 15, 15};
  expected[14] = {10, 10, 10, 10, 10};
  list sizes(5);
  for (std::size_t i = 0; i < y.size(); ++i) {
    ++counts[static_cast<std::size_t>(y[i])][static_cast<std::size_t>(folds[i])];
    ++sizes[static_cast<std::size_t>(folds[i])];
  }
  REQUIRE(counts == expected);
  REQUIRE(sizes == list{314, 314, 314, 314, 314});
  const tl::data::split s = tl::data::fold_split(folds, 2);
  REQUIRE(s.validation.size() == 314);
  REQUIRE(s.train.size() == 1256);
}

TEST_CASE("stratified_folds: impossible requests", "[data][split]") {
  REQUIRE_THROWS_WITH(tl::data::stratified_folds(list{0, 1, 0}, 1, 1u),
                      "stratified_folds: at least 2 folds are needed: 1");
  REQUIRE_THROWS_WITH(tl::data::stratified_folds(list{0, 1, 0}, 3, 1u),
                      "stratified_folds: 3 folds, but the largest class has 2 members");
}
