#include <tensorlab/io/host_tensor.hpp>

#include <tensorlab/backend/reference.hpp>
#include <tensorlab/ops/reshape.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace detail = tl::io::detail;

namespace {

using X = tl::tensor<float, tl::reference>;

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

}  // namespace

TEST_CASE("a tensor and its host copy hold the same elements", "[io]") {
  const X x = transpose(X::from({1, 2, 3, 4, 5, 6}, {2, 3}));
  const tl::host_tensor h = tl::io::to_host(x);
  REQUIRE(h.type == tl::dtype::float32);
  REQUIRE(h.extents == tl::shape{3, 2});
  const auto back = tl::io::from_host<float, tl::reference>(h);
  REQUIRE(back.to_vector() == std::vector<float>{1, 4, 2, 5, 3, 6});
  REQUIRE(tl::io::to_host(X::empty({0, 2})).bytes.empty());
}

TEST_CASE("elements are converted where that is asked for", "[io]") {
  const tl::host_tensor h = tl::io::to_host(X::from({1.5f, -2, 0}, {3}));
  REQUIRE(tl::io::from_host<double, tl::reference>(h, {.convert = true}).to_vector() ==
          std::vector<double>{1.5, -2, 0});
  REQUIRE(tl::io::from_host<std::int64_t, tl::reference>(h, {.convert = true}).to_vector() ==
          std::vector<std::int64_t>{1, -2, 0});
  REQUIRE_THROWS_WITH((tl::io::from_host<double, tl::reference>(h, {}, "w")),
                      Catch::Contains("w holds float32, asked for float64 (convert = true converts)"));
}

TEST_CASE("a record whose bytes do not fill its shape is refused", "[io]") {
  const tl::host_tensor h{tl::dtype::float32, {2}, std::vector<std::uint8_t>(7)};
  REQUIRE_THROWS_WITH(
      (tl::io::from_host<float, tl::reference>(h, {}, "w")),
      Catch::Equals("host_tensor: bytes do not fill the shape: w: float32 [2] (8 bytes expected, 7 given)"));
}

TEST_CASE("bytes of any alignment are read, and any byte but 0 is true", "[io]") {
  const auto odd = bytes({9, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40});
  double to[2] = {};
  detail::convert_bytes(tl::dtype::float32, odd.data() + 1, to, 2);
  REQUIRE((to[0] == 1 && to[1] == 2));
  bool flags[3] = {};
  const auto raw = bytes({0, 1, 7});
  detail::convert_bytes(tl::dtype::boolean, raw.data(), flags, 3);
  REQUIRE((!flags[0] && flags[1] && flags[2]));
}

TEST_CASE("bytes are swapped element by element, and gathered in row-major order", "[io]") {
  auto data = bytes({1, 2, 3, 4, 5, 6, 7, 8});
  detail::swap_bytes(data.data(), 2, 4);
  REQUIRE(data == bytes({4, 3, 2, 1, 8, 7, 6, 5}));
  std::vector<std::byte> to(6);
  detail::gather_row_major({3, 2}, {1, 3}, 1, data.data(), to.data());
  REQUIRE(to == bytes({4, 1, 3, 8, 2, 7}));
  detail::gather_row_major({0, 2}, {1, 3}, 1, data.data(), nullptr);
}
