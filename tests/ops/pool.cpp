#include <tensorlab/ops/pool.hpp>

#include <cmath>
#include <limits>

#include "ops/layouts.hpp"
#include "ops/parity.hpp"

using F = tl::tensor<float, B>;

TEST_CASE("pooling takes the largest element or the mean of the window", "[ops][pool]") {
  const auto x = tl::reshape(F::arange(9, 1), {1, 1, 3, 3});
  test::require_values(tl::max_pool2d(x, {.kernel = 2, .stride = 1}), {5, 6, 8, 9});
  test::require_values(tl::max_pool2d(x, {.kernel = 2}), {5});
  test::require_values(tl::max_pool2d(x, {.kernel = {3, 1}, .stride = {2, 1}, .padding = {1, 0}}), {4, 5, 6, 7, 8, 9});
  test::require_values(tl::avg_pool2d(x, {.kernel = 2, .stride = 1}), {3, 4, 6, 7});
  test::require_values(tl::avg_pool2d(x, {.kernel = 2, .padding = 1}), {0.25, 1.25, 2.75, 7});
  test::require_values(tl::avg_pool2d(x, {.kernel = 2, .padding = 1, .count_include_pad = false}), {1, 2.5, 5.5, 7});
  const auto line = F::from({1, 4, 2, 3, 0}, {1, 1, 5});
  test::require_values(tl::max_pool1d(line, {.kernel = 2}), {4, 3});
  test::require_values(tl::max_pool1d(line, {.kernel = 2, .stride = 1, .dilation = 2}), {2, 4, 2});
  test::require_values(tl::avg_pool1d(line, {.kernel = 3, .stride = 2}), {7.0 / 3, 5.0 / 3});
  test::require_values(tl::avg_pool1d(line, {.kernel = 2, .stride = 2, .padding = {1, 0}}), {0.5, 3, 1.5});
  test::require_values(tl::global_avg_pool(tl::reshape(F::arange(8), {1, 2, 2, 2})), {1.5, 5.5});
}

TEST_CASE("padding never wins and NaN always does", "[ops][pool]") {
  const auto negative = F::full({1, 1, 2, 2}, -5);
  test::require_values(tl::max_pool2d(negative, {.kernel = 2, .stride = 1, .padding = 1}),
                       {-5, -5, -5, -5, -5, -5, -5, -5, -5});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  REQUIRE(std::isnan(tl::max_pool1d(F::from({1, nan, 3}, {1, 1, 3}), {.kernel = 3}).item()));
}

TEST_CASE("the first of equal elements takes the gradient", "[ops][pool]") {
  auto x = F::from({1, 7, 7, 7}, {1, 1, 2, 2}).requires_grad(true);
  tl::max_pool2d(x, {.kernel = 2}).backward();
  test::require_values(x.grad(), {0, 1, 0, 0});
}

TEMPLATE_TEST_CASE("pooling equals the reference backend", "[ops][pool]", float, double) {
  using T = TestType;
  for (const tl::shape& s :
       {tl::shape{2, 3, 7, 6}, tl::shape{1, 20, 5, 9}, tl::shape{0, 2, 4, 4}, tl::shape{3, 1, 3, 3}}) {
    INFO(tl::to_string(s));
    const auto x = test::uniform<T>(s, 1);
    for (const auto& v : {x, test::to_channels_last(x)}) {
      const auto run = [&](const auto& f) { test::require_same_as_reference<T>(f, {v}); };
      run([](const auto& a) { return tl::max_pool2d(a[0], {.kernel = 3, .stride = 2, .padding = 1}); });
      run([](const auto& a) { return tl::max_pool2d(a[0], {.kernel = {2, 1}, .stride = 1, .dilation = {2, 1}}); });
      run([](const auto& a) {
        return tl::avg_pool2d(a[0], {.kernel = 3, .stride = {1, 2}, .padding = {{0, 1}, {2, 1}}});
      });
      run([](const auto& a) {
        return tl::avg_pool2d(a[0], {.kernel = {3, 2}, .padding = 1, .count_include_pad = false});
      });
      run([](const auto& a) { return tl::global_avg_pool(a[0]); });
    }
  }
}

TEST_CASE("pooling has right first and second derivatives", "[ops][pool]") {
  const auto x = test::uniform<double>({2, 2, 4, 5}, 3);
  for (const auto& v : {x, test::to_channels_last(x)}) {
    test::require_gradients(
        [](const auto& a) { return tl::max_pool2d(a[0], {.kernel = 3, .stride = 2, .padding = 1}); }, {v});
    test::require_gradients([](const auto& a) { return tl::avg_pool2d(a[0], {.kernel = 2, .padding = {0, 1}}); }, {v});
    test::require_gradients(
        [](const auto& a) { return tl::avg_pool2d(a[0], {.kernel = 3, .padding = 1, .count_include_pad = false}); },
        {v});
  }
  const auto line = test::uniform<double>({2, 2, 6}, 4);
  test::require_gradients([](const auto& a) { return tl::max_pool1d(a[0], {.kernel = 2, .stride = 1}); }, {line});
  test::require_gradients([](const auto& a) { return tl::avg_pool1d(a[0], {.kernel = 3}); }, {line});
}

TEST_CASE("pooling keeps channels-last memory", "[ops][pool]") {
  const auto x = test::to_channels_last(test::uniform<float>({2, 3, 6, 4}, 1));
  const auto y = tl::max_pool2d(x, {.kernel = 2});
  REQUIRE(y.strides() == tl::channels_last(y.shape()));
  const auto z = tl::avg_pool2d(x, {.kernel = 2});
  REQUIRE(z.strides() == tl::channels_last(z.shape()));
}

TEST_CASE("pooling names what does not fit", "[ops][pool]") {
  const auto x = F::zeros({1, 2, 4, 4});
  REQUIRE_THROWS_WITH(tl::max_pool2d(F::zeros({2, 4, 4}), {.kernel = 2}),
                      "max_pool2d: input: expected rank 4, got shape [2, 4, 4]");
  REQUIRE_THROWS_WITH(tl::max_pool2d(x, {.kernel = {2, 5}}),
                      "max_pool2d: kernel is larger than the padded input: input [1, 2, 4, 4], kernel [2, 5] "
                      "(width 5 vs 4)");
  REQUIRE_THROWS_WITH(tl::max_pool2d(x, {.kernel = 2, .padding = 2}),
                      "max_pool2d: a window would lie in the padding alone: padding 2, kernel 2");
  REQUIRE_THROWS_WITH(tl::avg_pool2d(x, {.kernel = 0}), "avg_pool2d: kernel height must be at least 1, got 0");
  REQUIRE_THROWS_WITH(tl::avg_pool2d(x, {.kernel = 2, .stride = 0}), "avg_pool2d: stride must be at least 1, got 0");
  REQUIRE_THROWS_WITH(
      tl::max_pool1d(F::zeros({1, 2, 3}), {.kernel = 4}),
      "max_pool1d: kernel is larger than the padded input: input [1, 2, 3], kernel [4] (length 4 vs 3)");
  REQUIRE_THROWS_WITH(tl::avg_pool1d(x, {.kernel = 4}), "avg_pool1d: input: expected rank 3, got shape [1, 2, 4, 4]");
  REQUIRE_THROWS_WITH(tl::global_avg_pool(F::zeros({2, 3})), "global_avg_pool: expected [N, C, ...], got shape [2, 3]");
}
