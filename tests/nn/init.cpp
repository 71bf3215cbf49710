#include <tensorlab/nn/init.hpp>

#include "support/backend.hpp"

namespace nn = tl::nn;

namespace {

struct moments {
  double mean = 0, variance = 0, largest = 0;
};
moments of(const tl::tensor<float, B>& t) {
  moments m;
  const auto values = t.to_vector();
  const auto n = static_cast<double>(values.size());
  for (float v : values) {
    m.mean += v / n;
    m.largest = (std::max)(m.largest, static_cast<double>(std::abs(v)));
  }
  for (float v : values) m.variance += (v - m.mean) * (v - m.mean) / n;
  return m;
}

// 40,000 values: the mean is within 5 standard errors, the variance within 5 of its own.
const tl::shape many{200, 200};
void require_moments(const moments& m, double variance, double kurtosis) {
  REQUIRE(std::abs(m.mean) < 5 * std::sqrt(variance / 40000));
  REQUIRE(std::abs(m.variance / variance - 1) < 5 * std::sqrt((kurtosis - 1) / 40000));
}

}  // namespace

TEST_CASE("uniform initialisers have their bound and variance", "[nn]") {
  const tl::random::stream rng{1};
  const auto torch = of(nn::torch_uniform<float, B>(many, 16, rng));
  REQUIRE(torch.largest <= 0.25);
  REQUIRE(torch.largest > 0.249);
  require_moments(torch, 0.25 * 0.25 / 3, 1.8);
  const auto glorot = of(nn::glorot_uniform<float, B>(many, {100, 50}, rng));
  REQUIRE(glorot.largest <= 0.2);
  REQUIRE(glorot.largest > 0.199);
  require_moments(glorot, 0.04 / 3, 1.8);
}

TEST_CASE("normal initialisers have their variance", "[nn]") {
  const tl::random::stream rng{2};
  require_moments(of(nn::kaiming_normal<float, B>(many, 50, rng)), 0.04, 3);
  // Cut at two standard deviations, the variance after the cut is the one asked for: kurtosis of that law is 2.37.
  const auto he = of(nn::he_normal<float, B>(many, {50, 1}, rng));
  require_moments(he, 0.04, 2.37);
  REQUIRE(he.largest <= 2 * 0.2 / 0.8796256);
  const auto cut = of(nn::truncated_normal<float, B>(many, 0.5, 1, rng));
  REQUIRE(cut.largest <= 0.5);
  REQUIRE(cut.largest > 0.499);
}

TEST_CASE("Glorot's and He's initialisers have their bounds and variances", "[nn]") {
  const tl::random::stream rng{5};
  const nn::fans f{30, 20};  // 2 / (30 + 20) = 0.04, 2 / 30
  const auto uniform = [](const moments& m, double variance) {
    const double bound = std::sqrt(3 * variance);
    REQUIRE(m.largest <= bound * (1 + 1e-6));
    REQUIRE(m.largest > 0.999 * bound);
    require_moments(m, variance, 1.8);
  };
  uniform(of(nn::xavier_uniform<float, B>(many, f, rng)), 0.04);
  uniform(of(nn::xavier_uniform<float, B>(many, f, rng, 3)), 0.36);
  uniform(of(nn::kaiming_uniform<float, B>(many, 50, rng)), 0.04);
  uniform(of(nn::kaiming_uniform<float, B>(many, 10, rng, std::sqrt(5.0))), 1.0 / 30);  // torch_uniform's variance
  uniform(of(nn::he_uniform<float, B>(many, f, rng)), 2.0 / 30);

  const auto xavier = of(nn::xavier_normal<float, B>(many, f, rng));
  require_moments(xavier, 0.04, 3);
  REQUIRE(xavier.largest > 3 * 0.2);  // not cut
  require_moments(of(nn::xavier_normal<float, B>(many, f, rng, 0.5)), 0.01, 3);
  require_moments(of(nn::kaiming_normal<float, B>(many, 10, rng, 2)), 0.04, 3);
  const auto glorot = of(nn::glorot_normal<float, B>(many, f, rng));
  require_moments(glorot, 0.04, 2.37);
  REQUIRE(glorot.largest <= 2 * 0.2 / 0.8796256);
}

TEST_CASE("PyTorch's and Keras's names of one rule give the same numbers", "[nn]") {
  const tl::random::stream a{6}, b{6};
  const nn::fans f{4, 3};
  REQUIRE(nn::xavier_uniform<float, B>({3, 4}, f, a).to_vector() ==
          nn::glorot_uniform<float, B>({3, 4}, f, b).to_vector());
  REQUIRE(nn::he_uniform<float, B>({3, 4}, f, a).to_vector() ==
          nn::kaiming_uniform<float, B>({3, 4}, 4, b).to_vector());
}

TEST_CASE("orthogonal matrices are orthonormal", "[nn]") {
  const tl::random::stream rng{3};
  const std::pair<std::int64_t, std::int64_t> sizes[] = {{7, 7}, {9, 4}, {4, 9}, {1, 5}, {32, 96}};
  for (const auto& [rows, columns] : sizes) {
    const auto q = nn::orthogonal<double, B>(rows, columns, rng).to_vector();
    const auto at = [&, width = columns](std::int64_t i, std::int64_t j) {
      return q[static_cast<std::size_t>(i * width + j)];
    };
    const bool wide = rows < columns;
    const std::int64_t count = wide ? rows : columns, length = wide ? columns : rows;
    for (std::int64_t a = 0; a < count; ++a)
      for (std::int64_t b = 0; b < count; ++b) {
        double dot = 0;
        for (std::int64_t k = 0; k < length; ++k) dot += wide ? at(a, k) * at(b, k) : at(k, a) * at(k, b);
        REQUIRE(std::abs(dot - (a == b ? 1 : 0)) < 1e-13);
      }
  }
}

TEST_CASE("fans count the window and PyTorch's fan_out ignores groups", "[nn]") {
  REQUIRE(nn::fans_of({8, 3, 5, 5}).in == 75);
  REQUIRE(nn::fans_of({8, 3, 5, 5}).out == 200);
  REQUIRE(nn::fans_of({4, 6}).in == 6);
  REQUIRE(nn::fans_of({4, 6}).out == 4);
}

TEST_CASE("initialisers repeat with the stream's seed and go on with its counter", "[nn]") {
  const tl::random::stream a{4}, b{4};
  const auto first = nn::kaiming_normal<float, B>({5}, 3, a).to_vector();
  REQUIRE(first == nn::kaiming_normal<float, B>({5}, 3, b).to_vector());
  REQUIRE(first != nn::kaiming_normal<float, B>({5}, 3, a).to_vector());
  const auto q = nn::orthogonal<float, B>(3, 3, b).to_vector();
  REQUIRE(q != nn::orthogonal<float, B>(3, 3, b).to_vector());
}

TEST_CASE("sizes are checked by name", "[nn]") {
  REQUIRE_THROWS_WITH(nn::require_positive("conv", {3, 0}), Catch::Equals("conv: sizes must be positive, got 0"));
  REQUIRE_NOTHROW(nn::require_positive("conv", {3, 1}));
  REQUIRE_THROWS_WITH(nn::require_divisible("conv", {6, 4}, 3),
                      Catch::Equals("conv: 4 does not divide into 3 equal parts"));
  REQUIRE_NOTHROW(nn::require_divisible("conv", {6, 3}, 3));
}
