#include <tensorlab/backend/simt/kernel/norm.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

TEST_CASE("simt: moments combine without cancellation", "[backend][simt]") {
  // 1, 2, 3, 6 far from zero: mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5.
  const float far = 4194304;
  const std::vector<float> x{far + 1, far + 2, far + 3, far + 6};
  float mean = 0, rstd = 0;
  const kernel::moments_fold<float> fold{0.5, x.data(), &mean, &rstd};
  auto left = fold.identity(), right = fold.identity();
  for (std::int64_t i = 0; i < 4; ++i) {
    auto& lane = i % 2 == 0 ? left : right;
    lane = fold.step(lane, &i);
  }
  const std::int64_t to[] = {0, 0, 0};
  fold.finish(to, fold.combine(fold.combine(fold.identity(), left), fold.combine(right, fold.identity())));
  REQUIRE(mean == far + 3);
  REQUIRE(rstd == 0.5f);  // 1 / sqrt(3.5 + 0.5)
}

TEST_CASE("simt: elements are normalised, scaled and shifted", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    const std::vector<float> x{1, 3, 10, 30}, mean{2, 20}, rstd{1, 0.1f}, gamma{2, 3}, beta{100, 200};
    std::vector<float> y(4);
    kernel::normalize_body<float> body{
        kernel::make_nest({2, 2}, true, tl::strides{2, 1}, tl::strides{2, 1}, tl::strides{1, 0}, tl::strides{1, 0},
                          tl::strides{0, 1}, tl::strides{0, 1}),
        y.data(),
        x.data(),
        mean.data(),
        rstd.data(),
        gamma.data(),
        beta.data()};
    L::run("norm", y.data(), 1, body);
    REQUIRE(y == std::vector<float>{98, 203, 98, 203});
    body.gamma = body.beta = nullptr;
    L::run("norm", y.data(), 1, body);
    REQUIRE(y == std::vector<float>{-1, 1, -1, 1});
  });
}

TEST_CASE("simt: a slice's gradient loses its mean and its share along the normalised input", "[backend][simt]") {
  const std::vector<float> dy{1, 4}, x{1, 3}, gamma{2, 3}, mean{2}, rstd{1};
  float plain = 0, hat = 0;
  kernel::norm_sums_fold<float> fold{dy.data(), x.data(), gamma.data(), mean.data(), rstd.data(), &plain, &hat};
  auto sums = fold.identity();
  for (std::int64_t i = 0; i < 2; ++i) {
    const std::int64_t at[] = {i, i, i, 0, 0, 0, 0};
    sums = fold.combine(sums, fold.step(fold.identity(), at));
  }
  const std::int64_t to[7] = {};
  fold.finish(to, sums);
  REQUIRE(plain == 14);  // 1 2 + 4 3
  REQUIRE(hat == 10);    // -2 + 12
  fold.plain = fold.hat = nullptr;
  fold.finish(to, sums);
  test::with_launchers([&]<class L>() {
    std::vector<float> dx(2);
    const kernel::norm_dx_body<float> body{
        kernel::make_nest({2}, true, tl::strides{1}, tl::strides{1}, tl::strides{1}, tl::strides{1}, tl::strides{0},
                          tl::strides{0}, tl::strides{0}),
        dx.data(),
        dy.data(),
        x.data(),
        gamma.data(),
        mean.data(),
        rstd.data(),
        &plain,
        &hat,
        0.5f};
    L::run("norm_backward", dx.data(), 1, body);
    REQUIRE(dx == std::vector<float>{0, 0});  // 2 - 7 + 5 and 12 - 7 - 5: two elements leave no freedom
  });
}
