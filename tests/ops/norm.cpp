#include <tensorlab/ops/norm.hpp>

#include <cmath>

#include <tensorlab/autograd/checkpoint.hpp>

#include "ops/layouts.hpp"
#include "ops/parity.hpp"

using F = tl::tensor<float, B>;
using D = tl::tensor<double, B>;

TEST_CASE("batch_norm normalises each channel and moves the running statistics", "[ops][norm]") {
  // Channel 0: 1, 3 -> mean 2, variance 1 (unbiased 2). Channel 1: 4, 4 -> mean 4, variance 0.
  const auto x = D::from({1, 4, 3, 4}, {2, 2});
  const auto gamma = D::from({2, 3}, {2}), beta = D::from({10, 20}, {2});
  auto mean = D::zeros({2}), var = D::ones({2});
  const double r = 1 / std::sqrt(1 + 0.5);
  const auto y = tl::batch_norm(x, gamma, beta, mean, var, {.training = true, .momentum = 0.25, .eps = 0.5});
  test::require_values(y, {10 - 2 * r, 20, 10 + 2 * r, 20});
  test::require_values(mean, {0.5, 1});
  test::require_values(var, {0.75 + 0.25 * 2, 0.75});
  // Outside training the running statistics are used and stay.
  const auto z = tl::batch_norm(x, gamma, beta, mean, var, {.eps = 0.5});
  const double a = 2 / std::sqrt(1.25 + 0.5), b = 3 / std::sqrt(0.75 + 0.5);
  test::require_values(z, {10 + a * 0.5, 20 + b * 3, 10 + a * 2.5, 20 + b * 3});
  test::require_values(mean, {0.5, 1});
}

TEST_CASE("layer_norm normalises over the trailing dimensions", "[ops][norm]") {
  const auto x = D::from({1, 2, 3, 4, 5, 5, 5, 5}, {2, 2, 2});
  const double r = 1 / std::sqrt(1.25 + 1e-5);
  test::require_values(tl::layer_norm(x, {2, 2}, {}, {}), {-1.5 * r, -0.5 * r, 0.5 * r, 1.5 * r, 0, 0, 0, 0});
  const auto gamma = D::from({2, 4}, {2}), beta = D::from({1, -1}, {2});
  const double q = 1 / std::sqrt(0.25 + 0.75);
  test::require_values(tl::layer_norm(x, gamma, beta, 0.75), {1 - q, -1 + 2 * q, 1 - q, -1 + 2 * q, 1, -1, 1, -1});
}

TEST_CASE("scale_norm divides by the root mean square", "[ops][norm]") {
  // |(3, 4)| / sqrt(2) = 5 / sqrt(2).
  const auto x = D::from({3, 4, 0, 0}, {2, 2});
  const double r = std::sqrt(2.0) / 5;
  test::require_values(tl::scale_norm(x, D::from({2}, {1})), {6 * r, 8 * r, 0, 0});
  auto zero = D::zeros({1, 2}).requires_grad(true);
  tl::sum(tl::scale_norm(zero, D::from({2}, {1}))).backward();
  test::require_values(zero.grad(), {2e5, 2e5});
}

TEMPLATE_TEST_CASE("normalisation equals the reference backend", "[ops][norm]", float, double) {
  using T = TestType;
  const auto train = [](const auto& v) {
    using X = std::decay_t<decltype(v[0])>;
    auto m = X::zeros({v[0].dim(1)}), s = X::ones({v[0].dim(1)});
    const auto y = tl::batch_norm(v[0], v[1], v[2], m, s, {.training = true, .eps = 1e-2});
    // The running statistics take part in the comparison.
    return tl::cat({tl::flatten(y), m, s}, 0);
  };
  const auto eval = [](const auto& v) { return tl::batch_norm(v[0], v[1], v[2], v[3], v[4] + 2.0); };
  for (const tl::shape& s : {tl::shape{6, 5}, tl::shape{2, 3, 7}, tl::shape{2, 17, 3, 4}, tl::shape{1, 2, 2, 1}}) {
    INFO(tl::to_string(s));
    const auto c = [&](std::uint64_t seed) { return test::uniform<T>({s[1]}, seed); };
    const auto x = test::uniform<T>(s, 1);
    for (const auto& v : {x, test::to_channels_last(x)}) {
      test::require_same_as_reference<T>(train, {v, c(2), c(3)}, 64);
      test::require_same_as_reference<T>(train, {v, {}, {}}, 64);
      test::require_same_as_reference<T>(eval, {v, c(2), c(3), c(4), c(5)}, 64);
    }
  }
  const auto layer = [](const auto& v) { return tl::layer_norm(v[0], {3, 4}, v[1], v[2]); };
  for (const tl::shape& s : {tl::shape{3, 4}, tl::shape{5, 3, 4}, tl::shape{2, 9, 3, 4}, tl::shape{0, 3, 4}}) {
    INFO(tl::to_string(s));
    const auto g = [&](std::uint64_t seed) { return test::uniform<T>({3, 4}, seed); };
    test::require_same_as_reference<T>(layer, {test::uniform<T>(s, 1), g(2), g(3)}, 64);
    test::require_same_as_reference<T>(layer, {test::uniform<T>(s, 1), tl::transpose(test::uniform<T>({4, 3}, 2)), {}},
                                       64);
    test::require_same_as_reference<T>(layer, {test::uniform<T>(s, 1), {}, g(3)}, 64);
  }
  test::require_same_as_reference<T>([](const auto& v) { return tl::scale_norm(v[0], v[1]); },
                                     {test::uniform<T>({4, 3, 8}, 1), test::uniform<T>({1}, 2)});
}

TEST_CASE("normalisation has right first and second derivatives", "[ops][norm]") {
  const auto u = [](const tl::shape& s) { return test::uniform<double>(s, 3, -2, 2); };
  const auto train = [](const auto& v) { return tl::batch_norm(v[0], v[1], v[2], {}, {}, {.training = true}); };
  const auto plain = [](const auto& v) { return tl::batch_norm(v[0], D(), D(), D(), D(), {.training = true}); };
  test::require_gradients(train, {u({4, 3}), u({3}), u({3})});
  test::require_gradients(train, {u({2, 2, 2, 2}), u({2}), u({2})});
  test::require_gradients(plain, {u({3, 2, 2})});
  test::require_gradients([](const auto& v) { return tl::batch_norm(v[0], v[1], v[2], v[3], v[4] + 3); },
                          {u({2, 2, 3}), u({2}), u({2}), u({2}), u({2})});
  test::require_gradients([](const auto& v) { return tl::layer_norm(v[0], v[1], v[2]); },
                          {u({3, 2, 3}), u({2, 3}), u({2, 3})});
  test::require_gradients([](const auto& v) { return tl::layer_norm(v[0], {3}, D(), v[1]); }, {u({4, 3}), u({3})});
  test::require_gradients([](const auto& v) { return tl::scale_norm(v[0], v[1]); }, {u({3, 4}), u({4})});
}

TEST_CASE("a checkpoint moves the running statistics once", "[ops][norm]") {
  const auto gamma = F::ones({2}), beta = F::zeros({2});
  auto mean = F::zeros({2}), var = F::ones({2});
  auto x = test::uniform<float>({5, 2}, 1).requires_grad(true);
  const auto layer = [&](const F& v) {
    return tl::batch_norm(v, gamma, beta, mean, var, {.training = true, .momentum = 0.5});
  };
  const auto y = tl::checkpoint(layer, x);
  const auto once = mean.to_vector();
  REQUIRE(once[0] != 0);
  y.backward(F::ones({5, 2}));
  REQUIRE(mean.to_vector() == once);
}

TEST_CASE("normalisation keeps memory order", "[ops][norm]") {
  const auto x = test::to_channels_last(test::uniform<float>({2, 3, 4, 5}, 1));
  REQUIRE(tl::batch_norm(x, F::ones({3}), F::zeros({3}), {}, {}, {.training = true}).strides() == x.strides());
  REQUIRE(tl::batch_norm(x, {}, {}, F::zeros({3}), F::ones({3})).strides() == x.strides());
}

TEST_CASE("normalisation names what does not fit", "[ops][norm]") {
  const auto x = F::zeros({2, 3, 4});
  REQUIRE_THROWS_WITH(tl::batch_norm(F::zeros({3}), {}, {}, {}, {}, {.training = true}),
                      "batch_norm: expected [N, C, ...], got shape [3]");
  REQUIRE_THROWS_WITH(
      tl::batch_norm(x, F::ones({4}), {}, {}, {}, {.training = true}),
      "batch_norm: gamma has another shape than the normalized dimensions: gamma [4], expected [3] (4 vs 3)");
  REQUIRE_THROWS_WITH(tl::batch_norm(x, {}, {}, F::ones({2}), F::ones({3})),
                      "batch_norm: running_mean has another shape than the normalized dimensions: running_mean [2], "
                      "expected [3] (2 vs 3)");
  REQUIRE_THROWS_WITH(tl::batch_norm(F::zeros({1, 3, 1, 1}), {}, {}, {}, {}, {.training = true}),
                      "batch_norm: training needs more than one value per channel: input [1, 3, 1, 1] (1 vs 2)");
  REQUIRE_THROWS_WITH(tl::batch_norm(x, {}, {}, {}, {}),
                      "batch_norm: running_mean and running_var are needed outside training");
  REQUIRE_THROWS_WITH(tl::layer_norm(x, {3, 5}, {}, {}),
                      "layer_norm: the last dimensions differ: input [2, 3, 4], normalized [3, 5] (4 vs 5)");
  REQUIRE_THROWS_WITH(tl::layer_norm(F::zeros({4}), {3, 4}, {}, {}),
                      "layer_norm: ranks do not fit: input [4], normalized [3, 4] (1 vs 2)");
  REQUIRE_THROWS_WITH(
      tl::layer_norm(x, {4}, F::ones({3}), {}),
      "layer_norm: gamma has another shape than the normalized dimensions: gamma [3], expected [4] (3 vs 4)");
  REQUIRE_THROWS_WITH(tl::scale_norm(F::scalar(1), F::ones({1})),
                      "scale_norm: expected [..., D], got a tensor of rank 0");
}
