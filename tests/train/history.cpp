#include <tensorlab/train/history.hpp>

#include <cstdio>
#include <limits>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace train = tl::train;

namespace {

train::history example() {
  train::history h;
  h.epochs.push_back({1, {{"loss", 0.5}}});
  h.epochs.push_back({2, {{"loss", 0.1}, {"val_loss", 1e-30}, {"odd,\"name\"", -3}}});
  h.epochs.push_back({3, {{"val_loss", std::nan("")}, {"loss", -std::numeric_limits<double>::infinity()}}});
  return h;
}

}  // namespace

TEST_CASE("values keep the order of their names", "[train]") {
  train::values v{{"b", 1}, {"a", 2}};
  v.set("c", 3);
  v.set("b", 4);
  REQUIRE(v.names() == "b, a, c");
  REQUIRE(v.at("b") == 4);
  REQUIRE_FALSE(v.find("d"));
  REQUIRE_THROWS_WITH(v.at("d"), "values: nothing is called 'd'; there are: b, a, c");
}

TEST_CASE("numbers are written as short as they read back", "[train]") {
  REQUIRE(train::to_text(0.1) == "0.1");
  REQUIRE(train::to_text(2) == "2");
  REQUIRE(train::to_text(1.0 / 3) == "0.3333333333333333");
  REQUIRE(train::to_text(std::numeric_limits<double>::infinity()) == "inf");
}

TEST_CASE("a history gives one metric over the epochs", "[train]") {
  const auto h = example();
  REQUIRE(h.names() == std::vector<std::string>{"loss", "val_loss", "odd,\"name\""});
  REQUIRE(h.series("odd,\"name\"") == std::vector<double>{-3});
  REQUIRE(h.series("loss").size() == 3);
  REQUIRE(h.series("none").empty());
}

TEST_CASE("a history as CSV", "[train]") {
  REQUIRE(train::to_csv(example()) ==
          "epoch,loss,val_loss,\"odd,\"\"name\"\"\"\n"
          "1,0.5,,\n"
          "2,0.1,1e-30,-3\n"
          "3,-inf,nan,\n");
  REQUIRE(train::to_csv({}) == "epoch\n");
}

TEST_CASE("a history as JSON lines", "[train]") {
  REQUIRE(train::to_json_lines(example()) ==
          "{\"epoch\": 1, \"loss\": 0.5}\n"
          "{\"epoch\": 2, \"loss\": 0.1, \"val_loss\": 1e-30, \"odd,\\\"name\\\"\": -3}\n"
          "{\"epoch\": 3, \"val_loss\": null, \"loss\": null}\n");
  REQUIRE(train::to_json_line({1, {{"a\\b\n", 1}}}) == "{\"epoch\": 1, \"a\\\\b\\u000a\": 1}\n");
}

TEST_CASE("a history is written in the form that its name asks for", "[train]") {
  const std::string base = tl::concat("/tmp/tensorlab_history_", ::getpid());
  train::save_history(base + ".csv", example());
  train::save_history(base + ".jsonl", example());
  REQUIRE(tl::io::read_text(base + ".csv") == train::to_csv(example()));
  REQUIRE(tl::io::read_text(base + ".jsonl") == train::to_json_lines(example()));
  std::remove((base + ".csv").c_str());
  std::remove((base + ".jsonl").c_str());
  REQUIRE_THROWS_AS(train::save_history("/nowhere/at/all.csv", example()), tl::file_error);
}
