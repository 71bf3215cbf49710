#include "backend/both.hpp"

namespace {

using namespace test;

struct pool_case {
  tl::shape x;
  std::array<std::int64_t, 2> kernel, stride, dilation, pad_begin, pad_end;
};

const pool_case cases[] = {
    {{1, 1, 1, 1}, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},   {{2, 3, 8, 7}, {2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}},
    {{2, 5, 9, 11}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}},  {{2, 70, 6, 5}, {3, 2}, {1, 3}, {1, 1}, {1, 0}, {0, 1}},
    {{1, 4, 12, 10}, {3, 3}, {1, 2}, {2, 3}, {2, 1}, {1, 2}}, {{3, 6, 1, 20}, {1, 3}, {1, 2}, {1, 1}, {0, 1}, {0, 1}},
    {{2, 130, 7, 7}, {7, 7}, {7, 7}, {1, 1}, {0, 0}, {0, 0}}, {{1, 2, 3, 3}, {2, 2}, {1, 1}, {1, 1}, {3, 3}, {3, 3}},
    {{0, 3, 4, 4}, {2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}},   {{2, 3, 2, 2}, {3, 3}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
};

template <class T>
void check(const pool_case& z, tl::pool_kind kind, layout l) {
  tl::window_geometry g;
  g.kernel = z.kernel;
  g.stride = z.stride;
  g.dilation = z.dilation;
  g.pad_begin = z.pad_begin;
  g.pad_end = z.pad_end;
  const tl::shape ys{z.x[0], z.x[1], g.out(0, z.x[2]), g.out(1, z.x[3])};
  INFO("x " << tl::to_string(z.x) << " kind " << static_cast<int>(kind) << " layout " << static_cast<int>(l));
  const auto x = random_both<T>(z.x, l, 1);
  auto y = random_both<T>(ys, l, 2);
  auto position = random_both<std::int64_t>(ys, layout::dense, 3);
  tl::reference::pool(kind, y.e(), position.e(), x.ce(), g);
  B::pool(kind, y.g(), position.g(), x.cg(), g);
  require_equal(y);
  require_equal(position);
  const auto dy = random_both<T>(ys, l, 4);
  auto dx = random_both<T>(z.x, l, 5);
  tl::reference::pool_dx(kind, dx.e(), dy.ce(), position.ce(), g);
  B::pool_dx(kind, dx.g(), dy.cg(), position.cg(), g);
  require_equal(dx);
}

}  // namespace

TEMPLATE_TEST_CASE("pooling and its gradient agree with the reference", "[backend]", float, double) {
  for (const pool_case& z : cases)
    for (tl::pool_kind kind : {tl::pool_kind::max, tl::pool_kind::average, tl::pool_kind::average_without_padding})
      for (layout l : {layout::dense, layout::gapped, layout::channels_last}) check<TestType>(z, kind, l);
}

TEST_CASE("average pooling needs no positions", "[backend]") {
  const auto x = random_both<float>({2, 3, 4, 4}, layout::dense, 1);
  auto y = random_both<float>({2, 3, 2, 2}, layout::dense, 2);
  tl::window_geometry g;
  g.kernel = g.stride = {2, 2};
  tl::reference::pool(tl::pool_kind::average, y.e(), tl::view<std::int64_t>{}, x.ce(), g);
  B::pool(tl::pool_kind::average, y.g(), tl::view<std::int64_t>{}, x.cg(), g);
  require_equal(y);
}

TEST_CASE("max pooling keeps NaN and prefers the first of equals", "[backend]") {
  const auto values = std::make_unique<float[]>(8);
  const float given[] = {1, 1, 1, 1, 0, std::numeric_limits<float>::quiet_NaN(), 5, 2};
  for (std::size_t i = 0; i < 8; ++i) values[i] = given[i];
  const auto x = from_values(values, 8, {1, 1, 4, 2}, {8, 8, 2, 1});
  auto y = random_both<float>({1, 1, 2, 1}, layout::dense, 1);
  auto position = tl::array<std::int64_t, B>::empty({1, 1, 2, 1});
  auto expected = tl::array<std::int64_t, tl::reference>::empty({1, 1, 2, 1});
  tl::window_geometry g;
  g.kernel = g.stride = {2, 2};
  tl::reference::pool(tl::pool_kind::max, y.e(), expected.view(), x.ce(), g);
  B::pool(tl::pool_kind::max, y.g(), position.view(), x.cg(), g);
  require_equal(y);
  REQUIRE(position.to_host() == std::vector<std::int64_t>{0, 5});
}
