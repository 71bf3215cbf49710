#include <tensorlab/io/safetensors.hpp>

#include <tensorlab/backend/reference.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"

namespace tl = tensorlab;
using B = tl::reference;
using Catch::Contains;
using Catch::StartsWith;

namespace {

tl::io::safetensors_file sample() {
  return {{{"z.weight", tl::io::to_host(tl::tensor<float, B>::uniform({3, 4}, tl::random::stream{1}))},
           {"a.half", tl::io::to_host(tl::tensor<tl::half, B>::full({3}, tl::half(0.5f)))},
           {"a.bf16", tl::io::to_host(tl::tensor<tl::bf16, B>::full({1, 1}, tl::bf16(2.0f)))},
           {"f8", tl::io::to_host(tl::tensor<double, B>::arange(2))},
           {"steps", tl::io::to_host(tl::tensor<std::int64_t, B>::scalar(7))},
           {"i4", tl::io::to_host(tl::tensor<std::int32_t, B>::arange(3))},
           {"u1", tl::io::to_host(tl::tensor<std::uint8_t, B>::arange(5))},
           {"i1", tl::io::to_host(tl::tensor<std::int8_t, B>::from({-128, -1, 127}, {3}))},
           {"b1", tl::io::to_host(tl::tensor<bool, B>::from({true, false}, {2}))},
           {"empty \xc3\xa9", tl::io::to_host(tl::tensor<float, B>::empty({0, 3}))}},
          {{"format", "pt"}, {"note", "two\nlines"}}};
}

std::string file_of(const std::string& header, std::size_t data) {
  std::string length(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(header.size() >> (8 * i) & 255);
  return length + header + std::string(data, '\0');
}

tl::io::safetensors_file parse(const std::string& file) {
  return tl::io::parse_safetensors({reinterpret_cast<const std::byte*>(file.data()), file.size()}, "a.safetensors");
}

void rejects(const std::string& header, std::size_t data, const std::string& message) {
  INFO(header);
  REQUIRE_THROWS_WITH(parse(file_of(header, data)), Contains("a.safetensors") && Contains(message));
}

std::string tensor(const std::string& name, const std::string& shape, int begin, int end, const char* type = "F32") {
  return tl::concat("\"", name, "\":{\"dtype\":\"", type, "\",\"shape\":", shape, ",\"data_offsets\":[", begin, ",",
                    end, "]}");
}

}  // namespace

TEST_CASE("safetensors: save then load is identity, in order", "[io][safetensors]") {
  const test::temporary_directory folder;
  tl::io::save_safetensors(folder / "a.safetensors", sample());
  REQUIRE(tl::io::load_safetensors(folder / "a.safetensors") == sample());
  const tl::io::safetensors_file empty;
  tl::io::save_safetensors(folder / "b.safetensors", empty);
  REQUIRE(tl::io::load_safetensors(folder / "b.safetensors") == empty);
  REQUIRE(folder.entries() == 2);
}

TEST_CASE("safetensors: the file of one tensor, byte for byte", "[io][safetensors]") {
  // As the format's description says: length of the header, header padded with spaces to a multiple of 8, data.
  const test::temporary_directory folder;
  tl::io::save_safetensors(folder / "a.safetensors", {{{"x", {tl::dtype::uint8, {2}, {7, 9}}}}, {}});
  std::string header = R"({"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
  header += std::string(56 - header.size(), ' ');
  REQUIRE(test::slurp(folder / "a.safetensors") == std::string("\x38\0\0\0\0\0\0\0", 8) + header + "\x07\x09");
}

TEST_CASE("safetensors: files whose tensors lie in another order than the header names them", "[io][safetensors]") {
  std::string file = file_of("{" + tensor("b", "[1]", 4, 8) + "," + tensor("a", "[1]", 0, 4) + "}  ", 8);
  file[file.size() - 1] = '\x40';  // b = 2.0f
  const auto f = parse(file);
  REQUIRE(f.tensors[0].first == "b");
  REQUIRE(tl::io::from_host<float, B>(f.tensors[0].second).item() == 2.0f);
  REQUIRE(tl::io::from_host<float, B>(f.tensors[1].second).item() == 0.0f);
}

TEST_CASE("safetensors: every truncation is an error", "[io][safetensors]") {
  const test::temporary_directory folder;
  tl::io::save_safetensors(folder / "a.safetensors", sample());
  const std::string whole = test::slurp(folder / "a.safetensors");
  for (std::size_t n = 0; n < whole.size(); ++n) REQUIRE_THROWS_AS(parse(whole.substr(0, n)), tl::format_error);
  REQUIRE_THROWS_WITH(parse(whole + "x"), Contains("too much data"));
  REQUIRE_THROWS_WITH(parse(whole.substr(0, 5)),
                      "safetensors: a.safetensors: truncated header (8 bytes expected, 5 found)");
}

TEST_CASE("safetensors: malformed headers", "[io][safetensors]") {
  rejects("", 0, "does not begin with '{'");
  rejects(" {}", 0, "does not begin with '{'");
  rejects("{", 0, "json: a.safetensors:1:");
  rejects("{\"x\":3}", 0, "tensor 'x' is not described by");
  rejects(R"({"x":{"dtype":"F32","shape":[1]}})", 4, "tensor 'x' is not described by");
  rejects(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4, "tensor 'x' is not described by");
  rejects(R"({"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "an extent that is not a number");
  rejects(R"({"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4, "an extent that is not a number");
  rejects(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})", 4, "an offset that is not a number");
  rejects("{" + tensor("x", "[1,1,1,1,1,1,1,1,1]", 0, 4) + "}", 4, "more than 8 dimensions");
  rejects("{" + tensor("x", "[4611686018427387904,4]", 0, 4) + "}", 4, "is too large");
  rejects("{" + tensor("x", "[1]", 0, 4, "F8_E4M3") + "}", 4, "tensor 'x' holds F8_E4M3");
  rejects(R"({"__metadata__":3})", 0, "__metadata__ is no object");
  rejects(R"({"__metadata__":{"a":1}})", 0, "__metadata__: 'a' is no string");
  rejects("{" + tensor("x", "[1]", 0, 4) + "," + tensor("x", "[1]", 4, 8) + "}", 8, "key \"x\" occurs twice");
}

TEST_CASE("safetensors: offsets that do not fit", "[io][safetensors]") {
  rejects("{" + tensor("x", "[2]", 0, 4) + "}", 4, "float32 [2] needs 8 bytes, but its offsets are 0 to 4");
  rejects("{" + tensor("x", "[1]", 4, 0) + "}", 4, "but its offsets are 4 to 0");
  rejects("{" + tensor("x", "[2]", 0, 8) + "," + tensor("y", "[1]", 4, 8) + "}", 8, "tensor 'y' overlaps another");
  rejects("{" + tensor("x", "[1]", 0, 4) + "," + tensor("y", "[1]", 8, 12) + "}", 12,
          "a gap before tensor 'y': bytes 4 to 8");
  rejects("{" + tensor("x", "[1]", 0, 4) + "}", 3, "truncated (4 bytes of data expected, 3 found)");
  rejects("{" + tensor("x", "[1]", 0, 4) + "}", 5, "too much data (4 bytes expected, 5 found)");
}

TEST_CASE("safetensors: what cannot be written leaves nothing behind", "[io][safetensors]") {
  const test::temporary_directory folder;
  const auto saves = [&](tl::io::safetensors_file f) { tl::io::save_safetensors(folder / "a.safetensors", f); };
  const tl::host_tensor one{tl::dtype::uint8, {1}, {1}};
  REQUIRE_THROWS_AS(saves({{{"x", one}, {"x", one}}, {}}), tl::value_error);
  REQUIRE_THROWS_AS(saves({{{"__metadata__", one}}, {}}), tl::value_error);
  REQUIRE_THROWS_AS(saves({{}, {{"a", "1"}, {"a", "2"}}}), tl::value_error);
  REQUIRE_THROWS_AS(saves({{{"\xff", one}}, {}}), tl::format_error);
  REQUIRE_THROWS_AS(saves({{{"x", {tl::dtype::float32, {1}, {1}}}}, {}}), tl::shape_error);
  REQUIRE(folder.entries() == 0);
  REQUIRE_THROWS_WITH(tl::io::save_safetensors(folder / "none/a", sample()), StartsWith("save: cannot write "));
}
