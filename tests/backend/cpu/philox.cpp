#include <tensorlab/backend/cpu/philox.hpp>
#include <tensorlab/rule/generate.hpp>

#include <array>
#include <vector>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace detail = tl::detail;
using detail::philox_blocks;

TEST_CASE("Philox blocks side by side give the known answers", "[cpu]") {
  // The Random123 distribution's first answer: key 0, counter 0.
  std::array<std::uint32_t, philox_blocks::words> words{};
  philox_blocks::run(0, 0, words.data());
  REQUIRE(words[0] == 0x6627e8d5);
  REQUIRE(words[1] == 0xe169c58d);
  REQUIRE(words[2] == 0xbc57ac4c);
  REQUIRE(words[3] == 0x9b00dbd8);
}

TEST_CASE("Philox blocks side by side are those computed one by one", "[cpu]") {
  const std::uint64_t key = 0x299f31d0a4093822;
  // Across a carry into the counter's upper word, and where it starts again from 0.
  for (const std::uint64_t counter : {std::uint64_t{5}, std::uint64_t{0xfffffff9}, ~std::uint64_t{3}}) {
    std::array<std::uint32_t, philox_blocks::words> words{};
    philox_blocks::run(key, counter, words.data());
    for (std::uint64_t i = 0; i < philox_blocks::count; ++i) {
      const tl::random::philox_block one(key, counter + i);
      for (std::size_t k = 0; k < 4; ++k) REQUIRE(words[4 * i + k] == one.word[k]);
    }
  }
}

TEMPLATE_TEST_CASE("generated rows are the rule's elements wherever they begin and end", "[cpu]", float, double) {
  using T = TestType;
  const tl::rule::uniform<T> uniform{11, 4, T(-2), T(3)};
  const tl::rule::keep_mask<T> mask{12, 5, T(0.75), T(1.5)};
  for (const std::uint64_t first : {0u, 1u, 3u, 64u, 1001u})
    for (const std::int64_t n : {0, 1, 5, 31, 64, 65, 200}) {
      std::vector<T> u(static_cast<std::size_t>(n) + 1, T(-9)), m(u);
      detail::generate_uniform<T>(uniform, u.data(), first, n);
      detail::generate_uniform<T>(mask, m.data(), first, n);
      std::int64_t wrong = 0;
      for (std::int64_t i = 0; i < n; ++i) {
        const auto at = static_cast<std::size_t>(i);
        wrong += u[at] != uniform.f(first + at);
        wrong += m[at] != mask.f(first + at);
      }
      INFO(first << ", " << n);
      REQUIRE(wrong == 0);
      REQUIRE(u.back() == -9);  // nothing is written behind the row
    }
}
