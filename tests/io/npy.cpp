#include <tensorlab/io/npy.hpp>

#include <tensorlab/backend/reference.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"

namespace tl = tensorlab;
using B = tl::reference;

namespace {

template <class T>
std::vector<double> values(const tl::tensor<T, B>& x) {
  return {x.span().begin(), x.span().end()};
}
std::vector<double> ramp() {
  std::vector<double> v(24);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>(i);
  return v;
}

template <class T>
void round_trip(const tl::tensor<T, B>& x) {
  const test::temporary_directory folder;
  tl::io::save_npy(folder / "x.npy", x);
  const auto back = tl::io::load_npy<T, B>(folder / "x.npy");
  REQUIRE(back.shape() == x.shape());
  REQUIRE(tl::io::to_host(back) == tl::io::to_host(x));
  REQUIRE(folder.entries() == 1);
}

}  // namespace

TEST_CASE("npy files of NumPy are read in every type, byte order and memory order", "[io][npy]") {
  const tl::shape s{2, 3, 4};
  const auto f4 = tl::io::load_npy<float, B>(test::golden("ramp_f4.npy"));
  const auto f8 = tl::io::load_npy<double, B>(test::golden("ramp_f8_big_endian.npy"));
  const auto i4 = tl::io::load_npy<std::int32_t, B>(test::golden("ramp_i4_fortran.npy"));
  const auto i8 = tl::io::load_npy<std::int64_t, B>(test::golden("ramp_i8_big_endian_fortran.npy"));
  const auto u1 = tl::io::load_npy<std::uint8_t, B>(test::golden("ramp_u1_v3.npy"));
  const auto f2 = tl::io::load_npy<float, B>(test::golden("ramp_f2_v2.npy"), {.convert = true});
  const auto b1 = tl::io::load_npy<bool, B>(test::golden("even_b1.npy"));
  REQUIRE(f4.shape() == s);
  REQUIRE(i8.shape() == s);
  REQUIRE(values(f4) == ramp());
  REQUIRE(values(f8) == ramp());
  REQUIRE(values(i4) == ramp());
  REQUIRE(values(i8) == ramp());
  REQUIRE(values(u1) == ramp());
  REQUIRE(values(f2) == ramp());
  for (std::size_t i = 0; i < 24; ++i) REQUIRE(b1.span()[i] == (i % 2 == 0));
}

TEST_CASE("npy: rank 0 and empty arrays", "[io][npy]") {
  const auto scalar = tl::io::load_npy<double, B>(test::golden("scalar_f8.npy"));
  REQUIRE(scalar.rank() == 0);
  REQUIRE(scalar.item() == 2.5);
  const auto empty = tl::io::load_npy<float, B>(test::golden("empty_f4.npy"));
  REQUIRE(empty.shape() == tl::shape{0, 3});
}

TEST_CASE("npy: the header alone", "[io][npy]") {
  const tl::io::npy_header h = tl::io::read_npy_header(test::golden("ramp_i8_big_endian_fortran.npy"));
  REQUIRE(h.type == tl::dtype::int64);
  REQUIRE(h.shape == tl::shape{2, 3, 4});
  REQUIRE(h.big_endian);
  REQUIRE(h.fortran_order);
  REQUIRE(h.version == 1);
  REQUIRE(h.data_bytes() == 192);
  REQUIRE(tl::io::read_npy_header(test::golden("ramp_u1_v3.npy")).version == 3);
}

TEST_CASE("npy: another element type is an error unless a conversion is asked for", "[io][npy]") {
  const std::string path = test::golden("ramp_f8_big_endian.npy");
  REQUIRE_THROWS_AS((tl::io::load_npy<float, B>(path)), tl::dtype_error);
  REQUIRE_THROWS_WITH(
      (tl::io::load_npy<float, B>(path)),
      "load_npy: element types differ: " + path + " holds float64, asked for float32 (convert = true converts)");
  REQUIRE(values(tl::io::load_npy<float, B>(path, {.convert = true})) == ramp());
  const auto flags = tl::io::load_npy<bool, B>(path, {.convert = true});
  REQUIRE_FALSE(flags.span()[0]);
  REQUIRE(flags.span()[23]);
}

TEST_CASE("npy: save then load is identity", "[io][npy]") {
  round_trip(tl::tensor<float, B>::uniform({3, 5}, tl::random::stream{1}));
  round_trip(tl::tensor<double, B>::uniform({7}, tl::random::stream{1}));
  round_trip(tl::tensor<tl::half, B>::full({2, 2}, tl::half(1.5f)));
  round_trip(tl::tensor<std::int64_t, B>::arange(5));
  round_trip(tl::tensor<std::int32_t, B>::arange(5));
  round_trip(tl::tensor<std::uint8_t, B>::arange(5));
  round_trip(tl::tensor<std::int8_t, B>::from({-128, -1, 0, 127}, {2, 2}));
  round_trip(tl::tensor<bool, B>::from({true, false, true}, {3, 1}));
  round_trip(tl::tensor<float, B>::scalar(4));
  round_trip(tl::tensor<float, B>::empty({0, 4}));
}

TEST_CASE("npy: a transposed view is written in logical order", "[io][npy]") {
  const auto x = tl::tensor<float, B>::arange(6);
  const tl::tensor<float, B> t(x.array().restride({3, 2}, {1, 3}));
  const test::temporary_directory folder;
  tl::io::save_npy(folder / "t.npy", t);
  REQUIRE(values(tl::io::load_npy<float, B>(folder / "t.npy")) == std::vector<double>{0, 3, 1, 4, 2, 5});
}

TEST_CASE("npy: what is written for a float32 array equals NumPy's file byte for byte", "[io][npy]") {
  const test::temporary_directory folder;
  for (const char* name : {"ramp_f4.npy", "even_b1.npy", "empty_f4.npy", "scalar_f8.npy"}) {
    const std::string theirs = test::slurp(test::golden(name));
    tl::io::save_npy(folder / "x.npy",
                     tl::io::parse_npy({reinterpret_cast<const std::byte*>(theirs.data()), theirs.size()}, name));
    const std::string ours = test::slurp(folder / "x.npy");
    // NumPy 1.23 and later leave room for the first extent to grow, so the padding of the header differs.
    const auto data_of = [](const std::string& s) { return s.substr(s.find('\n') + 1); };
    REQUIRE(data_of(ours) == data_of(theirs));
    REQUIRE((ours.find('\n') + 1) % 64 == 0);
    REQUIRE(ours.substr(ours.find('{'), ours.find('}') - ours.find('{')) ==
            theirs.substr(theirs.find('{'), theirs.find('}') - theirs.find('{')));
  }
}

TEST_CASE("npy: bfloat16 cannot be written", "[io][npy]") {
  const test::temporary_directory folder;
  const auto x = tl::tensor<tl::bf16, B>::full({2}, tl::bf16(1.0f));
  REQUIRE_THROWS_AS(tl::io::save_npy(folder / "x.npy", x), tl::dtype_error);
  REQUIRE(folder.entries() == 0);
}
