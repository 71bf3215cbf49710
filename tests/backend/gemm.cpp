#include "backend/both.hpp"

namespace {

using namespace test;

struct sizes {
  std::int64_t m, k, n;
};

const sizes every_size[] = {{1, 1, 1}, {1, 64, 64}, {3, 5, 7}, {8, 16, 16},  {17, 25, 17},   {2, 1, 33},  {33, 40, 1},
                            {5, 0, 4}, {0, 3, 4},   {4, 3, 0}, {64, 31, 65}, {100, 20, 130}, {9, 300, 10}};

template <class T>
void check(const tl::shape& lead, sizes z, layout ya, layout aa, layout ba, bool accumulate, bool bias,
           tl::compute factors = tl::compute::full) {
  const auto shape_of = [&](std::int64_t rows, std::int64_t columns) {
    tl::shape s = lead;
    s.push_back(rows);
    s.push_back(columns);
    return s;
  };
  INFO("gemm " << tl::to_string(shape_of(z.m, z.k)) << " x " << tl::to_string(shape_of(z.k, z.n)) << " layouts "
               << int(ya) << int(aa) << int(ba) << (accumulate ? " accumulate" : "") << (bias ? " bias" : ""));
  const auto a = random_both<T>(shape_of(z.m, z.k), aa, 1, -1, 1), b = random_both<T>(shape_of(z.k, z.n), ba, 2, -1, 1);
  auto y = random_both<T>(shape_of(z.m, z.n), ya, 3);
  const auto c = random_both<T>({z.n}, layout::dense, 4);
  tl::reference::gemm(y.e(), a.ce(), b.ce(), tl::gemm_epilogue<T>{bias ? c.ce().data : nullptr, accumulate, factors});
  B::gemm(y.g(), a.cg(), b.cg(), tl::gemm_epilogue<T>{bias ? c.cg().data : nullptr, accumulate, factors});
  require_equal(y);
}

}  // namespace

TEMPLATE_TEST_CASE("gemm agrees with the reference for every size and memory order", "[backend]", float, double) {
  for (const sizes& z : every_size)
    for (layout y : every_layout)
      for (layout a : every_layout)
        for (layout b : every_layout) check<TestType>({}, z, y, a, b, false, false);
}

TEMPLATE_TEST_CASE("gemm adds a bias and accumulates", "[backend]", float, double) {
  for (const sizes& z : every_size)
    for (layout y : every_layout) {
      check<TestType>({}, z, y, layout::dense, layout::reversed, true, false);
      check<TestType>({}, z, y, layout::dense, layout::dense, false, true);
      check<TestType>({2}, z, y, layout::reversed, layout::dense, true, true);
    }
}

TEMPLATE_TEST_CASE("batched gemm agrees with the reference", "[backend]", float, double) {
  for (const tl::shape& lead : {tl::shape{3}, tl::shape{2, 3}, tl::shape{2, 1, 4}, tl::shape{0}, tl::shape{70}})
    for (const sizes& z : {sizes{3, 5, 7}, sizes{1, 4, 6}, sizes{17, 25, 17}})
      for (layout l : every_layout) {
        check<TestType>(lead, z, l, layout::dense, layout::dense, false, false);
        check<TestType>(lead, z, layout::dense, l, l, true, false);
      }
}

TEMPLATE_TEST_CASE("gemm broadcasts leading dimensions of stride 0", "[backend]", float, double) {
  const tl::shape lead[] = {{6}, {2, 3}, {4, 1, 2}};
  for (const tl::shape& l : lead)
    for (std::int64_t rows : {1, 5})
      for (layout order : every_layout)
        for (bool left : {false, true}) {
          tl::shape full_a = l, full_b = l, full_y = l;
          for (auto [s, r, c] :
               {std::tuple{&full_a, rows, std::int64_t{7}}, std::tuple{&full_b, std::int64_t{7}, std::int64_t{9}},
                std::tuple{&full_y, rows, std::int64_t{9}}}) {
            s->push_back(r);
            s->push_back(c);
          }
          const auto a = random_both<TestType>(left ? tl::shape{rows, 7} : full_a, order, 1);
          const auto b = random_both<TestType>(left ? full_b : tl::shape{7, 9}, order, 2);
          auto y = random_both<TestType>(full_y, layout::dense, 3);
          tl::reference::gemm(y.e(), a.e_to(full_a), b.e_to(full_b), tl::gemm_epilogue<TestType>{});
          B::gemm(y.g(), a.g_to(full_a), b.g_to(full_b), tl::gemm_epilogue<TestType>{});
          require_equal(y);
        }
}

TEMPLATE_TEST_CASE("gemm reads matrices whose rows or columns repeat", "[backend]", float, double) {
  const auto row = random_both<TestType>({7}, layout::dense, 1),
             column = random_both<TestType>({5, 1}, layout::dense, 2);
  auto y = random_both<TestType>({5, 5}, layout::dense, 3);
  auto z = random_both<TestType>({7, 7}, layout::dense, 4);
  const auto b = random_both<TestType>({7, 5}, layout::dense, 5);
  tl::reference::gemm(y.e(), row.e_to({5, 7}), b.ce(), tl::gemm_epilogue<TestType>{});
  B::gemm(y.g(), row.g_to({5, 7}), b.cg(), tl::gemm_epilogue<TestType>{});
  require_equal(y);
  tl::reference::gemm(z.e(), b.ce(), column.e_to({5, 7}), tl::gemm_epilogue<TestType>{});
  B::gemm(z.g(), b.cg(), column.g_to({5, 7}), tl::gemm_epilogue<TestType>{});
  require_equal(z);
}

TEST_CASE("gemm rounds the factors of floats to bf16 if asked", "[backend]") {
  constexpr auto rounded = tl::compute::bf16;
  for (const sizes& z : every_size)
    for (layout y : every_layout)
      for (layout a : every_layout)
        for (layout b : every_layout) check<float>({}, z, y, a, b, y == layout::gapped, a == layout::gapped, rounded);
  for (const tl::shape& lead : {tl::shape{3}, tl::shape{2, 1, 4}, tl::shape{0}})
    for (layout l : every_layout) check<float>(lead, {17, 25, 17}, layout::dense, l, l, true, true, rounded);
  check<float>({}, {70, 400, 150}, layout::dense, layout::dense, layout::reversed, true, false, rounded);
  check<double>({}, {17, 25, 17}, layout::dense, layout::dense, layout::dense, false, false, rounded);

  // 1 + 2^-8 lies half way and goes to the even 1; 1 + 3 2^-8 goes up.
  const auto a = tl::array<float, B>::from_host(std::vector<float>{1 + 1.0f / 256, 1 + 3.0f / 256}, {1, 2});
  const auto b = tl::array<float, B>::from_host(std::vector<float>{1, 256}, {2, 1});
  auto y = tl::array<float, B>::empty({1, 1});
  B::gemm(y.view(), a.cview(), b.cview(), tl::gemm_epilogue<float>{nullptr, false, rounded});
  REQUIRE(y.to_host()[0] == 1 + 256 * (1 + 4.0f / 256));
}

TEST_CASE("a large product agrees with the reference on sampled rows", "[backend]") {
  const std::int64_t m = 300, k = 700, n = 330;
  const auto a = random_both<float>({m, k}, layout::dense, 1, -1, 1),
             b = random_both<float>({k, n}, layout::reversed, 2, -1, 1);
  auto y = tl::array<float, B>::empty({m, n});
  B::gemm(y.view(), a.cg(), b.cg(), tl::gemm_epilogue<float>{});
  const std::vector<float> got = y.to_host();
  for (std::int64_t i : {std::int64_t{0}, m / 2, m - 1}) {
    tl::view<const float> row{a.ce().data + i * k, {1, k}, {k, 1}};
    auto expected = tl::array<float, tl::reference>::empty({1, n});
    tl::reference::gemm(expected.view(), row, b.ce(), tl::gemm_epilogue<float>{});
    for (std::int64_t j = 0; j < n; ++j)
      REQUIRE(std::abs(got[static_cast<std::size_t>(i * n + j)] - expected.data()[j]) < 1e-4f);
  }
}
