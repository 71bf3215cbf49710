#include <tensorlab/backend/reference.hpp>
#include <tensorlab/io/torch_file.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"

// torch_legacy.pt: written by PyTorch 2.15 in the old form through tests/golden/make_torch_file.py.

namespace tl = tensorlab;
using B = tl::reference;
using Catch::Contains;

TEST_CASE("the form of PyTorch before 1.6 is read", "[io][torch]") {
  const tl::io::torch_value file = tl::io::load_torch(test::golden("torch_legacy.pt"));
  const auto values = [&](const char* key) {
    const auto& t = file.at(key, "file").ref<tl::host_tensor>(key);
    return tl::io::from_host<double, B>(t, {.convert = true}).to_vector();
  };
  REQUIRE(values("a") == std::vector<double>{2, 3, 4});
  REQUIRE(values("b") == std::vector<double>{0, 3, 1, 4, 2, 5});
  REQUIRE(values("i8") == std::vector<double>{1, 2});
  REQUIRE(file.at("int16", "file").is<tl::io::torch_record>());
  REQUIRE(file.at("n", "file") == tl::io::torch_value(3));
}

TEST_CASE("the old form: every truncation is an error", "[io][torch]") {
  const test::temporary_directory folder;
  const std::string whole = test::slurp(test::golden("torch_legacy.pt"));
  for (std::size_t n = 0; n < whole.size(); ++n) {
    test::spit(folder / "a.pt", whole.substr(0, n));
    INFO("cut at " << n);
    REQUIRE_THROWS_AS(tl::io::load_torch(folder / "a.pt"), tl::error);
  }
  test::spit(folder / "a.pt", whole.substr(0, whole.size() - 1));
  REQUIRE_THROWS_WITH(tl::io::load_torch(folder / "a.pt"), Contains("is truncated"));
}

TEST_CASE("a pickle that PyTorch did not write", "[io][torch]") {
  const test::temporary_directory folder;
  test::spit(folder / "a.pt", "\x80\x02K\x01.");
  REQUIRE_THROWS_WITH(tl::io::load_torch(folder / "a.pt"), Contains("torch: no PyTorch file: ") && Contains("a.pt"));
}
