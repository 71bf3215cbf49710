#include <tensorlab/io/npy_header.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::io::npy_header;

namespace {

/// A header of this version around a dictionary.
std::string header(const std::string& text, int version = 1) {
  std::string s = "\x93NUMPY";
  s += static_cast<char>(version);
  s += '\0';
  s += static_cast<char>(text.size());
  s.append(version == 1 ? 1 : 3, '\0');
  return s + text;
}

npy_header parse(const std::string& file) {
  return tl::io::parse_npy_header(std::as_bytes(std::span(file.data(), file.size())), "a.npy");
}

}  // namespace

TEST_CASE("a header says type, shape and order, and where the elements begin", "[io]") {
  const auto h = parse(header("{'descr': '>i4', 'fortran_order': True, 'shape': (3, 0, 2), }\n"));
  REQUIRE(h.type == tl::dtype::int32);
  REQUIRE((h.big_endian && h.fortran_order));
  REQUIRE(h.shape == tl::shape{3, 0, 2});
  REQUIRE(h.data_offset == 10 + 62);
  REQUIRE(h.data_bytes() == 0);
  const auto scalar = parse(header("{\"shape\":(),\"descr\":\"|b1\",\"fortran_order\":False}", 2));
  REQUIRE(scalar.type == tl::dtype::boolean);
  REQUIRE(scalar.shape.rank() == 0);
  REQUIRE(scalar.version == 2);
  REQUIRE(scalar.data_bytes() == 1);
  REQUIRE(parse(header("{'descr': '<f8', 'fortran_order': False, 'shape': (5L,)}")).shape == tl::shape{5});
  REQUIRE_FALSE(parse(header("{'descr': '>u1', 'fortran_order': False, 'shape': (5,)}")).big_endian);
}

TEST_CASE("the size of what precedes the elements is known from the first bytes", "[io]") {
  const std::string file = header(std::string(200, ' '), 3);
  const auto first = [&](std::size_t n) {
    return tl::io::detail::npy_prefix_size(std::as_bytes(std::span(file.data(), n)), "a.npy");
  };
  REQUIRE(first(9) == 0);
  REQUIRE(first(11) == 0);
  REQUIRE(first(12) == 212);
  REQUIRE_THROWS_WITH(first(0), Catch::Contains("bad magic"));
}

TEST_CASE("a header that holds something else is refused", "[io]") {
  const auto refused = [](const std::string& text) { return [=] { parse(header(text)); }; };
  REQUIRE_THROWS_WITH(refused("{'descr': '<f4', 'shape': (2,)}")(), Catch::Contains("is missing"));
  REQUIRE_THROWS_WITH(refused("{'descr': '<f4', 'descr': '<f4'}")(), Catch::Contains("unexpected key 'descr'"));
  REQUIRE_THROWS_WITH(refused("{'descr': '<f4', 'fortran_order': 0, 'shape': ()}")(),
                      Catch::Contains("neither True nor False"));
  REQUIRE_THROWS_WITH(refused("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}")(),
                      Catch::Contains("expected an extent"));
  REQUIRE_THROWS_AS(refused("{'descr': '<c8', 'fortran_order': False, 'shape': ()}")(), tl::dtype_error);
  REQUIRE_THROWS_AS(refused("{'descr': '|O', 'fortran_order': False, 'shape': ()}")(), tl::dtype_error);
  REQUIRE_THROWS_WITH(refused("{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 2)}")(),
                      Catch::Contains("too large"));
}
