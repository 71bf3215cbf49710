#include <tensorlab/data/collate.hpp>

#include <string>

#include <tensorlab/backend/reference.hpp>
#include <tensorlab/ops/reshape.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;

namespace {

using X = tl::tensor<float, tl::reference>;
const tl::data::stack<tl::reference> stack;

template <class S>
auto batch(const std::vector<S>& samples) {
  return stack(std::span<const S>(samples));
}

}  // namespace

TEST_CASE("numbers become a vector, tensors get a dimension", "[data]") {
  const auto numbers = batch<std::int64_t>({3, 1, 2});
  REQUIRE(numbers.shape() == tl::shape{3});
  REQUIRE(numbers.to_vector() == std::vector<std::int64_t>{3, 1, 2});
  const X column = X::from({1, 2, 3, 4}, {4});
  const auto rows = batch<X>({reshape(column, {2, 2}), transpose(reshape(column, {2, 2}))});
  REQUIRE(rows.shape() == tl::shape{2, 2, 2});
  REQUIRE(rows.to_vector() == std::vector<float>{1, 2, 3, 4, 1, 3, 2, 4});
  REQUIRE(batch<float>({}).shape() == tl::shape{0});
}

TEST_CASE("parts of samples are stacked one by one", "[data]") {
  const auto [x, name, inner] = batch<std::tuple<X, std::string, std::pair<int, bool>>>(
      {{X::ones({2}), "a", {1, true}}, {X::zeros({2}), "b", {2, false}}});
  REQUIRE(x.to_vector() == std::vector<float>{1, 1, 0, 0});
  REQUIRE(name == std::vector<std::string>{"a", "b"});
  REQUIRE(std::get<0>(inner).to_vector() == std::vector<int>{1, 2});
  REQUIRE(std::get<1>(inner).shape() == tl::shape{2});
}

TEST_CASE("samples of different shapes are no batch", "[data]") {
  REQUIRE_THROWS_WITH(batch<X>({X::ones({2}), X::ones({2}), X::ones({3})}),
                      Catch::Equals("collate: shapes of the samples differ: sample 0 of the batch [2], sample 2 [3]"));
}

TEST_CASE("a sample's backend is that of its first tensor", "[data]") {
  STATIC_REQUIRE(std::is_same_v<tl::data::backend_of<X>, tl::reference>);
  STATIC_REQUIRE(std::is_same_v<tl::data::backend_of<std::pair<int, X>>, tl::reference>);
  STATIC_REQUIRE(
      std::is_same_v<tl::data::backend_of<std::tuple<std::string, X, tl::tensor<int, tl::cpu>>>, tl::reference>);
}
