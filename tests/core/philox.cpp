#include <tensorlab/core/philox.hpp>

#include <cmath>

#include "support/catch.hpp"

namespace random_numbers = tensorlab::random;
using random_numbers::philox_block;

// The known answers for philox4x32 with 10 rounds from the Random123 distribution (kat_vectors).
TEST_CASE("Philox gives the known answers", "[core]") {
  const auto words = [](const philox_block& b) {
    return std::vector<std::uint32_t>{b.word[0], b.word[1], b.word[2], b.word[3]};
  };
  using list = std::vector<std::uint32_t>;
  REQUIRE(words(philox_block(0, 0)) == list{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const std::uint64_t ones = ~std::uint64_t{0};
  REQUIRE(words(philox_block(ones, ones, ones)) == list{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  // Key and counter are the digits of pi, low word first.
  REQUIRE(words(philox_block(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x0370734413198a2e)) ==
          list{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("uniform numbers are made of the words' upper bits", "[core]") {
  const philox_block b(7, 3);
  REQUIRE(random_numbers::uniform_at<float>(7, 3, 2) == static_cast<float>(b.word[2] >> 8) / 16777216.f);
  REQUIRE(random_numbers::uniform_at<float>(7, 0, 14) == random_numbers::uniform_at<float>(7, 3, 2));
  const std::uint64_t bits = (static_cast<std::uint64_t>(b.word[2]) << 32 | b.word[3]) >> 11;
  REQUIRE(random_numbers::uniform_at<double>(7, 3, 1) == std::ldexp(static_cast<double>(bits), -53));
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const float u = random_numbers::uniform_at<float>(1, 0, i);
    REQUIRE((u >= 0 && u < 1));
  }
}

TEST_CASE("blocks are counted by what they hold", "[core]") {
  REQUIRE(random_numbers::blocks_for<float>(0) == 0);
  REQUIRE(random_numbers::blocks_for<float>(1) == 1);
  REQUIRE(random_numbers::blocks_for<float>(4) == 1);
  REQUIRE(random_numbers::blocks_for<float>(5) == 2);
  REQUIRE(random_numbers::blocks_for<double>(5) == 3);
}
