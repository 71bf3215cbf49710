#include <tensorlab/train/write_safetensors.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"

namespace tl = tensorlab;

TEST_CASE("a best state is written with its epoch and its metrics", "[train]") {
  const test::temporary_directory folder;
  const tl::named_tensors state{{"w", {tl::dtype::uint8, {2}, {3, 4}}}};
  tl::train::status at;
  at.epoch = 7;
  at.metrics = {{"loss", 0.25}, {"f1", 1}};
  const tl::train::write_safetensors write(folder / "best.safetensors");
  write(state, at);
  const auto file = tl::io::load_safetensors(folder / "best.safetensors");
  REQUIRE(file.tensors == state);
  REQUIRE(file.metadata ==
          std::vector<std::pair<std::string, std::string>>{{"epoch", "7"}, {"loss", "0.25"}, {"f1", "1"}});
  REQUIRE(folder.entries() == 1);
  REQUIRE_THROWS_AS(tl::train::write_safetensors(folder / "none/best.safetensors")(state, at), tl::file_error);
}
