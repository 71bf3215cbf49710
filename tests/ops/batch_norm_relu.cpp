#include <tensorlab/ops/batch_norm_relu.hpp>

#include <cmath>

#include "ops/layouts.hpp"
#include "ops/parity.hpp"

using F = tl::tensor<float, B>;
using D = tl::tensor<double, B>;

TEST_CASE("batch_norm_relu normalises, adds and cuts off what is negative", "[ops][norm]") {
  // Channel 0: 1, 3 -> mean 2, variance 1 (unbiased 2). Channel 1: 4, 4 -> mean 4, variance 0.
  const auto x = D::from({1, 4, 3, 4}, {2, 2});
  const auto gamma = D::from({2, 3}, {2}), beta = D::from({1, -1}, {2});
  auto mean = D::zeros({2}), var = D::ones({2});
  const double r = 1 / std::sqrt(1 + 0.5);
  const tl::batch_norm_options training{.training = true, .momentum = 0.25, .eps = 0.5};
  test::require_values(tl::batch_norm_relu(x, gamma, beta, mean, var, training), {0, 0, 1 + 2 * r, 0});
  test::require_values(mean, {0.5, 1});
  test::require_values(var, {0.75 + 0.25 * 2, 0.75});
  const auto residual = D::from({1, 2, -5, 0.5}, {2, 2});
  test::require_values(tl::batch_norm_relu(x, gamma, beta, {}, {}, training, residual), {2 - 2 * r, 1, 0, 0});
  // Outside training the running statistics are used and stay.
  const double a = 2 / std::sqrt(1.25 + 0.5), b = 3 / std::sqrt(0.75 + 0.5);
  test::require_values(tl::batch_norm_relu(x, gamma, beta, mean, var, {.eps = 0.5}, residual),
                       {2 + a * 0.5, 1 + b * 3, 0, b * 3 - 0.5});
  test::require_values(mean, {0.5, 1});
}

TEMPLATE_TEST_CASE("batch_norm_relu equals the reference backend", "[ops][norm]", float, double) {
  using T = TestType;
  const auto train = [](const auto& v) {
    using X = std::decay_t<decltype(v[0])>;
    auto m = X::zeros({v[0].dim(1)}), s = X::ones({v[0].dim(1)});
    const auto y =
        tl::batch_norm_relu(v[0], v[1], v[2], m, s, {.training = true, .eps = 1e-2}, v.size() > 3 ? v[3] : X());
    return tl::cat({tl::flatten(y), m, s}, 0);
  };
  const auto eval = [](const auto& v) { return tl::batch_norm_relu(v[0], v[1], v[2], v[3], v[4] + 2.0, {}, v[5]); };
  for (const tl::shape& s :
       {tl::shape{6, 5}, tl::shape{2, 3, 7}, tl::shape{2, 17, 3, 4}, tl::shape{2, 32, 5, 4}, tl::shape{1, 2, 2, 1}}) {
    INFO(tl::to_string(s));
    const auto c = [&](std::uint64_t seed) { return test::uniform<T>({s[1]}, seed); };
    const auto x = test::uniform<T>(s, 1), residual = test::uniform<T>(s, 6);
    for (const auto& v : {x, test::to_channels_last(x)}) {
      test::require_same_as_reference<T>(train, {v, c(2), c(3)}, 64);
      test::require_same_as_reference<T>(train, {v, {}, {}}, 64);
      for (const auto& added : {residual, test::to_channels_last(residual)}) {
        test::require_same_as_reference<T>(train, {v, c(2), c(3), added}, 64);
        test::require_same_as_reference<T>(train, {v, c(2), {}, added}, 64);
        test::require_same_as_reference<T>(eval, {v, c(2), c(3), c(4), c(5), added}, 64);
      }
    }
  }
}

TEST_CASE("batch_norm_relu has right first and second derivatives", "[ops][norm]") {
  const auto u = [](const tl::shape& s, std::uint64_t seed) { return test::uniform<double>(s, seed, -2, 2); };
  const auto train = [](const auto& v) {
    return tl::batch_norm_relu(v[0], v[1], v[2], {}, {}, {.training = true}, v.size() > 3 ? v[3] : D());
  };
  const auto plain = [](const auto& v) { return tl::batch_norm_relu(v[0], D(), D(), D(), D(), {.training = true}); };
  test::require_gradients(train, {u({4, 3}, 1), u({3}, 2), u({3}, 3)});
  test::require_gradients(train, {u({2, 2, 2, 2}, 1), u({2}, 2), u({2}, 3), u({2, 2, 2, 2}, 4)});
  test::require_gradients(train,
                          {test::to_channels_last(u({2, 2, 2, 2}, 1)), u({2}, 2), u({2}, 3), u({2, 2, 2, 2}, 4)});
  test::require_gradients(plain, {u({3, 2, 2}, 1)});
  test::require_gradients([](const auto& v) { return tl::batch_norm_relu(v[0], v[1], v[2], v[3], v[4] + 3, {}, v[5]); },
                          {u({2, 2, 3}, 1), u({2}, 2), u({2}, 3), u({2}, 4), u({2}, 5), u({2, 2, 3}, 6)});
}

TEMPLATE_TEST_CASE("batch_norm_relu has the gradients of its parts", "[ops][norm]", float, double) {
  using T = TestType;
  using X = tl::tensor<T, B>;
  for (const std::int64_t channels : {3, 16, 40}) {
    for (const bool adds : {false, true}) {
      for (const unsigned tracked : {0b1111u, 0b1000u, 0b0001u, 0b0110u, 0b0111u}) {
        INFO(channels << (adds ? " channels with" : " channels without") << " a residual, tracked " << tracked);
        const tl::shape s{3, channels, 7, 5};
        const auto gradients = [&](bool in_one) {
          std::vector<X> v{test::to_channels_last(test::uniform<T>(s, 1)), test::uniform<T>({channels}, 2, 0.5, 2),
                           test::uniform<T>({channels}, 3), test::to_channels_last(test::uniform<T>(s, 4))};
          for (std::size_t i = 0; i < 4; ++i) v[i].requires_grad((tracked >> i & 1) != 0);
          const tl::batch_norm_options o{.training = true};
          const X z = in_one ? tl::batch_norm_relu(v[0], v[1], v[2], {}, {}, o, adds ? v[3] : X())
                             : tl::relu(adds ? tl::batch_norm(v[0], v[1], v[2], {}, {}, o) + v[3]
                                             : tl::batch_norm(v[0], v[1], v[2], {}, {}, o));
          if (z.tracked()) tl::sum(z * test::to_channels_last(test::uniform<T>(s, 5))).backward();
          std::vector<X> d;
          for (const X& x : v) d.push_back(x.grad());
          return d;
        };
        const auto one = gradients(true), parts = gradients(false);
        for (std::size_t i = 0; i < 4; ++i) {
          REQUIRE(one[i].defined() == parts[i].defined());
          if (one[i].defined()) test::require_close(one[i], parts[i], 64);
        }
      }
    }
  }
}

TEST_CASE("batch_norm_relu keeps memory order", "[ops][norm]") {
  const auto x = test::to_channels_last(test::uniform<float>({2, 3, 4, 5}, 1));
  REQUIRE(tl::batch_norm_relu(x, F::ones({3}), F::zeros({3}), {}, {}, {.training = true}).strides() == x.strides());
}

TEST_CASE("batch_norm_relu names what does not fit", "[ops][norm]") {
  const auto x = F::zeros({2, 3, 4});
  REQUIRE_THROWS_WITH(tl::batch_norm_relu(F::zeros({3}), {}, {}, {}, {}, {.training = true}),
                      "batch_norm_relu: expected [N, C, ...], got shape [3]");
  REQUIRE_THROWS_WITH(tl::batch_norm_relu(x, {}, {}, {}, {}, {.training = true}, F::zeros({2, 3})),
                      "batch_norm_relu: the residual has another shape: residual [2, 3], input [2, 3, 4] (6 vs 24)");
}
