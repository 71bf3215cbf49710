#include <tensorlab/data/dataset.hpp>

#include <string>

#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/backend/reference.hpp>
#include <tensorlab/data/collate.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using B = tl::reference;
using floats = tl::tensor<float, B>;
using ints = tl::tensor<std::int64_t, B>;

namespace {

floats ramp(std::int64_t rows, std::int64_t columns) {
  return floats(floats::arange(rows * columns).array().restride({rows, columns}, {columns, 1}));
}

}  // namespace

TEST_CASE("tensor_dataset gives rows as views", "[data][dataset]") {
  const floats x = ramp(4, 3);
  const tl::data::tensor_dataset d{x, ints::arange(4)};
  static_assert(tl::data::dataset<decltype(d)>);
  REQUIRE(d.size() == 4);
  const auto [row, label] = d.get(2);
  REQUIRE(row.to_vector() == std::vector<float>{6, 7, 8});
  REQUIRE(row.array().data() == x.array().data() + 6);
  REQUIRE(label.rank() == 0);
  REQUIRE(label.item() == 2);
  const tl::data::tensor_dataset single{x};
  REQUIRE(single.get(3).to_vector() == std::vector<float>{9, 10, 11});
}

TEST_CASE("tensor_dataset walks the rows of a transposed view", "[data][dataset]") {
  const floats t(ramp(2, 3).array().restride({3, 2}, {1, 3}));
  REQUIRE(tl::data::tensor_dataset{t}.get(1).to_vector() == std::vector<float>{1, 4});
}

TEST_CASE("tensor_dataset: shapes that do not fit", "[data][dataset]") {
  REQUIRE_THROWS_WITH((tl::data::tensor_dataset{ramp(4, 3), ints::arange(5)}),
                      "tensor_dataset: numbers of rows differ: first [4, 3], other [5] (4 vs 5)");
  REQUIRE_THROWS_AS(tl::data::tensor_dataset{floats::scalar(1)}, tl::shape_error);
}

TEST_CASE("subset and map compose", "[data][dataset]") {
  const tl::data::tensor_dataset d{ints::arange(10)};
  const tl::data::subset some{d, {7, 3, 3}};
  const auto doubled = tl::data::map(some, [](const ints& x) { return 2 * x.item(); });
  REQUIRE(doubled.size() == 3);
  REQUIRE(doubled.get(0) == 14);
  REQUIRE(doubled.get(2) == 6);
  REQUIRE_THROWS_WITH((tl::data::subset{d, {0, 10}}), "subset: index 10 is outside a data set of 10 samples");
  REQUIRE_THROWS_AS((tl::data::subset{d, {-1}}), tl::value_error);
}

TEST_CASE("chance passes through subset, map and borrowed", "[data][dataset]") {
  const tl::data::tensor_dataset d{ints::arange(10)};
  const auto noisy = tl::data::map(
      d, [](const ints& x, const tl::random::stream& rng) { return static_cast<double>(x.item()) + rng.uniform(); });
  using noisy_type = std::remove_const_t<decltype(noisy)>;
  static_assert(tl::data::dataset<noisy_type> && !tl::data::detail::plain_dataset<noisy_type>);
  const auto shifted = tl::data::map(tl::data::subset{tl::data::borrowed{noisy}, {4}}, [](double v) { return v - 4; });
  const tl::random::stream a{1}, b{1};
  REQUIRE(tl::data::get_sample(shifted, 0, a) == Approx(b.uniform()).epsilon(1e-12));
}

TEST_CASE("stack makes batches of numbers, tensors, tuples and other things", "[data][collate]") {
  using sample = std::tuple<floats, std::int64_t, std::pair<std::string, bool>>;
  const std::vector<sample> samples{{ramp(1, 2), 5, {"five", true}}, {floats::ones({1, 2}), 6, {"six", false}}};
  const auto [x, n, rest] = tl::data::stack<tl::cpu>{}(std::span<const sample>(samples));
  static_assert(std::is_same_v<decltype(x), const tl::tensor<float, tl::cpu>>);
  static_assert(std::is_same_v<decltype(n), const tl::tensor<std::int64_t, tl::cpu>>);
  REQUIRE(x.shape() == tl::shape{2, 1, 2});
  REQUIRE(x.to_vector() == std::vector<float>{0, 1, 1, 1});
  REQUIRE(n.to_vector() == std::vector<std::int64_t>{5, 6});
  REQUIRE(std::get<0>(rest) == std::vector<std::string>{"five", "six"});
  REQUIRE(std::get<1>(rest).span()[0]);
  REQUIRE_FALSE(std::get<1>(rest).span()[1]);
  static_assert(std::is_same_v<tl::data::backend_of<sample>, B>);
}

TEST_CASE("stack copies views in logical order and takes empty tensors", "[data][collate]") {
  const floats t(ramp(2, 3).array().restride({3, 2}, {1, 3}));
  const std::vector<floats> samples{t, t};
  const auto x = tl::data::stack<B>{}(std::span<const floats>(samples));
  REQUIRE(x.shape() == tl::shape{2, 3, 2});
  REQUIRE(x.to_vector() == std::vector<float>{0, 3, 1, 4, 2, 5, 0, 3, 1, 4, 2, 5});
  const std::vector<floats> nothing{floats::empty({0, 3}), floats::empty({0, 3})};
  REQUIRE(tl::data::stack<B>{}(std::span<const floats>(nothing)).shape() == tl::shape{2, 0, 3});
}

TEST_CASE("stack: shapes that differ", "[data][collate]") {
  const std::vector<floats> samples{ramp(2, 3), ramp(2, 3), ramp(3, 2)};
  REQUIRE_THROWS_WITH(tl::data::stack<B>{}(std::span<const floats>(samples)),
                      "collate: shapes of the samples differ: sample 0 of the batch [2, 3], sample 2 [3, 2]");
}
