#include <tensorlab/train/values.hpp>

#include <limits>

#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::train::values;

TEST_CASE("named values keep the order in which they were first set", "[train]") {
  values v{{"loss", 2}, {"f1", 0.5}};
  v.set("rate", 0.1);
  v.set("loss", 1);
  REQUIRE(v.names() == "loss, f1, rate");
  REQUIRE(v.at("loss") == 1);
  REQUIRE(v.find("f1") == 0.5);
  REQUIRE_FALSE(v.find("f2"));
  REQUIRE(v == values{{"loss", 1}, {"f1", 0.5}, {"rate", 0.1}});
  REQUIRE_FALSE(v == values{{"f1", 0.5}, {"loss", 1}, {"rate", 0.1}});
  REQUIRE_THROWS_WITH(v.at("f2"), Catch::Equals("values: nothing is called 'f2'; there are: loss, f1, rate"));
  REQUIRE(values{}.empty());
}

TEST_CASE("a number's text is the shortest that reads back as it", "[train]") {
  REQUIRE(tl::train::to_text(0.1) == "0.1");
  REQUIRE(tl::train::to_text(-3) == "-3");
  REQUIRE(tl::train::to_text(1e-300) == "1e-300");
  REQUIRE(std::stod(tl::train::to_text(1.0 / 3)) == 1.0 / 3);
  REQUIRE(tl::train::to_text(std::numeric_limits<double>::infinity()) == "inf");
  REQUIRE(tl::train::to_text(std::numeric_limits<double>::quiet_NaN()) == "nan");
}
