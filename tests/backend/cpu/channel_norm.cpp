#include <tensorlab/backend/cpu/channel_norm.hpp>

#include <cmath>
#include <vector>

#include "backend/cpu/same_bits.hpp"

namespace detail = tl::detail;

namespace {

/// Rows of channels with the mean 1000 c and the deviations -1, 0 and 1 in turn.
std::vector<float> rows_of(std::int64_t rows, std::int64_t channels) {
  std::vector<float> x(static_cast<std::size_t>(rows * channels));
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < channels; ++c)
      x[static_cast<std::size_t>(r * channels + c)] = static_cast<float>(1000 * c + r % 3 - 1);
  return x;
}

}  // namespace

TEST_CASE("moments of channels keep their digits beside a large mean", "[cpu]") {
  const std::int64_t rows = 3000, channels = 37;
  const auto x = rows_of(rows, channels);
  const tl::shape s{rows, channels};
  std::vector<float> mean(37), rstd(37);
  const detail::pixel_rows p{1, rows, channels};
  detail::channel_moments(p, x.data(), 0.0, tl::view<float>{mean.data(), s, {0, 1}},
                          tl::view<float>{rstd.data(), s, {0, 1}});
  for (std::size_t c = 0; c < 37; ++c) {
    REQUIRE(mean[c] == Approx(1000.0 * static_cast<double>(c)).margin(1e-6));
    REQUIRE(rstd[c] == Approx(std::sqrt(1.5)).epsilon(1e-6));  // the variance is 2 / 3
  }
}

TEST_CASE("sums of a gradient and of its product with xhat", "[cpu]") {
  const std::int64_t rows = 900, channels = 19;
  const auto x = rows_of(rows, channels);
  const tl::shape s{rows, channels};
  std::vector<float> mean(19), rstd(19, 0.5f), sum(19), product(19), dy(x.size());
  for (std::size_t i = 0; i < dy.size(); ++i) dy[i] = static_cast<float>(static_cast<std::int64_t>(i) / channels % 3);
  for (std::size_t c = 0; c < 19; ++c) mean[c] = static_cast<float>(1000 * c);
  const auto of = [&](std::vector<float>& v) { return tl::view<float>{v.data(), s, {0, 1}}; };
  detail::channel_gradient_sums<float>({1, rows, channels}, dy.data(), x.data(), of(mean), of(rstd), of(sum),
                                       of(product));
  for (std::size_t c = 0; c < 19; ++c) {
    REQUIRE(sum[c] == 900);      // 0 + 1 + 2 in each three rows
    REQUIRE(product[c] == 300);  // 2 1 0.5 in each three rows
  }
}

TEST_CASE("moments of channels have the same bits for any number of threads", "[cpu]") {
  const std::int64_t rows = 5000, channels = 24;
  const auto x = tl::tensor<float, B>::uniform({rows, channels}, tl::random::stream(1));
  test::require_same_bits({2, channels}, [&](tl::array<float, B>& y) {
    const tl::shape s{rows, channels};
    detail::channel_moments({1, rows, channels}, x.array().data(), 1e-5, tl::view<float>{y.data(), s, {0, 1}},
                            tl::view<float>{y.data() + channels, s, {0, 1}});
  });
}
