#include <tensorlab/backend/simt/group.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace kernel = tensorlab::simt_kernel;

namespace {

/// Runs `body(group, value)` in one group of `Lanes` lanes that hold 1, 2, .. and returns what it gives in each lane.
template <int Lanes, class F>
std::vector<int> in_lanes(const F& body) {
  std::vector<int> out(Lanes);
  test::thread_launcher<Lanes, 1>::run(
      "test", nullptr, 1, [&](auto& g) { out[static_cast<std::size_t>(g.rank())] = body(g, g.rank() + 1); });
  return out;
}

const auto sum = [](int a, int b) { return a + b; };

}  // namespace

TEST_CASE("simt: the serial group is the only lane of the only group", "[backend][simt]") {
  kernel::serial_group g;
  REQUIRE(kernel::global_rank(g) == 0);
  REQUIRE(kernel::global_size(g) == 1);
  double* const slot = g.slots<double>();
  *slot = 2.5;
  REQUIRE(*g.slots<double>() == 2.5);
  REQUIRE(reinterpret_cast<std::uintptr_t>(slot) % 16 == 0);
  REQUIRE(kernel::group_reduce(g, 7, 1, sum) == 7);
  int total = 0;
  REQUIRE(kernel::group_scan(g, 7, total, sum) == 7);
  REQUIRE(total == 7);
}

TEST_CASE("simt: the lanes of all groups are numbered without gaps", "[backend][simt]") {
  std::vector<std::int64_t> seen(12, -1);
  test::thread_launcher<4, 3>::run("test", nullptr, 3, [&](auto& g) {
    seen[static_cast<std::size_t>(kernel::global_rank(g))] = 10 * kernel::global_size(g) + g.index();
  });
  REQUIRE(seen == std::vector<std::int64_t>{120, 120, 120, 120, 121, 121, 121, 121, 122, 122, 122, 122});
}

TEST_CASE("simt: lanes are reduced by column, and each gets its column's result", "[backend][simt]") {
  const auto by_columns = [](int columns) {
    return in_lanes<8>([&](auto& g, int value) { return kernel::group_reduce(g, value, columns, sum); });
  };
  REQUIRE(by_columns(1) == std::vector<int>(8, 36));
  REQUIRE(by_columns(2) == std::vector<int>{16, 20, 16, 20, 16, 20, 16, 20});  // 1 + 3 + 5 + 7 and 2 + 4 + 6 + 8
  REQUIRE(by_columns(8) == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8});
  // The order is fixed: lane i with lane i + size / 2, so 13 and 24, then 130 + 24.
  REQUIRE(in_lanes<4>([](auto& g, int value) {
            return kernel::group_reduce(g, value, 1, [](int a, int b) { return 10 * a + b; });
          }) == std::vector<int>(4, 154));
}

TEST_CASE("simt: a scan combines the lanes up to each one in their order", "[backend][simt]") {
  std::vector<int> totals(4);
  const auto scan = [&](const auto& combine) {
    return in_lanes<4>([&](auto& g, int value) {
      return kernel::group_scan(g, value, totals[static_cast<std::size_t>(g.rank())], combine);
    });
  };
  REQUIRE(scan(sum) == std::vector<int>{1, 3, 6, 10});
  REQUIRE(totals == std::vector<int>(4, 10));
  REQUIRE(scan([](int a, int) { return a; }) == std::vector<int>{1, 1, 1, 1});
  REQUIRE(scan([](int, int b) { return b; }) == std::vector<int>{1, 2, 3, 4});
}
