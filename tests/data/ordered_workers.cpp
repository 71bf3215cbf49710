#include <tensorlab/data/ordered_workers.hpp>

#include <atomic>
#include <stdexcept>

#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::data::detail::ordered_workers;

namespace {

std::int64_t number(const std::shared_ptr<void>& p) { return *static_cast<std::int64_t*>(p.get()); }

}  // namespace

TEST_CASE("results come in the order of their numbers from any number of threads", "[data]") {
  for (const int threads : {1, 3, 8}) {
    ordered_workers workers(5, 40, threads, 4, [](std::int64_t i) {
      if (i % 4 == 1) std::this_thread::yield();
      return std::make_shared<std::int64_t>(i);
    });
    for (std::int64_t i = 5; i < 40; ++i) REQUIRE(number(workers.next()) == i);
    REQUIRE(workers.next() == nullptr);
    REQUIRE(workers.next() == nullptr);
  }
  ordered_workers none(3, 3, 2, 2, [](std::int64_t) { return nullptr; });
  REQUIRE(none.next() == nullptr);
}

TEST_CASE("no more results are made ahead than there is room for", "[data]") {
  std::atomic<std::int64_t> highest{-1};
  ordered_workers workers(0, 1000, 2, 3, [&](std::int64_t i) {
    std::int64_t before = highest;
    while (before < i && !highest.compare_exchange_weak(before, i)) {
    }
    return std::make_shared<std::int64_t>(i);
  });
  for (std::int64_t i = 0; i < 200; ++i) {
    REQUIRE(highest < i + 3);
    workers.next();
  }
}

TEST_CASE("a job's exception comes in its place and the others go on", "[data]") {
  ordered_workers workers(0, 3, 2, 2, [](std::int64_t i) {
    if (i == 1) throw std::runtime_error("one");
    return std::make_shared<std::int64_t>(i);
  });
  REQUIRE(number(workers.next()) == 0);
  REQUIRE_THROWS_WITH(workers.next(), Catch::Equals("one"));
  REQUIRE(number(workers.next()) == 2);
}

TEST_CASE("jobs are not recorded, and end before the workers do", "[data]") {
  std::atomic<int> running{0}, recorded{0};
  {
    ordered_workers workers(0, 100, 3, 3, [&](std::int64_t i) {
      ++running;
      if (tl::grad_enabled()) ++recorded;
      --running;
      return std::make_shared<std::int64_t>(i);
    });
    workers.next();
  }
  REQUIRE(running == 0);
  REQUIRE(recorded == 0);
}
