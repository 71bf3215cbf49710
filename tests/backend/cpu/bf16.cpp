#include <tensorlab/backend/cpu/bf16.hpp>
#include <tensorlab/core/random.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace detail = tl::detail;

namespace {

constexpr int width = detail::pack<float>::size;

std::uint32_t expected_pair(float even, float odd) {
  return std::uint32_t{tl::bf16(even).bits} | std::uint32_t{tl::bf16(odd).bits} << 16;
}

std::vector<float> random_values(std::int64_t n, std::uint64_t seed) {
  const tl::random::stream rng{seed};
  std::vector<float> v(static_cast<std::size_t>(n));
  for (float& x : v) x = static_cast<float>(std::ldexp(rng.uniform(-1, 1), static_cast<int>(rng.below(20)) - 10));
  return v;
}

detail::pack<float> pack_at(const std::vector<float>& v) { return detail::pack<float>::load(v.data()); }

}  // namespace

TEST_CASE("packs are rounded to bf16 as single numbers are", "[cpu][bf16]") {
  std::vector<float> special = {0.0f,
                                -0.0f,
                                1 + 1.0f / 256,
                                1 + 3.0f / 256,
                                -1 - 1.0f / 256,
                                1e-40f,
                                3.4e38f,
                                (std::numeric_limits<float>::max)(),
                                std::numeric_limits<float>::infinity(),
                                -std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::quiet_NaN(),
                                detail::bit_copy<float>(0x7f800001u),
                                detail::bit_copy<float>(0xff81ffffu)};
  special.resize(32, 0.5f);
  for (std::size_t first = 0; first + width <= special.size(); first += width) {
    std::vector<float> even(special.begin() + static_cast<std::ptrdiff_t>(first),
                            special.begin() + static_cast<std::ptrdiff_t>(first + width)),
        odd(even.rbegin(), even.rend());
    const detail::pair_lanes words = detail::paired(pack_at(even), pack_at(odd));
    for (std::size_t l = 0; l < width; ++l) {
      REQUIRE(words[l] == expected_pair(even[l], odd[l]));
      REQUIRE(detail::paired(even[l], odd[l]) == expected_pair(even[l], odd[l]));
    }
  }
}

TEST_CASE("the processor's instruction and two fused operations give the same bits", "[cpu][bf16]") {
  for (std::uint64_t round = 0; round < 200; ++round) {
    const auto a =
        detail::paired(pack_at(random_values(width, 5 * round)), pack_at(random_values(width, 5 * round + 1)));
    const auto b =
        detail::paired(pack_at(random_values(width, 5 * round + 2)), pack_at(random_values(width, 5 * round + 3)));
    const auto sum = random_values(width, 5 * round + 4);
    std::vector<float> got(width), halves(width);
    detail::multiply_add(a, b, pack_at(sum)).store(got.data());
    detail::multiply_add_by_halves(a, b, pack_at(sum)).store(halves.data());
    REQUIRE(got == halves);
    for (std::size_t l = 0; l < width; ++l) {
      const auto half = [&](std::uint32_t word, int shift) { return detail::bit_copy<float>(word >> shift << 16); };
      // A product of two bf16 numbers is a float without rounding.
      const float odd = half(a[l], 16) * half(b[l], 16) + sum[l];
      REQUIRE(got[l] == half(a[l], 0) * half(b[l], 0) + odd);
    }
  }
}

TEST_CASE("adjacent terms of a line become pairs", "[cpu][bf16]") {
  for (const std::int64_t terms : {1, 2, 2 * width - 1, 2 * width, 4 * width + 5})
    for (const std::int64_t step : {1, 3}) {
      const auto from = random_values(terms * step, 7);
      std::vector<std::uint32_t> to(static_cast<std::size_t>((terms + 1) / 2) + 1, 99u);
      detail::pair_terms(to.data(), from.data(), step, terms);
      for (std::int64_t t = 0; t < terms; t += 2)
        REQUIRE(to[static_cast<std::size_t>(t / 2)] ==
                expected_pair(from[static_cast<std::size_t>(t * step)],
                              t + 1 < terms ? from[static_cast<std::size_t>((t + 1) * step)] : 0.0f));
      REQUIRE(to.back() == 99u);
    }
}

TEST_CASE("a strip holds lines of any layout, and zeros beyond them", "[cpu][bf16]") {
  for (const std::int64_t lines : {1, width - 1, width, width + 3})
    for (const std::int64_t terms : {1, 8, 2 * width, 4 * width + 3})
      for (const bool by_lines : {false, true}) {
        const std::int64_t line = by_lines ? terms + 1 : 1, term = by_lines ? 1 : lines + 2;
        const auto from = random_values((lines - 1) * line + (terms - 1) * term + 1, 8);
        std::vector<std::uint32_t> to(static_cast<std::size_t>((terms + 1) / 2 * width) + 1, 99u);
        detail::pair_strip(to.data(), from.data(), line, term, lines, terms);
        const auto value = [&](std::int64_t l, std::int64_t t) {
          return l < lines && t < terms ? from[static_cast<std::size_t>(l * line + t * term)] : 0.0f;
        };
        for (std::int64_t w = 0; w < (terms + 1) / 2; ++w)
          for (std::int64_t l = 0; l < width; ++l)
            REQUIRE(to[static_cast<std::size_t>(w * width + l)] == expected_pair(value(l, 2 * w), value(l, 2 * w + 1)));
        REQUIRE(to.back() == 99u);
      }
}
