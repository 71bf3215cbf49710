#include <tensorlab/io/module.hpp>

#include <tensorlab/backend/reference.hpp>
#include <tensorlab/nn/linear.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"

namespace tl = tensorlab;
using B = tl::reference;
using Catch::Contains;
using linear = tl::nn::linear<float, B>;

namespace {

linear make(std::uint64_t seed, std::int64_t out = 2) {
  tl::random::stream rng{seed};
  return linear::init({.in = 3, .out = out}, rng);
}

}  // namespace

TEST_CASE("a module's weights go through a file, whatever its kind", "[io][module]") {
  const test::temporary_directory folder;
  for (const char* name : {"a.safetensors", "a.pt", "a.pth"}) {
    linear from = make(1), to = make(2);
    tl::io::save(folder / name, from);
    REQUIRE(tl::nn::state_dict(from) != tl::nn::state_dict(to));
    tl::io::load(folder / name, to);
    REQUIRE(tl::nn::state_dict(from) == tl::nn::state_dict(to));
  }
}

TEST_CASE("a state dict inside a PyTorch checkpoint is found", "[io][module]") {
  const test::temporary_directory folder;
  linear from = make(1);
  for (const char* key : {"state_dict", "model"}) {
    tl::io::torch_dict file;
    file.set("epoch", 3).set(key, tl::io::torch_state_dict(tl::nn::state_dict(from)));
    tl::io::save_torch(folder / "a.pt", file);
    linear to = make(2);
    tl::io::load(folder / "a.pt", to);
    REQUIRE(tl::nn::state_dict(from) == tl::nn::state_dict(to));
  }
  tl::io::save_torch(folder / "b.pt", tl::io::torch_list{{1}});
  REQUIRE_THROWS_WITH(tl::io::load_weights(folder / "b.pt"), Contains("b.pt is list, expected dict"));
}

TEST_CASE("weights that do not fit name the file", "[io][module]") {
  const test::temporary_directory folder;
  linear from = make(1), to = make(2, 4);
  tl::io::save(folder / "a.pt", from);
  REQUIRE_THROWS_AS(tl::io::load(folder / "a.pt", to), tl::format_error);
  REQUIRE_THROWS_WITH(tl::io::load(folder / "a.pt", to), Contains("a.pt: load_state_dict: wrong shapes: weight"));
}

TEST_CASE("an unknown ending is an error before anything is written", "[io][module]") {
  const test::temporary_directory folder;
  linear net = make(1);
  REQUIRE_THROWS_WITH(tl::io::save(folder / "a.bin", net),
                      Contains("save: unknown kind of file: ") && Contains("a.bin"));
  REQUIRE_THROWS_AS(tl::io::load(folder / "a.bin", net), tl::value_error);
  REQUIRE(folder.entries() == 0);
}
