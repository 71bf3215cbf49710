#include <tensorlab/backend/cpu/parallel.hpp>

#include <atomic>
#include <vector>

#include <tensorlab/core/error.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace detail = tl::detail;

TEST_CASE("ranges of a parallel loop cover it once and begin at multiples of the grain", "[cpu]") {
  for (const std::int64_t n : {0, 1, 7, 64, 65, 1000})
    for (const std::int64_t grain : {1, 16, 64}) {
      INFO("n " << n << ", grain " << grain);
      std::vector<int> seen(static_cast<std::size_t>(n));
      std::atomic<bool> aligned{true};
      detail::parallel_for(n, detail::serial_work, grain, [&](std::int64_t begin, std::int64_t end) {
        if (begin % grain != 0) aligned = false;
        for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
      });
      REQUIRE(aligned);
      REQUIRE(seen == std::vector<int>(static_cast<std::size_t>(n), 1));
    }
}

TEST_CASE("little work stays on the calling thread, in one range", "[cpu]") {
  int calls = 0;
  detail::parallel_for(100, 1, 1, [&](std::int64_t begin, std::int64_t end) {
    ++calls;
    REQUIRE(begin == 0);
    REQUIRE(end == 100);
  });
  REQUIRE(calls == 1);
}

TEST_CASE("a parallel loop inside another has one thread", "[cpu]") {
  const int outside = detail::available_threads();
  std::atomic<int> most{0};
  detail::parallel_for(1000, 1000, 1, [&](std::int64_t, std::int64_t) {
    if (detail::available_threads() > 1) most = detail::available_threads();
  });
  if (outside > 1) REQUIRE(most == 0);
  REQUIRE(detail::available_threads() == outside);
}

TEST_CASE("an exception leaves a parallel loop as itself", "[cpu]") {
  REQUIRE_THROWS_AS(tl::detail::parallel_for(1000, 1000, 1,
                                             [](std::int64_t, std::int64_t end) {
                                               if (end == 1000) throw tl::value_error("last");
                                             }),
                    tl::value_error);
}
