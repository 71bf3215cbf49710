#include <tensorlab/backend/cpu/pixels.hpp>

#include <numeric>
#include <vector>

#include <tensorlab/backend/geometry.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace detail = tl::detail;

namespace {

using view = tl::view<float>;
constexpr int width = detail::pack<float>::size;

float memory[64];

view per_channel(const tl::shape& s, int axis) {
  view v{memory, s, tl::dims::filled(s.rank(), 0)};
  v.strides[axis] = 1;
  return v;
}

}  // namespace

TEST_CASE("pixels are dense rows of channels", "[cpu]") {
  const tl::shape s{2, 3, 4, 5};
  const view last{memory, s, tl::channels_last(s)}, plain{memory, s, tl::row_major(s)};
  const auto p = detail::pixels_of(per_channel(s, 1), last, last);
  REQUIRE(p.rows == 40);
  REQUIRE(p.channels == 3);
  REQUIRE(p.axis == 1);
  REQUIRE(detail::pixels_of(per_channel(s, 1), plain).rows == 0);
  REQUIRE(detail::pixels_of(per_channel(s, 1), last, plain).rows == 0);
  REQUIRE(detail::pixels_of(per_channel(s, 0), last).rows == 0);
  REQUIRE(detail::pixels_of(per_channel(s, 3), plain).rows == 24);
  view two = per_channel(s, 1);
  two.strides[2] = 3;
  REQUIRE(detail::pixels_of(two, last).rows == 0);
  view gapped = last;
  gapped.strides[0] *= 2;
  REQUIRE(detail::pixels_of(per_channel(s, 1), gapped).rows == 0);
}

TEST_CASE("an operand is per channel if nothing else moves it", "[cpu]") {
  const tl::shape s{2, 3, 4, 5};
  const detail::pixel_rows p{1, 40, 3};
  REQUIRE(detail::is_per_channel(p, per_channel(s, 1)));
  REQUIRE(detail::is_per_channel(p, view{memory, s, tl::dims::filled(4, 0)}));
  REQUIRE_FALSE(detail::is_per_channel(p, per_channel(s, 2)));
}

TEST_CASE("every pixel meets its channel's numbers", "[cpu]") {
  for (const std::int64_t channels : {1, width - 1, width, 2 * width + 3}) {
    INFO(channels);
    const detail::pixel_rows p{1, 7, channels};
    const auto n = static_cast<std::size_t>(p.rows * channels);
    std::vector<float> x(n), y(n, -1);
    std::iota(x.begin(), x.end(), 0.0f);
    const detail::channel_numbers<float, 1> numbers(channels);
    for (std::int64_t i = 0; i < channels; ++i) numbers.of(0)[i] = static_cast<float>(1000 * i);
    detail::for_each_pixel<float, 1>(p, y.data(), {x.data()}, numbers,
                                     [](const auto& v, const auto& c) { return v + c; });
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < n; ++i)
      wrong += y[i] != x[i] + static_cast<float>(1000 * (static_cast<std::int64_t>(i) % channels));
    REQUIRE(wrong == 0);
  }
}

TEST_CASE("sums of rows are those of each channel", "[cpu]") {
  for (const std::int64_t channels : {1, width - 1, 2 * width + 3})
    for (const std::int64_t rows : {1, 3, 4, 70}) {
      INFO(channels << " channels, " << rows << " rows");
      std::vector<float> x(static_cast<std::size_t>((rows + 2) * channels));
      std::iota(x.begin(), x.end(), 0.0f);
      const detail::channel_numbers<float, 1> two(channels);
      for (std::int64_t i = 0; i < channels; ++i) two.of(0)[i] = 2;
      const detail::channel_sums<float, 2> sums(channels);
      for (int again = 0; again < 2; ++again)
        sums.take(2, rows + 2, std::array<const float*, 1>{x.data()}, two, [](const auto& v, const auto& c) {
          return std::array{v, c};
        });
      for (std::int64_t i = 0; i < channels; ++i) {
        // rows 2 .. rows + 1: i + channels r
        const double expected = static_cast<double>(rows * i + channels * (rows * (rows + 3) / 2));
        REQUIRE(sums.of(0)[i] == Approx(expected).epsilon(1e-6));
        REQUIRE(sums.of(1)[i] == 2 * static_cast<double>(rows));
      }
    }
}

TEST_CASE("chunks cover all rows and do not depend on threads", "[cpu]") {
  const detail::row_chunks c({1, 1000, 64});
  REQUIRE(c.length == 512);
  REQUIRE(c.count == 2);
  REQUIRE(c.begin(1) == 512);
  REQUIRE(c.end(1) == 1000);
  REQUIRE(detail::row_chunks({1, 10, 100000}).length == 64);
}
