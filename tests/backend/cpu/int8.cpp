#include <tensorlab/backend/cpu/int8.hpp>

#include <limits>
#include <random>

#include "backend/cpu/same_bits.hpp"

using namespace test;

namespace {

namespace d = tl::detail;

/// Whole numbers in [lo, hi], each end now and then.
template <class T>
std::vector<T> whole_numbers(std::int64_t count, int lo, int hi, std::uint64_t seed) {
  const tl::random::stream rng{seed};
  std::vector<T> v(static_cast<std::size_t>(count));
  for (T& x : v) {
    const double u = rng.uniform(-0.1, 1.1);
    x = static_cast<T>(u <= 0 ? lo : u >= 1 ? hi : lo + static_cast<int>(u * (hi - lo + 1)));
  }
  return v;
}

/// What a product of bytes is when scales are 1: sum (clamp(x + zero, 0, 255) - zero) w + b, exactly.
std::vector<float> naive_linear(const std::vector<float>& x, const std::vector<std::int8_t>& w,
                                const std::vector<float>& bias, std::int64_t rows, std::int64_t terms,
                                std::int64_t units, std::int32_t zero) {
  std::vector<float> y;
  for (std::int64_t n = 0; n < rows; ++n)
    for (std::int64_t j = 0; j < units; ++j) {
      std::int32_t sum = 0;
      for (std::int64_t k = 0; k < terms; ++k) {
        const int q = std::clamp(static_cast<int>(x[static_cast<std::size_t>(n * terms + k)]) + zero, 0, 255);
        sum += (q - zero) * w[static_cast<std::size_t>(j * terms + k)];
      }
      y.push_back(static_cast<float>(sum) + bias[static_cast<std::size_t>(j)]);
    }
  return y;
}

template <class Dots>
std::vector<float> run_linear(const std::vector<float>& x, const std::vector<std::int8_t>& w,
                              const std::vector<float>& scale, const float* bias, std::int64_t rows, std::int64_t terms,
                              std::int64_t units, const d::byte_scale& s) {
  const d::int8_strips strips(w.data(), scale.data(), units, terms, s);
  std::vector<float> y(static_cast<std::size_t>(rows * units));
  d::int8_linear<Dots>{y.data(), x.data(), rows, terms, units, strips, s, bias}.run();
  return y;
}

/// The forms of the kernels that this build has.
using all_dots = tl::type_list<
#if defined(__AVX512F__) && defined(__AVX512VNNI__)
    d::vnni_dots,
#endif
#if defined(__AVX2__)
    d::avx2_dots,
#endif
    d::plain_dots>;

}  // namespace

TEST_CASE("sums of products of bytes are exact, at the ends of the range too", "[cpu][int8]") {
  for (const std::int64_t rows : {0, 1, 2, 7, 8, 9, 29})
    for (const auto& [terms, units] : {std::array{1, 1}, {3, 16}, {4, 17}, {64, 5}, {67, 33}, {130, 50}}) {
      INFO(rows << " rows, " << terms << " terms, " << units << " units");
      const std::int32_t zero = (terms * 37) % 256;
      // Also values that saturate.
      const auto x = whole_numbers<float>(rows * terms, -zero - 9, 264 - zero, 1);
      const auto w = whole_numbers<std::int8_t>(units * terms, -128, 127, 2);
      const auto bias = whole_numbers<float>(units, -50, 50, 3);
      const std::vector<float> one(static_cast<std::size_t>(units), 1.0f);
      const auto expected = naive_linear(x, w, bias, rows, terms, units, zero);
      tl::for_each_type(all_dots{}, [&, k = terms, n = units]<class Dots>() {
        REQUIRE(run_linear<Dots>(x, w, one, bias.data(), rows, k, n, {1, zero}) == expected);
      });
    }
}

TEST_CASE("the largest products do not saturate, nor does the longest sum overflow", "[cpu][int8]") {
  const std::int64_t terms = d::longest_int8_sum;
  const std::vector<float> one{1};
  for (const auto& [x, w, zero] : {std::array{255, 127, 0}, {255, -127, 0}, {-255, 127, 255}, {-255, -127, 255}}) {
    const std::vector<float> xs(static_cast<std::size_t>(terms), static_cast<float>(x));
    const std::vector<std::int8_t> ws(static_cast<std::size_t>(terms), static_cast<std::int8_t>(w));
    const auto expected = static_cast<float>(terms * x * w);  // 255 * 127 * 2^15 is exact in float
    tl::for_each_type(all_dots{}, [&, offset = zero]<class Dots>() {
      REQUIRE(run_linear<Dots>(xs, ws, one, nullptr, 1, terms, 1, {1, offset})[0] == expected);
    });
  }
}

TEST_CASE("all forms of the kernels and all numbers of threads give the same bits", "[cpu][int8]") {
  constexpr std::int64_t rows = 131, terms = 150, units = 200;
  const auto x = uniform<float>({rows, terms}, 1, -3, 3).to_vector();
  const auto w = whole_numbers<std::int8_t>(units * terms, -127, 127, 2);
  const auto scale = uniform<float>({units}, 3, 0.001, 0.01).to_vector(), bias = uniform<float>({units}, 4).to_vector();
  const d::byte_scale s{0.02f, 140};
  const auto expected = run_linear<d::plain_dots>(x, w, scale, bias.data(), rows, terms, units, s);
  tl::for_each_type(all_dots{}, [&]<class Dots>() {
    require_same_bits({rows, units}, [&](auto& y) {
      const auto got = run_linear<Dots>(x, w, scale, bias.data(), rows, terms, units, s);
      REQUIRE(got == expected);
      std::copy(got.begin(), got.end(), y.data());
    });
  });
}

TEST_CASE("a value becomes the nearest byte, ties to even, and saturates", "[cpu][int8]") {
  const d::byte_quantiser q({0.5f, 10});
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x{0,   0.24f, 0.25f,  0.26f, 0.75f, -0.75f,   -5,  -5.3f,     -100, 122.5f,
                             123, 1e30f, -1e30f, 1.25f, 0.74f, infinity, nan, -infinity, 3};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(d::byte_row(19)));
  REQUIRE(std::isnan(q.row(x.data(), 19, bytes.data())));
  bytes.resize(19);
  REQUIRE(bytes == std::vector<std::uint8_t>{10, 10, 10, 11, 12, 8, 0, 0, 0, 255, 255, 255, 0, 12, 11, 255, 0, 0, 16});
  std::vector<std::uint8_t> finite(static_cast<std::size_t>(d::byte_row(15)));
  REQUIRE(q.row(x.data(), 15, finite.data()) == 0);
}

TEST_CASE("a row with a value that is not finite gives NaN, the others do not", "[cpu][int8]") {
  auto x = whole_numbers<float>(3 * 40, -9, 9, 1);
  x[40 + 39] = std::numeric_limits<float>::infinity();
  const auto w = whole_numbers<std::int8_t>(20 * 40, -9, 9, 2);
  const auto y = run_linear<d::int8_dots>(x, w, std::vector<float>(20, 1.0f), nullptr, 3, 40, 20, {1, 128});
  for (std::size_t i = 0; i < y.size(); ++i) REQUIRE(std::isnan(y[i]) == (i / 20 == 1));
}
