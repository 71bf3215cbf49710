#include <tensorlab/backend/cpu/primitive_cache.hpp>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/backend.hpp"

namespace {

using cache = tl::detail::bounded_cache<2, std::string>;

std::shared_ptr<const std::string> get(cache& c, std::int64_t a, int& made) {
  return c.get({a, 7}, [&] {
    ++made;
    return std::make_shared<const std::string>(std::to_string(a));
  });
}

}  // namespace

TEST_CASE("a cache makes an object once and counts hits and misses", "[cpu]") {
  cache c(4);
  int made = 0;
  const auto first = get(c, 1, made);
  REQUIRE(*first == "1");
  REQUIRE(get(c, 1, made) == first);
  REQUIRE(*get(c, 2, made) == "2");
  REQUIRE(made == 2);
  const auto s = c.statistics();
  REQUIRE(s.hits == 1);
  REQUIRE(s.misses == 2);
  REQUIRE(s.size == 2);
  REQUIRE(s.capacity == 4);
}

TEST_CASE("a full cache drops what was unused for longest, and its users keep it", "[cpu]") {
  cache c(2);
  int made = 0;
  const auto one = get(c, 1, made);
  get(c, 2, made);
  get(c, 1, made);
  get(c, 3, made);
  REQUIRE(c.statistics().evictions == 1);
  get(c, 1, made);
  REQUIRE(made == 3);
  get(c, 2, made);
  REQUIRE(made == 4);
  c.set_capacity(0);
  REQUIRE(c.statistics().size == 0);
  REQUIRE(*one == "1");
}

TEST_CASE("an object that cannot be made is not kept", "[cpu]") {
  cache c(2);
  REQUIRE_THROWS_AS(c.get({1, 1}, []() -> std::shared_ptr<const std::string> { throw std::runtime_error("no"); }),
                    std::runtime_error);
  REQUIRE(c.statistics().size == 0);
}

TEST_CASE("threads use one cache at once", "[cpu]") {
  cache c(8);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      int made = 0;
      for (std::int64_t i = 0; i < 500; ++i) wrong[t] += *get(c, i % 16, made) != std::to_string(i % 16);
    });
  for (std::thread& t : threads) t.join();
  REQUIRE(wrong == std::vector<int>(4, 0));
  REQUIRE(c.statistics().size <= 8);
  REQUIRE(c.statistics().hits + c.statistics().misses == 2000);
}
