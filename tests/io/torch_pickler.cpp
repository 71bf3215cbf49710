#include <tensorlab/io/torch_pickler.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using namespace tl::io;
using namespace std::string_literals;

namespace {

/// The pickle of a value between the protocol's mark and the final dot.
std::string written(const torch_value& v) {
  const std::string p = detail::torch_pickler().write(v);
  REQUIRE(p.substr(0, 2) == "\x80\x02");
  REQUIRE(p.back() == '.');
  return p.substr(2, p.size() - 3);
}

}  // namespace

TEST_CASE("plain values are written as pickle's shortest codes", "[io][torch]") {
  REQUIRE(written({}) == "N");
  REQUIRE(written(true) == "\x88");
  REQUIRE(written(255) == "K\xff");
  REQUIRE(written(-1) == "J\xff\xff\xff\xff");
  REQUIRE(written(std::int64_t{1} << 32) == "\x8a\x08\0\0\0\0\x01\0\0\0"s);
  REQUIRE(written(1.0) == "G\x3f\xf0\0\0\0\0\0\0"s);
  REQUIRE(written("ab") == "X\x02\0\0\0ab"s);
  REQUIRE(written(torch_bytes{"\xe9"}) == "c_codecs\nencode\nX\x02\0\0\0\xc3\xa9X\x06\0\0\0latin1\x86R"s);
}

TEST_CASE("lists, tuples and dicts are written with what they hold", "[io][torch]") {
  REQUIRE(written(torch_list{}) == "]");
  REQUIRE(written(torch_list{{1, 2}}) == "](K\x01K\x02"s + "e");
  REQUIRE(written(torch_tuple{}) == ")");
  REQUIRE(written(torch_tuple{{1}}) == "K\x01\x85");
  REQUIRE(written(torch_tuple{{1, 2, 3, 4}}) == "(K\x01K\x02K\x03K\x04t");
  REQUIRE(written(torch_dict()) == "}");
  REQUIRE(written(torch_dict(true).set(1, {})) == "ccollections\nOrderedDict\n)R(K\x01Nu");
}

TEST_CASE("a tensor's elements stay outside, numbered as they come", "[io][torch]") {
  const torch_value v = torch_list{{tl::host_tensor{tl::dtype::uint8, {2, 3}, std::vector<std::uint8_t>(6)},
                                    tl::host_tensor{tl::dtype::int64, {}, std::vector<std::uint8_t>(8)}}};
  detail::torch_pickler pickler;
  const std::string p = pickler.write(v);
  REQUIRE(pickler.tensors().size() == 2);
  REQUIRE(pickler.tensors()[1]->type == tl::dtype::int64);
  const std::string first =
      "ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nByteStorage\nX\x01\0\0\0"
      "0X\x03\0\0\0cpuK\x06tQK\0K\x02K\x03\x86K\x03K\x01\x86\x89"
      "ccollections\nOrderedDict\n)RtR"s;
  REQUIRE(p.find(first) == 4);
  REQUIRE(p.find("LongStorage\nX\x01\0\0\0"
                 "1"s) != std::string::npos);
}

TEST_CASE("what is no value of its own cannot be written", "[io][torch]") {
  REQUIRE_THROWS_WITH(detail::torch_pickler().write(torch_record{"a", "B", {}, {}}),
                      Catch::Equals("torch: an object of a.B cannot be written"));
  REQUIRE_THROWS_AS(detail::torch_pickler().write(tl::host_tensor{tl::dtype::float32, {2}, {}}), tl::shape_error);
}
