#include <tensorlab/core/host_tensor.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;

TEST_CASE("host tensors are equal if their types, shapes and bytes are", "[core]") {
  const tl::host_tensor a{tl::dtype::uint8, {2, 1}, {7, 8}};
  REQUIRE(a == tl::host_tensor{tl::dtype::uint8, {2, 1}, {7, 8}});
  REQUIRE_FALSE(a == tl::host_tensor{tl::dtype::boolean, {2, 1}, {7, 8}});
  REQUIRE_FALSE(a == tl::host_tensor{tl::dtype::uint8, {1, 2}, {7, 8}});
  REQUIRE_FALSE(a == tl::host_tensor{tl::dtype::uint8, {2, 1}, {7, 9}});
  REQUIRE(tl::host_tensor{}.type == tl::dtype::float32);
  const tl::named_tensors list{{"a", a}, {"b", {}}};
  REQUIRE(list == tl::named_tensors{{"a", a}, {"b", {}}});
  REQUIRE_FALSE(list == tl::named_tensors{{"b", {}}, {"a", a}});
}
