#include <tensorlab/core/dims.hpp>
#include <tensorlab/core/dtype.hpp>
#include <tensorlab/core/error.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;

TEST_CASE("messages are put together from texts, numbers, shapes and types", "[core]") {
  const std::string name = "op";
  REQUIRE(tl::concat(name, ": ", tl::dims{1, 2}, ' ', 3, " vs ", std::int64_t{-4}, std::string_view(" of "),
                     tl::dtype::int64, " ", true) == "op: [1, 2] 3 vs -4 of int64 true");
}

TEST_CASE("every cause has its type under one base", "[core]") {
  REQUIRE_THROWS_AS(tl::throw_shape_error("x"), tl::shape_error);
  REQUIRE_THROWS_AS(tl::throw_dtype_error("x"), tl::dtype_error);
  REQUIRE_THROWS_AS(tl::throw_device_error("x"), tl::device_error);
  REQUIRE_THROWS_AS(tl::throw_gradient_error("x"), tl::gradient_error);
  REQUIRE_THROWS_AS(tl::throw_backend_error("x"), tl::backend_error);
  REQUIRE_THROWS_AS(tl::throw_format_error("x"), tl::format_error);
  REQUIRE_THROWS_AS(tl::throw_value_error("x"), tl::value_error);
  REQUIRE_THROWS_AS(tl::throw_value_error("x"), tl::error);
  REQUIRE_THROWS_WITH(tl::throw_shape_error("what is wrong"), "what is wrong");
}
