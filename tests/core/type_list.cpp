#include <tensorlab/core/type_list.hpp>

#include <type_traits>
#include <vector>

#include "support/catch.hpp"

namespace tl = tensorlab;

TEST_CASE("for_each_type visits the types in order", "[core]") {
  std::vector<std::size_t> sizes;
  tl::for_each_type(tl::type_list<char, double, float>{}, [&]<class T>() { sizes.push_back(sizeof(T)); });
  REQUIRE(sizes == std::vector<std::size_t>{1, 8, 4});
  static_assert(std::is_same_v<tl::join<tl::type_list<int>, tl::type_list<>, tl::type_list<char, int>>,
                               tl::type_list<int, char, int>>);
  static_assert(tl::type_list<int, char>::size == 2);
  static_assert(tl::is_listed<char, tl::type_list<int, char>> && !tl::is_listed<char, tl::type_list<int>>);
  static_assert(!tl::is_listed<int, tl::type_list<>>);
}
