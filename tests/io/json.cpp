#include <tensorlab/io/json.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"

namespace tl = tensorlab;
using Catch::StartsWith;

TEST_CASE("json: save then load is identity, in the order of the keys", "[io][json]") {
  const test::temporary_directory folder;
  tl::io::json j;
  j["zeta"] = {1, 2.5, "three", nullptr, true};
  j["alpha"]["inner"] = "\n\"quoted\" \xc3\xa9";
  tl::io::save_json(folder / "a.json", j);
  const tl::io::json back = tl::io::load_json(folder / "a.json");
  REQUIRE(back == j);
  REQUIRE(back.begin().key() == "zeta");
  REQUIRE(test::slurp(folder / "a.json").back() == '\n');
}

TEST_CASE("json: errors name the file and the line", "[io][json]") {
  REQUIRE_THROWS_AS(tl::io::parse_json("{", "a.json"), tl::format_error);
  REQUIRE_THROWS_WITH(tl::io::parse_json("", "a.json"), StartsWith("json: a.json:1: "));
  REQUIRE_THROWS_WITH(tl::io::parse_json("{\n\"a\": 1,\n\"b\" 2}", "a.json"), StartsWith("json: a.json:3: "));
  REQUIRE_THROWS_WITH(tl::io::parse_json("{\n\"a\": 1\n} x", "a.json"), StartsWith("json: a.json:3: "));
  REQUIRE_THROWS_WITH(tl::io::parse_json("[1, NaN]", "a.json"), StartsWith("json: a.json:1: "));
  REQUIRE_THROWS_WITH(tl::io::parse_json("[\"\xff\"]", "a.json"), StartsWith("json: a.json:1: "));
  REQUIRE_THROWS_WITH(tl::io::load_json("/nowhere/a.json"),
                      "read: cannot read /nowhere/a.json: No such file or directory");
}

TEST_CASE("json: a number too large for a double is an error that names the file", "[io][json]") {
  REQUIRE_THROWS_AS(tl::io::parse_json("[1e999]", "a.json"), tl::format_error);
  REQUIRE_THROWS_WITH(tl::io::parse_json("[1e999]", "a.json"),
                      StartsWith("json: a.json: ") && Catch::EndsWith("'1e999'"));
}

TEST_CASE("json: a key that occurs twice is an error", "[io][json]") {
  REQUIRE_THROWS_WITH(tl::io::parse_json(R"({"a": {"b": 1, "c": 2, "b": 3}})", "a.json"),
                      "json: a.json: key \"b\" occurs twice in one object");
  REQUIRE(tl::io::parse_json(R"([{"b": 1}, {"b": {"b": 2}}])", "a.json").size() == 2);
}

TEST_CASE("json_field asks for a key of a type", "[io][json]") {
  const tl::io::json j = tl::io::parse_json(R"({"n": 3, "s": "x"})", "a.json");
  REQUIRE(tl::io::json_field<int>(j, "n", "a.json") == 3);
  REQUIRE_THROWS_WITH(tl::io::json_field<int>(j, "m", "a.json"), "json: a.json: no key \"m\"");
  REQUIRE_THROWS_WITH(tl::io::json_field<int>(j, "s", "a.json"), "json: a.json: \"s\" has the wrong type: string");
  REQUIRE_THROWS_AS(tl::io::json_field<int>(tl::io::json(3), "s", "a.json"), tl::format_error);
}

TEST_CASE("json: text that is not UTF-8 is not written", "[io][json]") {
  const test::temporary_directory folder;
  REQUIRE_THROWS_AS(tl::io::save_json(folder / "a.json", tl::io::json("\xff")), tl::format_error);
  REQUIRE(folder.entries() == 0);
}
