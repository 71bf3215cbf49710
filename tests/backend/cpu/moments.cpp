#include <tensorlab/backend/cpu/moments.hpp>

#include <vector>

#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::detail::gradient_sums;
using tl::detail::moments;
using tl::detail::pack_run;

namespace {

char* bytes(std::vector<double>& v) { return reinterpret_cast<char*>(v.data()); }

}  // namespace

TEST_CASE("a run's sum takes every element once, whatever its length and step", "[cpu]") {
  for (std::int64_t n : {0, 1, 15, 16, 17, 64, 70, 1024, 3000}) {
    for (std::int64_t step : {1, 3}) {
      std::vector<float> x(static_cast<std::size_t>(n * step + 1), 1000.0f);
      for (std::int64_t i = 0; i < n; ++i) x[static_cast<std::size_t>(i * step)] = static_cast<float>(i % 7);
      double expected = 0;
      for (std::int64_t i = 0; i < n; ++i) expected += 2.0 * static_cast<double>(i % 7);
      const pack_run<float> run{reinterpret_cast<const char*>(x.data()), step * std::int64_t{sizeof(float)}, n};
      REQUIRE(run.sum([](const auto& v) { return v + v; }) == expected);
    }
  }
}

TEST_CASE("moments of two ranges merge into those of both", "[cpu]") {
  // 1, 2, 6 and 3: mean 3, squared deviations 4 + 1 + 9 + 0; beside them 0, 0, 0 and 8: mean 2, 4 + 4 + 4 + 36.
  std::vector<float> x{1, 0, 2, 0, 6, 0, 3, 8};
  const std::int64_t column = sizeof(float), row = 2 * sizeof(float);
  std::vector<double> a(6), b(6);
  char* first[] = {reinterpret_cast<char*>(x.data())};
  char* second[] = {reinterpret_cast<char*>(x.data() + 2)};
  moments<float>::init(nullptr, bytes(a), 2);
  moments<float>::init(nullptr, bytes(b), 2);
  moments<float>::across(nullptr, bytes(a), first, &column, 2, &row, 1);
  moments<float>::across(nullptr, bytes(b), second, &column, 2, &row, 3);
  moments<float>::combine(nullptr, bytes(a), bytes(b), 2);
  REQUIRE(a[0] == 4);
  REQUIRE(a[1] == Approx(3));
  REQUIRE(a[2] == Approx(2));
  REQUIRE(a[3] == Approx(14));
  REQUIRE(a[4] == Approx(48));
  const moments<float> rule{0.5, 2 * sizeof(float)};
  std::vector<float> y(4);
  moments<float>::store(&rule, reinterpret_cast<char*>(y.data()), sizeof(float), bytes(a), 2);
  REQUIRE(y[0] == Approx(3.0f));
  REQUIRE(y[1] == Approx(2.0f));
  REQUIRE(y[2] == Approx(0.5f));  // 1 / sqrt(14 / 4 + 0.5)
  REQUIRE(y[3] == Approx(static_cast<float>(1 / std::sqrt(12.5))));

  std::vector<double> line(3);
  moments<float>::init(nullptr, bytes(line), 1);
  moments<float>::along(nullptr, bytes(line), first, &row, 4);
  REQUIRE(line[0] == 4);
  REQUIRE(line[1] == Approx(3));
  REQUIRE(line[2] == Approx(14));
}

TEST_CASE("gradient sums are of dy and of dy xhat, with and without a factor", "[cpu]") {
  // One column: dy, x, mean, rstd, gamma.
  std::vector<float> dy{1, 2, 3}, x{1, 3, 5}, mean{3}, rstd{0.5f}, gamma{1, 10, 100};
  char* data[] = {reinterpret_cast<char*>(dy.data()), reinterpret_cast<char*>(x.data()),
                  reinterpret_cast<char*>(mean.data()), reinterpret_cast<char*>(rstd.data()),
                  reinterpret_cast<char*>(gamma.data())};
  const std::int64_t unit = sizeof(float), steps[] = {unit, unit, 0, 0, unit};
  std::vector<double> sums(2);
  gradient_sums<float, false>::along(nullptr, bytes(sums), data, steps, 3);
  REQUIRE(sums == std::vector<double>{6, 2});  // xhat = -1, 0, 1
  gradient_sums<float, true>::init(nullptr, bytes(sums), 1);
  gradient_sums<float, true>::along(nullptr, bytes(sums), data, steps, 3);
  REQUIRE(sums == std::vector<double>{321, 299});
  // The same rows as columns of one row each.
  const std::int64_t none[] = {0, 0, 0, 0, 0};
  std::vector<double> columns(6);
  gradient_sums<float, false>::across(nullptr, bytes(columns), data, steps, 3, none, 1);
  REQUIRE(columns == std::vector<double>{1, 2, 3, -1, 0, 3});
}
