#include <tensorlab/ops/rnn/lstm.hpp>

#include <cmath>
#include <limits>

#include "ops/rnn/walks.hpp"

using D = tl::tensor<double, B>;
using F = tl::tensor<float, B>;

namespace {

auto composite(const test::walk_case& c) {
  return [c](const auto& v) {
    using X = typename std::decay_t<decltype(v[0])>::backend_type;
    return test::joined(tl::lstm_composite(v[0], v[1], v[2], {v[3], v[4], v[5], v[6]}, test::direction_of<X>(c)));
  };
}
auto sequence(const test::walk_case& c) {
  return [c](const auto& v) {
    using X = typename std::decay_t<decltype(v[0])>::backend_type;
    return test::joined(tl::lstm_direction(v[0], v[1], v[2], {v[3], v[4], v[5], v[6]}, test::direction_of<X>(c)));
  };
}

}  // namespace

TEST_CASE("an LSTM step is the formula", "[ops][lstm]") {
  // One unit, one feature: gates a_j = w_j x + u_j h + b_j + d_j.
  const double x = 0.7, h = -0.4, c = 0.3;
  const double w[] = {0.5, -1, 2, 0.25}, u[] = {1, 0.5, -0.75, 2}, b[] = {0.1, 0.2, 0.3, 0.4}, d[] = {-0.5, 0, 0.5, 1};
  double a[4];
  for (int j = 0; j < 4; ++j) a[j] = w[j] * x + u[j] * h + b[j] + d[j];
  const auto s = [](double v) { return 1 / (1 + std::exp(-v)); };
  const double c1 = s(a[1]) * c + s(a[0]) * std::tanh(a[2]), h1 = s(a[3]) * std::tanh(c1);
  const tl::rnn_weights<double, B> weights{
      D::from(std::span<const double>(w), {4, 1}), D::from(std::span<const double>(u), {4, 1}),
      D::from(std::span<const double>(b), {4}), D::from(std::span<const double>(d), {4})};
  const auto r = tl::lstm_direction(D::full({1, 1, 1}, x), D::full({1, 1}, h), D::full({1, 1}, c), weights);
  test::require_values(r.y, {h1});
  test::require_values(r.h, {h1});
  test::require_values(r.c, {c1});
}

TEMPLATE_TEST_CASE("the LSTM's node equals its composite", "[ops][lstm]", float, double) {
  for (const auto& c : test::walk_cases()) {
    INFO(test::to_string(c));
    const auto in = test::walk_inputs<TestType>(c, 2, 4);
    test::require_same_function<TestType>(sequence(c), composite(c), in, 32);
  }
}

TEMPLATE_TEST_CASE("the LSTM equals the reference backend", "[ops][lstm]", float, double) {
  for (const auto& c : test::walk_cases()) {
    INFO(test::to_string(c));
    auto in = test::walk_inputs<TestType>(c, 2, 4);
    test::require_same_as_reference<TestType>(sequence(c), in, 32);
    // Any layout of any operand will do.
    for (auto& v : in)
      if (v.defined() && v.rank() > 1) v = tl::transpose(tl::contiguous(tl::transpose(v, 0, 1)), 0, 1);
    test::require_same_as_reference<TestType>(sequence(c), in, 32);
  }
}

TEST_CASE("the LSTM has right first and second derivatives", "[ops][lstm]") {
  for (const test::walk_case& c : {test::walk_case{2, 3, 2, 2}, test::walk_case{2, 3, 2, 1, true, true},
                                   test::walk_case{1, 2, 1, 2, false, false, false, false}}) {
    INFO(test::to_string(c));
    std::vector<D> in;
    std::vector<bool> given;
    for (const auto& v : test::walk_inputs<double>(c, 2, 4)) {
      given.push_back(v.defined());
      if (v.defined()) in.push_back(v);
    }
    const auto f = [&](const std::vector<D>& v) {
      std::vector<D> all;
      for (std::size_t i = 0, k = 0; i < given.size(); ++i) all.push_back(given[i] ? v[k++] : D());
      return sequence(c)(all);
    };
    test::require_gradients(f, in);
  }
}

TEST_CASE("masked LSTM steps keep the state and give zeros", "[ops][lstm]") {
  const test::walk_case c{2, 4, 3, 2};
  auto in = test::walk_inputs<double>(c, 2, 4);
  const tl::rnn_weights<double, B> w{in[3], in[4], in[5], in[6]};
  const auto lengths = tl::tensor<std::int64_t, B>::from({4, 2}, {2});
  const auto mask = tl::sequence_mask(lengths, 4);
  for (bool reverse : {false, true}) {
    const auto r = tl::lstm_direction(in[0], in[1], in[2], w, {reverse, mask});
    // The short sequence alone, cut to its length.
    const auto one = [](const D& v) { return tl::narrow(v, 0, 1, 1); };
    const auto alone = tl::lstm_direction(tl::narrow(one(in[0]), 1, 0, 2), one(in[1]), one(in[2]), w, {reverse, {}});
    test::require_close(tl::narrow(one(r.y), 1, 0, 2), alone.y);
    test::require_close(tl::narrow(one(r.y), 1, 2, 2), D::zeros({1, 2, 2}));
    test::require_close(one(r.h), alone.h);
    test::require_close(one(r.c), alone.c);
    // What stands in masked steps does not matter, not even NaN.
    auto values = in[0].to_vector();
    for (std::size_t i = (4 + 2) * 3; i < values.size(); ++i) values[i] = std::numeric_limits<double>::quiet_NaN();
    const auto broken =
        tl::lstm_direction(D::from(std::span<const double>(values), {2, 4, 3}), in[1], in[2], w, {reverse, mask});
    test::require_close(broken.y, r.y);
    test::require_close(broken.c, r.c);
  }
}

TEST_CASE("LSTM outputs are time-major in memory and feed the next layer as they are", "[ops][lstm]") {
  const auto in = test::walk_inputs<float>({3, 5, 2, 4}, 2, 4);
  const auto r = tl::lstm_direction(in[0], in[1], in[2], {in[3], in[4], in[5], in[6]});
  REQUIRE(tl::transpose(r.y, 0, 1).is_contiguous());
  REQUIRE(r.h.is_contiguous());
}

TEST_CASE("an LSTM output overwritten before the backward pass is noticed", "[ops][lstm]") {
  auto in = test::walk_inputs<float>({1, 2, 2, 2}, 2, 4);
  in[0].requires_grad(true);
  auto r = tl::lstm_direction(in[0], in[1], in[2], {in[3], in[4], in[5], in[6]});
  {
    const tl::no_grad guard;
    r.y.fill(0);
  }
  REQUIRE_THROWS_WITH(r.c.backward(F::ones({1, 2})),
                      Catch::Contains("lstm: a tensor saved for the backward pass was overwritten in place"));
}

TEST_CASE("the LSTM names what does not fit", "[ops][lstm]") {
  const auto x = F::zeros({2, 5, 3}), w_ih = F::zeros({8, 3}), w_hh = F::zeros({8, 2}), h = F::zeros({2, 2});
  const auto run = [&](const F& in, const F& h0, const F& c0, const tl::rnn_weights<float, B>& w,
                       const tl::rnn_direction<B>& o = {}) { return tl::lstm_direction(in, h0, c0, w, o); };
  REQUIRE_THROWS_WITH(run(F::zeros({5, 3}), h, h, {w_ih, w_hh, {}, {}}),
                      "lstm: expected input [N, T, I], got shape [5, 3]");
  REQUIRE_THROWS_WITH(run(F::zeros({2, 5, 4}), h, h, {w_ih, w_hh, {}, {}}),
                      "lstm: input features differ: input [2, 5, 4], w_ih [8, 3] (4 vs 3)");
  REQUIRE_THROWS_WITH(run(x, h, h, {w_ih, F::zeros({6, 2}), {}, {}}),
                      "lstm: w_hh has the wrong shape: w_hh [6, 2], expected [8, 2]");
  REQUIRE_THROWS_WITH(run(x, h, h, {F::zeros({6, 3}), w_hh, {}, {}}),
                      "lstm: w_ih has the wrong shape: w_ih [6, 3], expected [8, 3]");
  REQUIRE_THROWS_WITH(run(x, h, h, {w_ih, w_hh, F::zeros({2}), {}}),
                      "lstm: b_ih has the wrong shape: b_ih [2], expected [8]");
  REQUIRE_THROWS_WITH(run(x, h, h, {w_ih, w_hh, {}, F::zeros({2})}),
                      "lstm: b_hh has the wrong shape: b_hh [2], expected [8]");
  REQUIRE_THROWS_WITH(run(x, F::zeros({3, 2}), h, {w_ih, w_hh, {}, {}}),
                      "lstm: h0 has the wrong shape: h0 [3, 2], expected [2, 2]");
  REQUIRE_THROWS_WITH(run(x, h, F::zeros({2, 3}), {w_ih, w_hh, {}, {}}),
                      "lstm: c0 has the wrong shape: c0 [2, 3], expected [2, 2]");
  const auto mask = tl::tensor<bool, B>::full({2, 4}, true);
  REQUIRE_THROWS_WITH(run(x, h, h, {w_ih, w_hh, {}, {}}, {false, mask}),
                      "lstm: mask has the wrong shape: mask [2, 4], expected [2, 5]");
}
