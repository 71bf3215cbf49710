#include "backend/both.hpp"

namespace {

using namespace test;

struct lookup {
  tl::shape x, index;  // the index array, broadcast to the result's shape
  int axis;
};

const lookup lookups[] = {
    {{5}, {7}, 0},
    {{5, 6}, {3, 1}, 0},
    {{5, 6}, {3, 6}, 0},
    {{5, 6}, {1, 4}, 1},
    {{5, 6}, {5, 9}, 1},
    {{4, 1, 7}, {4, 1, 5}, 2},
    {{4, 5, 7}, {1, 9, 1}, 1},
    {{4, 5, 7}, {4, 3, 7}, 1},
    {{9, 64}, {300, 1}, 0},
    {{200, 170}, {250, 1}, 0},
    {{200, 170}, {200, 210}, 1},
    {{3, 4}, {0, 4}, 0},
    {{0, 4}, {0, 4}, 0},
    {{1}, {1}, 0},
};

tl::shape result_shape(const lookup& l) {
  tl::shape s = l.x;
  s[l.axis] = l.index[l.axis];
  return s;
}

template <class T>
void check_gather() {
  std::uint64_t seed = 1;
  for (const lookup& l : lookups)
    for (layout from : every_layout)
      for (layout to : every_layout) {
        INFO("gather from " << tl::to_string(l.x) << " at " << tl::to_string(l.index) << " along " << l.axis);
        const tl::shape s = result_shape(l);
        const auto x = random_both<T>(l.x, from, ++seed);
        const auto index = random_both<std::int64_t>(l.index, from, ++seed, 0, static_cast<double>(l.x[l.axis]));
        auto y = random_both<T>(s, to, ++seed);
        tl::reference::gather(y.e(), x.ce(), index.e_to(s), l.axis);
        B::gather(y.g(), x.cg(), index.g_to(s), l.axis);
        require_equal(y);
      }
}

template <class T>
void check_scatter() {
  std::uint64_t seed = 500;
  for (const lookup& l : lookups)
    for (layout from : every_layout)
      for (layout to : every_layout) {
        INFO("scatter into " << tl::to_string(l.x) << " at " << tl::to_string(l.index) << " along " << l.axis);
        const tl::shape s = result_shape(l);
        const auto x = random_both<T>(s, from, ++seed);
        const auto index = random_both<std::int64_t>(l.index, from, ++seed, 0, static_cast<double>(l.x[l.axis]));
        auto y = random_both<T>(l.x, to, ++seed);
        tl::reference::scatter_add(y.e(), x.ce(), index.e_to(s), l.axis);
        B::scatter_add(y.g(), x.cg(), index.g_to(s), l.axis);
        require_equal(y);
      }
}

}  // namespace

TEMPLATE_TEST_CASE("gather agrees with the reference", "[backend]", float, double, std::int64_t, bool) {
  check_gather<TestType>();
}

TEMPLATE_TEST_CASE("scatter_add agrees with the reference", "[backend]", float, double, std::int64_t) {
  check_scatter<TestType>();
}

TEST_CASE("scatter_add adds repeated places in the order of the axis", "[backend]") {
  // 1e8 + 1 - 1e8 in float: 0 in this order, 1 in another.
  const float given[] = {1e8f, 1.0f, -1e8f};
  const std::int64_t places[] = {2, 2, 2};
  auto x = tl::array<float, B>::from_host(given, {3});
  auto index = tl::array<std::int64_t, B>::from_host(places, {3});
  auto y = tl::array<float, B>::full({4}, 0.0f);
  B::scatter_add(y.view(), x.cview(), index.cview(), 0);
  REQUIRE(y.to_host() == std::vector<float>{0, 0, 0, 0});
}
