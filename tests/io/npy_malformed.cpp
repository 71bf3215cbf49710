#include <tensorlab/io/npy.hpp>

#include <tensorlab/backend/reference.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"

namespace tl = tensorlab;
using B = tl::reference;
using Catch::Contains;
using Catch::StartsWith;

namespace {

std::string npy(const std::string& header, const std::string& data, char version = 1) {
  const std::string length{static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  return std::string("\x93NUMPY") + version + '\0' + length + (version == 1 ? "" : std::string(2, '\0')) + header +
         data;
}

tl::host_tensor parse(const std::string& file) {
  return tl::io::parse_npy({reinterpret_cast<const std::byte*>(file.data()), file.size()}, "a.npy");
}

void rejects(const std::string& file, const std::string& message) {
  REQUIRE_THROWS_WITH(parse(file), StartsWith("npy: ") && Contains("a.npy") && Contains(message));
}

const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";

}  // namespace

TEST_CASE("npy: the helper of these tests writes a readable file", "[io][npy]") {
  REQUIRE(parse(npy(good, std::string(8, '\0'))).extents == tl::shape{2});
  REQUIRE(parse(npy(good, std::string(8, '\0'), 2)).extents == tl::shape{2});
  REQUIRE(parse(npy("{'descr': '=f4', 'fortran_order': True, 'shape': (2L, 1)}", std::string(8, '\0'))).extents ==
          tl::shape{2, 1});
}

TEST_CASE("npy: a file that ends too early or too late", "[io][npy]") {
  const std::string file = npy(good, std::string(8, '\0'));
  rejects("", "bad magic");
  for (std::size_t n = 6; n < 10 + good.size(); ++n) rejects(file.substr(0, n), "truncated header");
  for (std::size_t n = 10 + good.size(); n < file.size(); ++n) rejects(file.substr(0, n), "truncated data");
  rejects(file.substr(0, file.size() - 3), "float32 [2] (8 bytes expected, 5 found)");
  rejects(file + "x", "too much data: a.npy: float32 [2] (8 bytes expected, 9 found)");
}

TEST_CASE("npy: bad magic and unknown versions", "[io][npy]") {
  rejects("PK\x03\x04 something else", "bad magic: a.npy is not a NumPy .npy file");
  rejects("\x93NUMPX", "bad magic");
  rejects(npy(good, std::string(8, '\0'), 4), "unknown version: a.npy has version 4.0");
  rejects(npy(good, std::string(8, '\0'), 0), "unknown version");
}

TEST_CASE("npy: malformed headers", "[io][npy]") {
  const std::string data(8, '\0');
  rejects(npy("", data), "expected '{'");
  rejects(npy("{}", data), "is missing");
  rejects(npy("{'descr': '<f4', 'shape': (2,)}", data), "is missing");
  rejects(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x", data), "text after the dictionary");
  rejects(npy("{'descr': '<f4', 'descr': '<f4'}", data), "unexpected key 'descr'");
  rejects(npy("{'other': 1}", data), "unexpected key 'other'");
  rejects(npy("{'descr': '<f4", data), "a string does not end");
  rejects(npy("{descr: '<f4'}", data), "expected a string at position 1");
  rejects(npy("{'descr' '<f4'}", data), "expected ':'");
  rejects(npy("{'fortran_order': 0}", data), "neither True nor False");
  rejects(npy("{'shape': 2}", data), "expected '('");
  rejects(npy("{'shape': (-1,)}", data), "expected an extent");
  rejects(npy("{'shape': (2 3)}", data), "expected ')'");
  rejects(npy("{'shape': (1,1,1,1,1,1,1,1,1)}", data), "more than 8 dimensions");
  rejects(npy("{'shape': (99999999999999999999,)}", data), "an extent is too large");
  rejects(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", data), "is too large");
  rejects(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)}", data), "is too large");
  rejects(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9223372036854775807, 2)}", data), "is too large");
}

TEST_CASE("npy: element types that tensors do not have", "[io][npy]") {
  const auto unsupported = [](const std::string& descr, const std::string& message) {
    const std::string file =
        npy("{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,)}", std::string(8, '\0'));
    REQUIRE_THROWS_AS(parse(file), tl::dtype_error);
    rejects(file, message);
  };
  unsupported("'<i2'", "unsupported dtype: a.npy: '<i2' (read are");
  unsupported("'<c8'", "'<c8'");
  unsupported("'<U3'", "'<U3'");
  unsupported("'<f16'", "'<f16'");
  unsupported("'|f4'", "'|f4'");
  unsupported("''", "''");
  unsupported("'f4'", "'f4'");
  unsupported("'|O'", "object array");
  unsupported("[('x', '<f4')]", "structured arrays");
}

TEST_CASE("npy: object and structured files of NumPy", "[io][npy]") {
  REQUIRE_THROWS_WITH((tl::io::load_npy<float, B>(test::golden("object.npy"))), Contains("object array"));
  REQUIRE_THROWS_WITH((tl::io::load_npy<float, B>(test::golden("structured.npy"))), Contains("structured"));
  REQUIRE_THROWS_WITH((tl::io::load_npy<float, B>(test::golden("short_i2.npy"))), Contains("'<i2'"));
}

TEST_CASE("npy: header inspection checks the file's size", "[io][npy]") {
  const test::temporary_directory folder;
  const std::string file = npy(good, std::string(8, '\0'));
  test::spit(folder / "a.npy", file.substr(0, file.size() - 1));
  REQUIRE_THROWS_WITH(tl::io::read_npy_header(folder / "a.npy"), Contains("8 bytes expected, 7 found"));
  test::spit(folder / "b.npy", file.substr(0, 30));
  REQUIRE_THROWS_WITH(tl::io::read_npy_header(folder / "b.npy"), Contains("truncated header"));
}

TEST_CASE("npy: a missing file", "[io][npy]") {
  REQUIRE_THROWS_AS((tl::io::load_npy<float, B>("/nowhere/x.npy")), tl::file_error);
  REQUIRE_THROWS_WITH((tl::io::load_npy<float, B>("/nowhere/x.npy")),
                      "read: cannot read /nowhere/x.npy: No such file or directory");
}
