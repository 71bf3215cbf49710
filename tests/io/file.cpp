#include <tensorlab/io/file.hpp>

#include <stdexcept>

#include "support/catch.hpp"
#include "support/temporary.hpp"

namespace tl = tensorlab;

TEST_CASE("atomic_write makes a file that read_file reads", "[io][file]") {
  const test::temporary_directory folder;
  tl::io::atomic_write(folder / "a", [](tl::io::atomic_file& f) {
    f.write("one ");
    f.write("two");
  });
  REQUIRE(tl::io::read_text(folder / "a") == "one two");
  REQUIRE(tl::io::read_file(folder / "a").size() == 7);
  REQUIRE(folder.entries() == 1);
}

TEST_CASE("atomic_write replaces an older file", "[io][file]") {
  const test::temporary_directory folder;
  test::spit(folder / "a", "a long old text");
  tl::io::atomic_write(folder / "a", [](tl::io::atomic_file& f) { f.write("short"); });
  REQUIRE(test::slurp(folder / "a") == "short");
}

TEST_CASE("a writer that throws leaves nothing behind and the old file as it was", "[io][file]") {
  const test::temporary_directory folder;
  test::spit(folder / "a", "old");
  const auto fails = [](tl::io::atomic_file& f) {
    f.write("half of the");
    throw std::runtime_error("no more");
  };
  REQUIRE_THROWS_WITH(tl::io::atomic_write(folder / "a", fails), "no more");
  REQUIRE_THROWS_WITH(tl::io::atomic_write(folder / "b", fails), "no more");
  REQUIRE(test::slurp(folder / "a") == "old");
  REQUIRE(folder.entries() == 1);
}

TEST_CASE("an unwritable path is a file_error that names it and the reason", "[io][file]") {
  const test::temporary_directory folder;
  const auto writes = [](tl::io::atomic_file& f) { f.write("x"); };
  REQUIRE_THROWS_AS(tl::io::atomic_write(folder / "none/a", writes), tl::file_error);
  REQUIRE_THROWS_WITH(tl::io::atomic_write(folder / "none/a", writes),
                      "save: cannot write " + (folder / "none/a") + ": No such file or directory");
  std::filesystem::create_directory(folder.path() / "folder");
  REQUIRE_THROWS_WITH(tl::io::atomic_write(folder / "folder", writes),
                      "save: cannot write " + (folder / "folder") + ": Is a directory");
  REQUIRE(folder.entries() == 1);
}

TEST_CASE("reading a folder or a missing file is a file_error", "[io][file]") {
  const test::temporary_directory folder;
  REQUIRE_THROWS_WITH(tl::io::read_file(folder.path().string()),
                      "read: cannot read " + folder.path().string() + ": Is a directory");
  REQUIRE_THROWS_WITH(tl::io::read_text(folder / "a"),
                      "read: cannot read " + (folder / "a") + ": No such file or directory");
}

TEST_CASE("read_file_start reads the beginning and tells the size", "[io][file]") {
  const test::temporary_directory folder;
  test::spit(folder / "a", "0123456789");
  std::size_t size = 0;
  REQUIRE(tl::io::read_file_start(folder / "a", 4, &size).size() == 4);
  REQUIRE(size == 10);
  REQUIRE(tl::io::read_file_start(folder / "a", 40).size() == 10);
}
