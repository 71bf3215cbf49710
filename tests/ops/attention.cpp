#include <tensorlab/ops/attention.hpp>

#include <cmath>

#include "ops/layouts.hpp"
#include "ops/parity.hpp"

using F = tl::tensor<float, B>;
using D = tl::tensor<double, B>;

TEST_CASE("attention averages the values by the softmax of the scores", "[ops][attention]") {
  // Scores (1, 3) / sqrt(1): weights 1 / (1 + e^2) and e^2 / (1 + e^2).
  const auto q = D::from({1}, {1, 1}), k = D::from({1, 3}, {2, 1}), v = D::from({10, 20, 30, 40}, {2, 2});
  const double a = 1 / (1 + std::exp(2.0)), b = 1 - a;
  test::require_values(tl::scaled_dot_product_attention(q, k, v), {10 * a + 30 * b, 20 * a + 40 * b});
  test::require_values(tl::scaled_dot_product_attention(q, k, v, {.scale = 0}), {20, 30});
  const double c = 1 / (1 + std::exp(-1.0));
  test::require_values(tl::scaled_dot_product_attention(q, k, v, {.bias = D::from({3, 0}, {2})}),
                       {10 * c + 30 * (1 - c), 20 * c + 40 * (1 - c)});
  const auto only = [](bool first, bool second) { return tl::tensor<bool, B>::from({first, second}, {1, 2}); };
  test::require_values(tl::scaled_dot_product_attention(q, k, v, {.mask = only(true, false)}), {10, 20});
  test::require_values(tl::scaled_dot_product_attention(q, k, v, {.mask = only(false, false)}), {20, 30});
}

TEST_CASE("attention drops weights in training", "[ops][attention]") {
  const tl::random::stream rng{1};
  const auto q = F::zeros({1, 4}), k = F::zeros({40, 4}), v = F::ones({40, 1});
  // Each of 40 equal weights 1 / 40 is dropped or doubled: the sum is a whole number of twentieths.
  const float y = tl::scaled_dot_product_attention(q, k, v, {.dropout = 0.5, .stream = &rng}).item();
  REQUIRE(std::abs(y * 20 - std::round(y * 20)) < 1e-4);
  REQUIRE(rng.counter() > 0);
  REQUIRE_THROWS_WITH(tl::scaled_dot_product_attention(q, k, v, {.dropout = 0.5}),
                      "scaled_dot_product_attention: dropout needs a random stream");
}

TEST_CASE("heads are split and merged", "[ops][attention]") {
  const auto x = F::arange(12);
  const auto tokens = tl::reshape(x, {1, 3, 4});
  const auto heads = tl::split_heads(tokens, 2);
  REQUIRE(heads.shape() == tl::shape{1, 2, 3, 2});
  test::require_values(heads, {0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11});
  REQUIRE(heads.array().storage() == tokens.array().storage());
  test::require_close(tl::merge_heads(heads), tokens);
}

TEST_CASE("attention pooling weighs the steps", "[ops][attention]") {
  const auto h = D::from({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 2});
  const auto scores = D::from({0, std::log(3.0), 5, 5}, {2, 2});
  // Weights 1/4 and 3/4, then 1/2 and 1/2.
  test::require_values(tl::attention_pool(h, scores), {2.5, 3.5, 6, 7});
  test::require_values(tl::attention_pool(h, tl::reshape(scores, {2, 2, 1})), {2.5, 3.5, 6, 7});
  const auto mask = tl::tensor<bool, B>::from({true, false, true, true}, {2, 2});
  test::require_values(tl::attention_pool(h, scores, mask), {1, 2, 6, 7});
}

TEMPLATE_TEST_CASE("attention equals the reference backend", "[ops][attention]", float, double) {
  using T = TestType;
  const auto u = [](const tl::shape& s, std::uint64_t seed) { return test::uniform<T>(s, seed); };
  const auto plain = [](const auto& v) { return tl::scaled_dot_product_attention(v[0], v[1], v[2]); };
  const auto biased = [](const auto& v) {
    return tl::scaled_dot_product_attention(v[0], v[1], v[2], {.bias = v[3], .scale = 2});
  };
  test::require_same_as_reference<T>(plain, {u({3, 4}, 1), u({5, 4}, 2), u({5, 2}, 3)});
  test::require_same_as_reference<T>(plain, {u({2, 3, 7, 8}, 1), u({2, 3, 9, 8}, 2), u({2, 3, 9, 5}, 3)});
  test::require_same_as_reference<T>(biased, {u({2, 3, 7, 8}, 1), u({1, 3, 9, 8}, 2), u({9, 5}, 3), u({3, 7, 9}, 4)});
  const auto heads = [](const auto& v) { return tl::merge_heads(tl::square(tl::split_heads(v[0], 3))); };
  test::require_same_as_reference<T>(heads, {u({2, 4, 6}, 1)});
  const auto pool = [](const auto& v) { return tl::attention_pool(v[0], v[1]); };
  test::require_same_as_reference<T>(pool, {u({4, 6, 10}, 1), u({4, 6}, 2)});
  test::require_same_as_reference<T>(pool, {tl::transpose(u({6, 4, 10}, 1), 0, 1), u({4, 6, 1}, 2)});
}

TEST_CASE("attention has right first and second derivatives", "[ops][attention]") {
  const auto u = [](const tl::shape& s, std::uint64_t seed) { return test::uniform<double>(s, seed); };
  const auto mask = tl::tensor<bool, B>::from({true, false, true, true, true, true, false, false, true}, {3, 3});
  test::require_gradients(
      [&](const auto& v) { return tl::scaled_dot_product_attention(v[0], v[1], v[2], {.mask = mask, .bias = v[3]}); },
      {u({2, 3, 2}, 1), u({2, 3, 2}, 2), u({2, 3, 2}, 3), u({3, 3}, 4)});
  test::require_gradients([](const auto& v) { return tl::attention_pool(v[0], v[1]); },
                          {u({2, 3, 2}, 1), u({2, 3}, 2)});
}

TEST_CASE("attention names what does not fit", "[ops][attention]") {
  const auto q = F::zeros({2, 3, 4});
  REQUIRE_THROWS_WITH(tl::scaled_dot_product_attention(q, F::zeros({2, 3, 5}), q),
                      "scaled_dot_product_attention: query and key sizes differ: q [2, 3, 4], k [2, 3, 5] (4 vs 5)");
  REQUIRE_THROWS_WITH(
      tl::scaled_dot_product_attention(q, q, F::zeros({2, 4, 4})),
      "scaled_dot_product_attention: numbers of keys and values differ: k [2, 3, 4], v [2, 4, 4] (3 vs 4)");
  REQUIRE_THROWS_WITH(tl::scaled_dot_product_attention(F::zeros({4}), q, q),
                      "scaled_dot_product_attention: expected [.., T, D], got shape [4]");
  REQUIRE_THROWS_WITH(tl::split_heads(q, 3),
                      "split_heads: heads do not divide the width: input [2, 3, 4] (4 vs 3 heads)");
  REQUIRE_THROWS_WITH(tl::merge_heads(q), "merge_heads: input: expected rank 4, got shape [2, 3, 4]");
  REQUIRE_THROWS_WITH(tl::attention_pool(q, F::zeros({2, 4})),
                      "attention_pool: one score per step expected: input [2, 3, 4], scores [2, 4]");
  REQUIRE_THROWS_WITH(tl::attention_pool(q, F::zeros({2, 3}), tl::tensor<bool, B>::full({3, 2}, true)),
                      "attention_pool: one mask value per step expected: input [2, 3, 4], mask [3, 2]");
}
