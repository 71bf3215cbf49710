#include <tensorlab/quantized/range.hpp>

#include <limits>

#include "support/backend.hpp"

namespace quantized = tl::quantized;

TEST_CASE("a range holds zero exactly", "[quantized]") {
  const auto of = [](float lo, float hi) { return quantized::detail::byte_scale_of({lo, hi}); };
  REQUIRE(of(0, 2.55f).scale == Approx(0.01));
  REQUIRE(of(0, 2.55f).zero == 0);
  REQUIRE(of(-1, 1).scale == Approx(2.0 / 255));
  REQUIRE(of(-1, 1).zero == 128);  // 127.5, ties to even
  REQUIRE(of(-2.55f, 0).zero == 255);
  REQUIRE(of(-1, 254).zero == 1);
  // A range on one side of zero is widened to it.
  REQUIRE(of(5, 10).scale == Approx(10.0 / 255));
  REQUIRE(of(5, 10).zero == 0);
  REQUIRE(of(-10, -5).zero == 255);
}

TEST_CASE("each row of weights has the scale of its greatest value", "[quantized]") {
  const auto q =
      quantized::quantize_rows("layer", tl::tensor<float>::from({1.27f, -0.5f, 0.004f, 0, 0, 0, -254, 127, 3}, {3, 3}));
  REQUIRE(q.values.to_vector() == std::vector<std::int8_t>{127, -50, 0, 0, 0, 0, -127, 64, 2});
  const auto scale = q.scale.to_vector();
  REQUIRE(scale[0] == Approx(0.01));
  REQUIRE(scale[1] == std::numeric_limits<float>::min());
  REQUIRE(scale[2] == 2);
}

TEST_CASE("rounding is off by half a step at most", "[quantized]") {
  const auto w = test::uniform<float>({7, 33}, 1, -3, 5);
  const auto q = quantized::quantize_rows("layer", w);
  for (std::size_t i = 0; i < 7; ++i) {
    const auto row = w.span().subspan(i * 33, 33);
    const double scale = static_cast<double>(q.scale.span()[i]);
    float largest = 0;
    for (float v : row) largest = std::max(largest, std::abs(v));
    REQUIRE(scale == Approx(static_cast<double>(largest) / 127));
    for (std::size_t k = 0; k < 33; ++k)
      REQUIRE(std::abs(static_cast<double>(row[k]) - scale * q.values.span()[i * 33 + k]) <= scale * 0.500001);
  }
}

TEST_CASE("weights that cannot be quantised are named", "[quantized]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  REQUIRE_THROWS_WITH(quantized::quantize_rows("head", tl::tensor<float>::from({1, 2, nan, 4}, {2, 2})),
                      "head: row 1 of the weights is not finite");
  REQUIRE_THROWS_AS(quantized::quantize_rows("head", tl::tensor<float>::zeros({1, 32769})), tl::value_error);
  REQUIRE_NOTHROW(quantized::quantize_rows("head", tl::tensor<float>::zeros({1, 32768})));
  for (const quantized::range& r : {quantized::range{0, 0}, {1, -1}, {nan, 1}, {0, HUGE_VALF}})
    REQUIRE_THROWS_AS(quantized::detail::require_range("head", r), tl::value_error);
}
