#include <tensorlab/io/npz.hpp>

#include <tensorlab/backend/reference.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"

namespace tl = tensorlab;
using B = tl::reference;
using Catch::Contains;
using Catch::StartsWith;

namespace {

tl::named_tensors some_arrays() {
  return {{"weights", tl::io::to_host(tl::tensor<float, B>::uniform({5, 40}, tl::random::stream{2}))},
          {"a/b", tl::io::to_host(tl::tensor<std::int64_t, B>::arange(3))},
          {"empty", tl::io::to_host(tl::tensor<double, B>::empty({0}))}};
}

}  // namespace

TEST_CASE("npz files of NumPy are read, stored and deflated", "[io][npz]") {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const tl::io::npz_reader file(test::golden(name));
    REQUIRE(file.names() == std::vector<std::string>{"x", "y"});
    const auto x = file.load<float, B>("x");
    REQUIRE(x.shape() == tl::shape{2, 3, 4});
    for (std::size_t i = 0; i < 24; ++i) REQUIRE(x.span()[i] == static_cast<float>(i));
    REQUIRE(file.load<std::int64_t, B>("y").to_vector() == std::vector<std::int64_t>{0, 1, 2});
    REQUIRE(file.load<float, B>("y", {.convert = true}).to_vector() == std::vector<float>{0, 1, 2});
  }
}

TEST_CASE("npz: save then load is identity", "[io][npz]") {
  const test::temporary_directory folder;
  for (const auto method : {tl::io::zip_method::stored, tl::io::zip_method::deflated}) {
    tl::io::save_npz(folder / "a.npz", some_arrays(), method);
    REQUIRE(tl::io::load_npz(folder / "a.npz") == some_arrays());
  }
  tl::io::save_npz(folder / "none.npz", {});
  REQUIRE(tl::io::load_npz(folder / "none.npz").empty());
  REQUIRE(folder.entries() == 2);
}

TEST_CASE("npz: the same arrays give the same bytes, and deflating makes them fewer", "[io][npz]") {
  const test::temporary_directory folder;
  const tl::named_tensors zeros{{"z", tl::io::to_host(tl::tensor<float, B>::zeros({1000}))}};
  tl::io::save_npz(folder / "a.npz", zeros);
  tl::io::save_npz(folder / "b.npz", zeros);
  REQUIRE(test::slurp(folder / "a.npz") == test::slurp(folder / "b.npz"));
  tl::io::save_npz(folder / "c.npz", zeros, tl::io::zip_method::deflated);
  REQUIRE(test::slurp(folder / "c.npz").size() < 1000);
}

TEST_CASE("npz: what is absent or of another type names file and array", "[io][npz]") {
  const std::string path = test::golden("stored.npz");
  const tl::io::npz_reader file(path);
  REQUIRE_THROWS_WITH((file.load<float, B>("z")), "npz: no array called z: " + path);
  REQUIRE_THROWS_WITH((file.load<float, B>("y")), Contains(path + ": y holds int64, asked for float32"));
  REQUIRE_THROWS_AS(tl::io::npz_reader("/nowhere/a.npz"), tl::file_error);
  REQUIRE_THROWS_WITH(tl::io::npz_reader("/nowhere/a.npz"),
                      StartsWith("zip: cannot read /nowhere/a.npz: No such file"));
}

TEST_CASE("npz: every truncation is an error", "[io][npz]") {
  const test::temporary_directory folder;
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const std::string whole = test::slurp(test::golden(name));
    for (std::size_t n = 0; n < whole.size(); ++n) {
      test::spit(folder / "a.npz", whole.substr(0, n));
      INFO(name << " cut at " << n);
      REQUIRE_THROWS_AS(tl::io::load_npz(folder / "a.npz"), tl::error);
    }
  }
}

TEST_CASE("npz: a changed byte of the elements does not pass", "[io][npz]") {
  const test::temporary_directory folder;
  std::string bytes = test::slurp(test::golden("stored.npz"));
  const std::size_t at = bytes.find("NUMPY") + 140;
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  test::spit(folder / "a.npz", bytes);
  REQUIRE_THROWS_AS(tl::io::load_npz(folder / "a.npz"), tl::format_error);
  REQUIRE_THROWS_WITH(tl::io::load_npz(folder / "a.npz"), Contains("a.npz: x.npy: CRC error"));
}

TEST_CASE("npz: an entry that claims more bytes than it can have is not believed", "[io][npz]") {
  const test::temporary_directory folder;
  std::string bytes = test::slurp(test::golden("deflated.npz"));
  const std::size_t directory = bytes.find("PK\x01\x02");
  for (std::size_t i = 0; i < 3; ++i) bytes[directory + 24 + i] = '\xff';
  bytes[directory + 27] = '\x7f';
  test::spit(folder / "a.npz", bytes);
  REQUIRE_THROWS_AS(tl::io::load_npz(folder / "a.npz"), tl::format_error);
}

TEST_CASE("zip: an unwritable path and equal names leave nothing behind", "[io][zip]") {
  const test::temporary_directory folder;
  REQUIRE_THROWS_WITH(tl::io::save_npz(folder / "none/a.npz", some_arrays()),
                      "save: cannot write " + (folder / "none/a.npz") + ": No such file or directory");
  tl::named_tensors twice = some_arrays();
  twice.push_back(twice[0]);
  REQUIRE_THROWS_AS(tl::io::save_npz(folder / "a.npz", twice), tl::value_error);
  twice[3] = {"half", {tl::dtype::bfloat16, {1}, {0, 0}}};
  REQUIRE_THROWS_AS(tl::io::save_npz(folder / "a.npz", twice), tl::dtype_error);
  twice[3] = {"short", {tl::dtype::float32, {1}, {0, 0}}};
  REQUIRE_THROWS_AS(tl::io::save_npz(folder / "a.npz", twice), tl::shape_error);
  REQUIRE(folder.entries() == 0);
}

TEST_CASE("zip: a file that is no archive", "[io][zip]") {
  const test::temporary_directory folder;
  test::spit(folder / "a.npz", "this is some text, not an archive of any kind");
  REQUIRE_THROWS_AS(tl::io::zip_reader(folder / "a.npz"), tl::format_error);
  REQUIRE_THROWS_WITH(tl::io::zip_reader(folder / "a.npz"), Contains("a.npz: Not a zip archive"));
}
