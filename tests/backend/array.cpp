#include <tensorlab/backend/array.hpp>

#include "support/backend.hpp"

using A = tl::array<float, B>;

TEST_CASE("an array is made of host values, filled or left empty", "[backend][array]") {
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  const A a = A::from_host(values, {2, 3});
  REQUIRE(a.to_host() == values);
  REQUIRE(a.strides() == tl::strides{3, 1});
  REQUIRE(A::full({2}, 7).to_host() == std::vector<float>{7, 7});
  REQUIRE(A::empty({0, 4}).size() == 0);
  REQUIRE_FALSE(A());
  REQUIRE(A().data() == nullptr);
  REQUIRE_THROWS_WITH(A::from_host(values, {2, 2}), Catch::Equals("array: 6 values do not fill shape [2, 2]"));
  REQUIRE_THROWS_WITH(A::empty({2, -1}), Catch::Equals("array: negative extent in shape [2, -1]"));
}

TEST_CASE("views of an array share its storage, copies of its elements do not", "[backend][array]") {
  const A a = A::from_host(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
  const A column = a.restride({2}, {3}, 1), turned = a.restride({3, 2}, {1, 3});
  REQUIRE(column.storage() == a.storage());
  REQUIRE(column.to_host() == std::vector<float>{2, 5});
  REQUIRE(turned.to_host() == std::vector<float>{1, 4, 2, 5, 3, 6});
  REQUIRE(a.contiguous().storage() == a.storage());
  const A dense = turned.contiguous();
  REQUIRE(dense.storage() != a.storage());
  REQUIRE(dense.is_row_major());
  REQUIRE(dense.to_host() == turned.to_host());
  const A same_order = turned.clone();
  REQUIRE(same_order.strides() == turned.strides());
  REQUIRE(same_order.to_host() == turned.to_host());
  REQUIRE(turned.clone_row_major().is_row_major());
}

TEST_CASE("an array is cast in its memory order", "[backend][array]") {
  const A a = A::from_host(std::vector<float>{-1.5f, 0, 2.75f, 4}, {2, 2}).restride({2, 2}, {1, 2});
  const auto whole = a.cast<std::int64_t>();
  REQUIRE(whole.strides() == a.strides());
  REQUIRE(whole.to_host() == std::vector<std::int64_t>{-1, 2, 0, 4});
  REQUIRE(tl::array<double, B>::empty_like(a).strides() == a.strides());
}
