#include <tensorlab/data/relay.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;

namespace {

struct own_error : tl::value_error {
  using tl::value_error::value_error;
};

/// What `e` is after it was relayed.
template <class E>
std::exception_ptr relayed(const E& e) {
  try {
    throw e;
  } catch (...) {
    return tl::data::detail::relay_current_exception("sample 3: ");
  }
}

}  // namespace

TEST_CASE("exceptions of the library and the standard keep their type", "[data]") {
  REQUIRE_THROWS_AS(std::rethrow_exception(relayed(tl::shape_error("bad"))), tl::shape_error);
  REQUIRE_THROWS_WITH(std::rethrow_exception(relayed(tl::file_error("gone"))), Catch::Equals("sample 3: gone"));
  REQUIRE_THROWS_AS(std::rethrow_exception(relayed(std::out_of_range("7"))), std::out_of_range);
  REQUIRE_THROWS_WITH(std::rethrow_exception(relayed(std::out_of_range("7"))), Catch::Equals("sample 3: 7"));
}

TEST_CASE("an exception of another type is nested in one that says where it came from", "[data]") {
  try {
    std::rethrow_exception(relayed(own_error("mine")));
    FAIL("nothing was thrown");
  } catch (const tl::error& e) {
    REQUIRE(std::string(e.what()) == "sample 3: mine");
    REQUIRE_THROWS_AS(std::rethrow_if_nested(e), own_error);
  }
  try {
    std::rethrow_exception(relayed(42));
    FAIL("nothing was thrown");
  } catch (const tl::error& e) {
    REQUIRE(std::string(e.what()) == "sample 3: unknown exception");
    REQUIRE_THROWS_AS(std::rethrow_if_nested(e), int);
  }
}
