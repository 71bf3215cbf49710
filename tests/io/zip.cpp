#include <tensorlab/io/zip.hpp>

#include <filesystem>

#include "support/catch.hpp"
#include "support/temporary.hpp"

namespace tl = tensorlab;
using tl::io::zip_method;
using tl::io::zip_reader;
using tl::io::zip_writer;

namespace {

std::string text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void write(const std::string& path, const std::string& long_text) {
  zip_writer archive(path);
  archive.add("a", "first");
  archive.add("dir/b", long_text, zip_method::deflated);
  archive.add("empty", "");
  archive.commit();
}

}  // namespace

TEST_CASE("an archive's entries are read as they were written", "[io]") {
  const test::temporary_directory folder;
  const std::string long_text(10000, 'x');
  write(folder / "a.zip", long_text);
  const zip_reader archive(folder / "a.zip");
  REQUIRE(archive.names() == std::vector<std::string>{"a", "dir/b", "empty"});
  REQUIRE((archive.contains("a") && !archive.contains("b")));
  REQUIRE(text(archive.read("a")) == "first");
  REQUIRE(text(archive.read("dir/b")) == long_text);
  REQUIRE(archive.read("empty").empty());
  REQUIRE(std::filesystem::file_size(folder / "a.zip") < 2000);  // one entry is deflated
  REQUIRE_THROWS_WITH(archive.read("b"), Catch::Contains("no entry b"));
  write(folder / "b.zip", long_text);
  REQUIRE(test::slurp(folder / "a.zip") == test::slurp(folder / "b.zip"));
}

TEST_CASE("nothing appears before an archive is complete", "[io]") {
  const test::temporary_directory folder;
  {
    zip_writer archive(folder / "a.zip");
    archive.add("a", "first");
    REQUIRE_THROWS_AS(archive.add("a", "again"), tl::value_error);
  }
  REQUIRE(folder.entries() == 0);
  zip_writer none(folder / "none.zip");
  none.commit();
  REQUIRE(zip_reader(folder / "none.zip").names().empty());
  REQUIRE_THROWS_AS(zip_writer(folder / "no/where.zip").commit(), tl::file_error);
}

TEST_CASE("what is no archive or is damaged is refused", "[io]") {
  const test::temporary_directory folder;
  REQUIRE_THROWS_AS(zip_reader(folder / "none.zip"), tl::file_error);
  test::spit(folder / "a.zip", "text");
  REQUIRE_THROWS_AS(zip_reader(folder / "a.zip"), tl::format_error);
  write(folder / "a.zip", "text");
  std::string bytes = test::slurp(folder / "a.zip");
  bytes[bytes.find("first")] = 'F';
  test::spit(folder / "a.zip", bytes);
  REQUIRE_THROWS_AS(zip_reader(folder / "a.zip").read("a"), tl::format_error);
}
