#include <tensorlab/ops/rnn/gru.hpp>

#include <cmath>

#include "ops/rnn/walks.hpp"

using D = tl::tensor<double, B>;
using F = tl::tensor<float, B>;

namespace {

constexpr tl::gru_reset resets[] = {tl::gru_reset::after_product, tl::gru_reset::before_product};

auto composite(const test::walk_case& c, tl::gru_reset reset) {
  return [c, reset](const auto& v) {
    using X = typename std::decay_t<decltype(v[0])>::backend_type;
    return test::joined(tl::gru_composite(v[0], v[1], {v[2], v[3], v[4], v[5]}, test::direction_of<X>(c), reset));
  };
}
auto sequence(const test::walk_case& c, tl::gru_reset reset) {
  return [c, reset](const auto& v) {
    using X = typename std::decay_t<decltype(v[0])>::backend_type;
    return test::joined(tl::gru_direction(v[0], v[1], {v[2], v[3], v[4], v[5]}, test::direction_of<X>(c), reset));
  };
}

}  // namespace

TEST_CASE("a GRU step is the formula", "[ops][gru]") {
  // One unit, one feature: input products a_j, hidden products e_j in the order r, z, n.
  const double x = 0.7, h = -0.4;
  const double w[] = {0.5, -1, 2}, u[] = {1, 0.5, -0.75}, b[] = {0.1, 0.2, 0.3}, d[] = {-0.5, 0, 0.5};
  double a[3], e[3];
  for (int j = 0; j < 3; ++j) {
    a[j] = w[j] * x + b[j];
    e[j] = u[j] * h + d[j];
  }
  const auto s = [](double v) { return 1 / (1 + std::exp(-v)); };
  const double r = s(a[0] + e[0]), z = s(a[1] + e[1]);
  const double after = std::tanh(a[2] + r * e[2]), before = std::tanh(a[2] + u[2] * r * h + d[2]);
  const tl::rnn_weights<double, B> weights{
      D::from(std::span<const double>(w), {3, 1}), D::from(std::span<const double>(u), {3, 1}),
      D::from(std::span<const double>(b), {3}), D::from(std::span<const double>(d), {3})};
  const auto run = [&](tl::gru_reset reset) {
    return tl::gru_direction(D::full({1, 1, 1}, x), D::full({1, 1}, h), weights, {}, reset).y;
  };
  test::require_values(run(tl::gru_reset::after_product), {(1 - z) * after + z * h});
  test::require_values(run(tl::gru_reset::before_product), {(1 - z) * before + z * h});
}

TEMPLATE_TEST_CASE("the GRU's node equals its composite", "[ops][gru]", float, double) {
  for (const auto& c : test::walk_cases())
    for (auto reset : resets) {
      INFO(test::to_string(c) << ", reset " << static_cast<int>(reset));
      test::require_same_function<TestType>(sequence(c, reset), composite(c, reset),
                                            test::walk_inputs<TestType>(c, 1, 3), 32);
    }
}

TEMPLATE_TEST_CASE("the GRU equals the reference backend", "[ops][gru]", float, double) {
  for (const auto& c : test::walk_cases())
    for (auto reset : resets) {
      INFO(test::to_string(c) << ", reset " << static_cast<int>(reset));
      auto in = test::walk_inputs<TestType>(c, 1, 3);
      test::require_same_as_reference<TestType>(sequence(c, reset), in, 32);
      // Any layout of any operand will do.
      for (auto& v : in)
        if (v.defined() && v.rank() > 1) v = tl::transpose(tl::contiguous(tl::transpose(v, 0, 1)), 0, 1);
      test::require_same_as_reference<TestType>(sequence(c, reset), in, 32);
    }
}

TEST_CASE("the GRU has right first and second derivatives", "[ops][gru]") {
  for (const test::walk_case& c : {test::walk_case{2, 3, 2, 2}, test::walk_case{2, 3, 2, 1, true, true}})
    for (auto reset : resets) {
      INFO(test::to_string(c) << ", reset " << static_cast<int>(reset));
      test::require_gradients([&](const std::vector<D>& v) { return sequence(c, reset)(v); },
                              test::walk_inputs<double>(c, 1, 3));
    }
}

TEST_CASE("masked GRU steps keep the state and give zeros", "[ops][gru]") {
  const auto in = test::walk_inputs<double>({2, 4, 3, 2}, 1, 3);
  const tl::rnn_weights<double, B> w{in[2], in[3], in[4], in[5]};
  const auto mask = tl::sequence_mask(tl::tensor<std::int64_t, B>::from({4, 2}, {2}), 4);
  const auto one = [](const D& v) { return tl::narrow(v, 0, 1, 1); };
  for (auto reset : resets)
    for (bool reverse : {false, true}) {
      const auto r = tl::gru_direction(in[0], in[1], w, {reverse, mask}, reset);
      const auto alone = tl::gru_direction(tl::narrow(one(in[0]), 1, 0, 2), one(in[1]), w, {reverse, {}}, reset);
      test::require_close(tl::narrow(one(r.y), 1, 0, 2), alone.y);
      test::require_close(tl::narrow(one(r.y), 1, 2, 2), D::zeros({1, 2, 2}));
      test::require_close(one(r.h), alone.h);
    }
}

TEST_CASE("the GRU names what does not fit", "[ops][gru]") {
  const auto x = F::zeros({2, 5, 3}), w_ih = F::zeros({6, 3}), w_hh = F::zeros({6, 2});
  REQUIRE_THROWS_WITH(tl::gru_direction(F::zeros({5, 3}), {}, tl::rnn_weights<float, B>{w_ih, w_hh, {}, {}}),
                      "gru: expected input [N, T, I], got shape [5, 3]");
  REQUIRE_THROWS_WITH(tl::gru_direction(x, {}, tl::rnn_weights<float, B>{w_ih, F::zeros({8, 2}), {}, {}}),
                      "gru: w_hh has the wrong shape: w_hh [8, 2], expected [6, 2]");
  REQUIRE_THROWS_WITH(tl::gru_direction(x, F::zeros({1, 2}), tl::rnn_weights<float, B>{w_ih, w_hh, {}, {}}),
                      "gru: h0 has the wrong shape: h0 [1, 2], expected [2, 2]");
}
