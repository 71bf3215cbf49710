#include <tensorlab/backend/cpu/transpose.hpp>

#include <cstdint>
#include <numeric>
#include <vector>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace detail = tl::detail;

TEMPLATE_TEST_CASE("a square is transposed", "[cpu]", float, double, std::uint32_t) {
  constexpr std::int64_t width = detail::pack<TestType>::size, line = width + 3;
  std::vector<TestType> from(width * line), to(width * width);
  std::iota(from.begin(), from.end(), TestType(0));
  detail::square_transpose<TestType>::run(to.data(), from.data(), line);
  for (std::int64_t l = 0; l < width; ++l)
    for (std::int64_t t = 0; t < width; ++t)
      REQUIRE(to[static_cast<std::size_t>(t * width + l)] == from[static_cast<std::size_t>(l * line + t)]);
}
