#include <tensorlab/ops/conv.hpp>

#include "ops/layouts.hpp"
#include "ops/parity.hpp"

using F = tl::tensor<float, B>;
using D = tl::tensor<double, B>;

TEST_CASE("conv2d is the sum over the window", "[ops][conv]") {
  // 3 x 3 image 1..9 with the kernel [[1, 2], [3, 4]]: 1 + 2*2 + 3*4 + 4*5 = 37, and so on.
  const auto x = F::arange(9, 1);
  const auto w = F::from({1, 2, 3, 4}, {1, 1, 2, 2});
  const auto image = tl::reshape(x, {1, 1, 3, 3});
  test::require_values(tl::conv2d(image, w), {37, 47, 67, 77});
  test::require_values(tl::conv2d(image, w, F::from({10}, {1})), {47, 57, 77, 87});
  test::require_values(tl::conv2d(image, w, {}, {.stride = 2}), {37});
  test::require_values(tl::conv2d(image, w, {}, {.padding = {{1, 0}, {0, 0}}}), {11, 18, 37, 47, 67, 77});
  test::require_values(tl::conv2d(image, w, {}, {.padding = {{0, 0}, {0, 1}}}), {37, 47, 21, 67, 77, 33});
  // Dilation 2 takes the corners: 1 + 2*3 + 3*7 + 4*9.
  test::require_values(tl::conv2d(image, w, {}, {.dilation = 2}), {64});
}

TEST_CASE("groups see their own channels alone", "[ops][conv]") {
  const auto x = F::from({1, 2, 10, 20}, {1, 2, 1, 2});
  const auto w = F::from({1, 1, 2, 2}, {2, 1, 1, 2});
  test::require_values(tl::conv2d(x, w, {}, {.groups = 2}), {3, 60});
}

TEST_CASE("conv1d is the sum over the window", "[ops][conv]") {
  const auto x = F::from({1, 2, 3, 4}, {1, 1, 4});
  const auto w = F::from({1, 10}, {1, 1, 2});
  test::require_values(tl::conv1d(x, w), {21, 32, 43});
  test::require_values(tl::conv1d(x, w, F::from({5}, {1}), {.stride = 2}), {26, 48});
  test::require_values(tl::conv1d(x, w, {}, {.padding = {1, 0}}), {10, 21, 32, 43});
  test::require_values(tl::conv1d(x, w, {}, {.padding = 1, .dilation = 2}), {20, 31, 42, 3});
}

TEMPLATE_TEST_CASE("convolution equals the reference backend", "[ops][conv]", float, double) {
  using T = TestType;
  struct setting {
    tl::shape x, w;
    tl::conv2d_options o;
  };
  const setting settings[] = {
      {{2, 3, 7, 6}, {4, 3, 3, 3}, {.padding = 1}},
      {{1, 4, 8, 5}, {6, 2, 3, 2}, {.stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}, .groups = 2}},
      {{2, 6, 5, 5}, {6, 1, 3, 3}, {.stride = 2, .padding = {{0, 1}, {1, 0}}, .groups = 6}},
      {{3, 5, 4, 4}, {7, 5, 1, 1}, {}},
      {{3, 5, 5, 4}, {7, 5, 1, 1}, {.stride = 2}},
      {{1, 1, 9, 3}, {3, 1, 5, 1}, {.padding = {4, 0}, .dilation = {2, 1}}},
      {{2, 2, 4, 4}, {2, 2, 4, 4}, {.stride = 4}},
      {{0, 3, 4, 4}, {2, 3, 2, 2}, {}},
  };
  for (const auto& s : settings) {
    INFO("input " << tl::to_string(s.x) << ", weight " << tl::to_string(s.w));
    const auto f = [&](const auto& v) { return tl::conv2d(v[0], v[1], v[2], s.o); };
    const auto x = test::uniform<T>(s.x, 1), w = test::uniform<T>(s.w, 2), b = test::uniform<T>({s.w[0]}, 3);
    test::require_same_as_reference<T>(f, {x, w, b});
    test::require_same_as_reference<T>(f, {test::to_channels_last(x), test::to_channels_last(w), {}});
    test::require_same_as_reference<T>(f, {tl::transpose(test::uniform<T>({s.x[0], s.x[1], s.x[3], s.x[2]}, 4)), w, b});
  }
}

TEST_CASE("convolution has right first and second derivatives", "[ops][conv]") {
  const auto u = [](const tl::shape& s) { return test::uniform<double>(s, 5); };
  const tl::conv2d_options o{.stride = 2, .padding = {{0, 1}, {1, 1}}, .dilation = {1, 2}, .groups = 2};
  test::require_gradients([&](const auto& v) { return tl::conv2d(v[0], v[1], v[2], o); },
                          {u({2, 4, 4, 5}), u({2, 2, 2, 2}), u({2})});
  test::require_gradients(
      [](const auto& v) {
        return tl::conv1d(v[0], v[1], v[2], {.padding = {2, 0}});
      },
      {u({2, 3, 4}), u({2, 3, 3}), u({2})});
}

TEST_CASE("the result lies in memory as the input does", "[ops][conv]") {
  if (tl::detail::prefers_channels_last<B>()) return;
  const auto x = test::uniform<float>({2, 3, 5, 4}, 1), w = test::uniform<float>({4, 3, 3, 3}, 2);
  const auto y = tl::conv2d(x, w);
  REQUIRE(y.strides() == tl::row_major(y.shape()));
  auto last = test::to_channels_last(x).requires_grad(true);
  const auto z = tl::conv2d(last, w);
  REQUIRE(z.strides() == tl::channels_last(z.shape()));
  z.backward(F::ones(z.shape()));
  REQUIRE(last.grad().strides() == last.strides());
  // (N, L, C) sequences pass a 1-D convolution without being reordered.
  const auto sequence = tl::transpose(test::uniform<float>({2, 6, 3}, 3));
  const auto out = tl::conv1d(sequence, test::uniform<float>({4, 3, 3}, 4), {}, {.padding = 1});
  REQUIRE(tl::transpose(out).is_contiguous());
}

TEST_CASE("only the gradients that are asked for are computed", "[ops][conv]") {
  const auto x = test::uniform<float>({1, 2, 3, 3}, 1);
  auto w = test::uniform<float>({2, 2, 2, 2}, 2).requires_grad(true);
  tl::conv2d(x, w).backward(F::ones({1, 2, 2, 2}));
  REQUIRE(w.grad().defined());
  REQUIRE_FALSE(x.grad().defined());
}

TEST_CASE("convolution names what does not fit", "[ops][conv]") {
  const auto x = F::zeros({2, 3, 8, 8});
  const auto w = F::zeros({4, 3, 3, 3});
  REQUIRE_THROWS_WITH(tl::conv2d(F::zeros({3, 8, 8}), w), "conv2d: input: expected rank 4, got shape [3, 8, 8]");
  REQUIRE_THROWS_WITH(tl::conv2d(x, F::zeros({4, 3, 3})), "conv2d: weight: expected rank 4, got shape [4, 3, 3]");
  REQUIRE_THROWS_WITH(tl::conv2d(x, F::zeros({4, 2, 3, 3})),
                      "conv2d: input channels differ from weight channels times groups: input [2, 3, 8, 8], weight "
                      "[4, 2, 3, 3] (3 vs 2 x 1)");
  REQUIRE_THROWS_WITH(tl::conv2d(x, F::zeros({4, 1, 3, 3}), {}, {.groups = 3}),
                      "conv2d: groups do not divide the output channels: weight [4, 1, 3, 3] (4 vs 3 groups)");
  REQUIRE_THROWS_WITH(tl::conv2d(x, F::zeros({4, 3, 9, 3})),
                      "conv2d: kernel is larger than the padded input: input [2, 3, 8, 8], weight [4, 3, 9, 3] "
                      "(height 9 vs 8)");
  REQUIRE_THROWS_WITH(tl::conv2d(x, w, {}, {.dilation = {1, 5}}),
                      "conv2d: kernel is larger than the padded input: input [2, 3, 8, 8], weight [4, 3, 3, 3] "
                      "(width 11 vs 8)");
  REQUIRE_THROWS_WITH(tl::conv2d(x, w, F::zeros({3})),
                      "conv2d: bias must have one value per channel: bias [3] (3 vs 4)");
  REQUIRE_THROWS_WITH(tl::conv2d(x, w, {}, {.stride = 0}), "conv2d: stride must be at least 1, got 0");
  REQUIRE_THROWS_WITH(tl::conv2d(x, w, {}, {.dilation = 0}), "conv2d: dilation must be at least 1, got 0");
  REQUIRE_THROWS_WITH(tl::conv2d(x, w, {}, {.padding = {{-1, 0}, {0, 0}}}),
                      "conv2d: padding must not be negative, got -1 and 0");
  REQUIRE_THROWS_WITH(tl::conv2d(x, w, {}, {.groups = 0}), "conv2d: groups must be at least 1, got 0");
  REQUIRE_THROWS_AS(tl::conv2d(x, w, {}, {.groups = 0}), tl::value_error);
  REQUIRE_THROWS_AS(tl::conv2d(x, F::zeros({4, 2, 3, 3})), tl::shape_error);
  REQUIRE_THROWS_WITH(tl::conv1d(F::zeros({2, 3, 8}), F::zeros({4, 3, 9})),
                      "conv1d: kernel is larger than the padded input: input [2, 3, 8], weight [4, 3, 9] "
                      "(length 9 vs 8)");
}
