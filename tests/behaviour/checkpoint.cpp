#include <tensorlab/behaviour/checkpoint.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"

namespace tl = tensorlab;
namespace behaviour = tl::behaviour;

namespace {

tl::host_tensor numbers(std::initializer_list<float> values) {
  tl::host_tensor h{tl::dtype::float32, {static_cast<std::int64_t>(values.size())}, {}};
  h.bytes.resize(values.size() * sizeof(float));
  std::memcpy(h.bytes.data(), values.begin(), h.bytes.size());
  return h;
}

}  // namespace

TEST_CASE("a checkpoint comes back as it was written", "[behaviour]") {
  const test::temporary_directory folder;
  behaviour::checkpoint c;
  c.state = {{"head.weight", numbers({1, 2, 3})}, {"head.bias", numbers({4})}};
  c.meta = tl::io::parse_json(
      R"({"events": ["걷기", "run"], "win": 16, "overlap": 0.25, "nested": {"none": null, "yes": true}})", "text");
  c.thresholds = {0.25, 0.5};
  behaviour::save_checkpoint(folder / "model.pt", c);
  const auto back = behaviour::load_checkpoint(folder / "model.pt");
  REQUIRE(back.state == c.state);
  REQUIRE(back.meta == c.meta);
  REQUIRE(back.thresholds == c.thresholds);
  REQUIRE(folder.entries() == 1);
}

TEST_CASE("an integer of meta beyond 64 signed bits is refused, the largest is kept", "[behaviour]") {
  const test::temporary_directory folder;
  behaviour::checkpoint c;
  c.meta = tl::io::parse_json(R"({"id": 9223372036854775808})", "text");
  REQUIRE_THROWS_AS(behaviour::save_checkpoint(folder / "model.pt", c), tl::value_error);
  REQUIRE(folder.entries() == 0);
  c.meta = tl::io::parse_json(R"({"id": 9223372036854775807})", "text");
  behaviour::save_checkpoint(folder / "model.pt", c);
  REQUIRE(behaviour::load_checkpoint(folder / "model.pt").meta == c.meta);
}

TEST_CASE("the older form keeps its weights under model", "[behaviour]") {
  const test::temporary_directory folder;
  tl::io::torch_dict old;
  old.set("model", tl::io::torch_state_dict({{"w", numbers({1})}}));
  old.set("meta", tl::io::torch_dict());
  old.set("thresholds", tl::io::torch_list{{0.5}});
  tl::io::save_torch(folder / "old.pt", old);
  REQUIRE(behaviour::load_checkpoint(folder / "old.pt").state[0].first == "w");
}

TEST_CASE("a file without thresholds is refused by name", "[behaviour]") {
  const test::temporary_directory folder;
  tl::io::torch_dict d;
  d.set("state_dict", tl::io::torch_state_dict({}));
  d.set("meta", tl::io::torch_dict());
  tl::io::save_torch(folder / "short.pt", d);
  REQUIRE_THROWS_WITH(behaviour::load_checkpoint(folder / "short.pt"),
                      Catch::Contains("short.pt") && Catch::Contains("thresholds"));
}

TEST_CASE("an output that cannot be written is found out before training", "[behaviour]") {
  const test::temporary_directory folder;
  REQUIRE_THROWS_WITH(behaviour::require_writable(folder / "no/such/folder/x.pt"), Catch::Contains("cannot write"));
  REQUIRE_THROWS_WITH(behaviour::require_writable(folder.path().string()), Catch::Contains("it is a folder"));
  REQUIRE_THROWS_WITH(behaviour::require_writable(""), Catch::Contains("the name is empty"));
  behaviour::require_writable(folder / "x.pt");
  REQUIRE(folder.entries() == 0);
}
