#include <tensorlab/ops/conv_relu.hpp>

#include <cmath>
#include <limits>

#include "ops/layouts.hpp"
#include "ops/parity.hpp"

using F = tl::tensor<float, B>;
using D = tl::tensor<double, B>;

namespace {

struct conv_case {
  tl::shape x, w;
  tl::conv2d_options options;
};

const conv_case cases[] = {
    {{1, 1, 1, 1}, {1, 1, 1, 1}, {}},
    {{2, 3, 6, 5}, {4, 3, 1, 1}, {}},
    {{2, 3, 6, 5}, {4, 3, 3, 2}, {.stride = {2, 1}, .padding = 1}},
    {{2, 4, 5, 5}, {6, 2, 3, 3}, {.padding = 1, .groups = 2}},
    {{0, 3, 4, 4}, {2, 3, 1, 1}, {}},
};

template <class T, class Backend>
tl::shape result_shape(const tl::tensor<T, Backend>& x, const conv_case& c) {
  return tl::conv2d(x, tl::tensor<T, Backend>::zeros(c.w), {}, c.options).shape();
}

}  // namespace

TEST_CASE("conv2d_relu convolves, adds and cuts off what is negative", "[ops][conv]") {
  // 2 x - 3 of -1, 2, 1 and 4 is -5, 1, -1 and 5.
  const auto x = D::from({-1, 2, 1, 4}, {1, 1, 2, 2}), w = D::full({1, 1, 1, 1}, 2), bias = D::full({1}, -3);
  test::require_values(tl::conv2d_relu(x, w, bias), {0, 1, 0, 5});
  test::require_values(tl::conv2d_relu(x, w, bias, D::from({6, -2, 0.5, 1}, {1, 1, 2, 2})), {1, 0, 0, 6});
  test::require_values(tl::conv2d_relu(x, w), {0, 4, 2, 8});
}

TEMPLATE_TEST_CASE("conv2d_relu is the same tracked and untracked as the reference backend", "[ops][conv]", float,
                   double) {
  using T = TestType;
  for (const conv_case& c : cases) {
    INFO("x " << tl::to_string(c.x) << " w " << tl::to_string(c.w));
    const auto f = [&](const auto& v) { return tl::conv2d_relu(v[0], v[1], v[2], v[3], c.options); };
    const auto x = test::uniform<T>(c.x, 1), w = test::uniform<T>(c.w, 2), bias = test::uniform<T>({c.w[0]}, 3);
    const auto residual = test::uniform<T>(result_shape(x, c), 4);
    const tl::tensor<T, B> none;
    for (const auto& image : {x, test::to_channels_last(x)})
      for (const auto& added : {residual, test::to_channels_last(residual), none})
        for (const auto& b : {bias, none}) {
          test::require_same_as_reference<T>(f, {image, w, b, added}, 64);
          const std::vector<tl::tensor<T, B>> tracked{tl::stop_gradient(image).requires_grad(true), w, b, added},
              untracked{image, w, b, added};
          test::require_close(f(untracked), f(tracked), 16);
          const tl::no_grad scope;
          REQUIRE(f(tracked).to_vector() == f(untracked).to_vector());
        }
  }
}

TEST_CASE("conv2d_relu has right first and second derivatives", "[ops][conv]") {
  const auto u = [](const tl::shape& s, std::uint64_t seed) { return test::uniform<double>(s, seed, -2, 2); };
  test::require_gradients([](const auto& v) { return tl::conv2d_relu(v[0], v[1], v[2], v[3], {.padding = 1}); },
                          {u({1, 2, 3, 3}, 1), u({2, 2, 3, 2}, 2), u({2}, 3), u({1, 2, 3, 4}, 4)});
}

TEST_CASE("conv2d_relu lets NaN pass", "[ops][conv]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto x = F::full({1, 16, 3, 3}, nan), w = F::ones({16, 16, 1, 1}), residual = F::ones({1, 16, 3, 3});
  for (const auto& y :
       {tl::conv2d_relu(x, w), tl::conv2d_relu(x, w, {}, residual), tl::conv2d_relu(residual, w, {}, residual + nan)})
    for (const float v : y.to_vector()) REQUIRE(std::isnan(v));
}

TEST_CASE("conv2d_relu keeps memory order and its operands", "[ops][conv]") {
  const auto x = test::to_channels_last(test::uniform<float>({2, 3, 4, 5}, 1)),
             residual = test::to_channels_last(test::uniform<float>({2, 6, 4, 5}, 2));
  const auto before = residual.to_vector();
  const auto y = tl::conv2d_relu(x, test::uniform<float>({6, 3, 1, 1}, 3), {}, residual);
  REQUIRE(y.strides() == residual.strides());
  REQUIRE(residual.to_vector() == before);
}

TEST_CASE("conv2d_relu names what does not fit", "[ops][conv]") {
  const auto x = F::zeros({2, 3, 4, 4}), w = F::zeros({5, 3, 3, 3});
  REQUIRE_THROWS_WITH(tl::conv2d_relu(F::zeros({3}), w), "conv2d_relu: input: expected rank 4, got shape [3]");
  REQUIRE_THROWS_WITH(tl::conv2d_relu(x, w, F::zeros({4})), Catch::StartsWith("conv2d_relu: bias must have"));
  REQUIRE_THROWS_WITH(
      tl::conv2d_relu(x, w, {}, x),
      "conv2d_relu: the residual has another shape: residual [2, 3, 4, 4], result [2, 5, 2, 2] (96 vs 40)");
  REQUIRE_THROWS_AS(tl::conv2d_relu(x, w, {}, F::zeros({1, 5, 1, 1})), tl::shape_error);
}
