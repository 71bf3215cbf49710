#include <tensorlab/ops/rnn/stack.hpp>

#include "ops/rnn/torch_rnn.hpp"
#include "ops/rnn/walks.hpp"

using F = tl::tensor<float, B>;

namespace {

constexpr std::int64_t batch = 3, steps = 4, features = 3, hidden = 2, layers = 2;

/// What tests/golden/make_rnn.py runs: two bidirectional layers, filled in the order of PyTorch's parameters.
template <class T>
struct golden_stack {
  tl::tensor<T, B> x = test::golden_fill<T>({batch, steps, features}, 1).requires_grad(true);
  std::vector<tl::tensor<T, B>> states;
  std::vector<tl::rnn_weights<T, B>> weights;
  tl::rnn_options<B> options{.bidirectional = true};

  golden_stack(int state_count, std::int64_t gates, bool lengths) {
    const auto leaf = [](const tl::shape& s, std::uint64_t key) {
      return test::golden_fill<T>(s, key).requires_grad(true);
    };
    for (int k = 0; k < state_count; ++k)
      states.push_back(leaf({layers * 2, batch, hidden}, 2 + static_cast<std::uint64_t>(k)));
    std::uint64_t key = 20;
    for (std::int64_t l = 0; l < layers; ++l)
      for (int direction = 0; direction < 2; ++direction) {
        const std::int64_t rows = gates * hidden, in = l == 0 ? features : 2 * hidden;
        weights.push_back(
            {leaf({rows, in}, key), leaf({rows, hidden}, key + 1), leaf({rows}, key + 2), leaf({rows}, key + 3)});
        key += 4;
      }
    if (lengths) options.mask = tl::sequence_mask(tl::tensor<std::int64_t, B>::from({4, 1, 3}, {batch}), steps);
  }

  void check_gradients(const std::string& name) const {
    test::require_golden(torch_rnn(), name + " dx", x.grad());
    const char* const state_names[] = {" dh0", " dc0"};
    for (std::size_t k = 0; k < states.size(); ++k)
      test::require_golden(torch_rnn(), name + state_names[k], states[k].grad());
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const std::string suffix = "_l" + std::to_string(i / 2) + (i % 2 == 0 ? "" : "_reverse");
      test::require_golden(torch_rnn(), name + " dweight_ih" + suffix, weights[i].w_ih.grad());
      test::require_golden(torch_rnn(), name + " dweight_hh" + suffix, weights[i].w_hh.grad());
      test::require_golden(torch_rnn(), name + " dbias_ih" + suffix, weights[i].b_ih.grad());
      test::require_golden(torch_rnn(), name + " dbias_hh" + suffix, weights[i].b_hh.grad());
    }
  }
};

/// sum over the outputs of (output, fill with keys 10, 11, ...).
template <class T>
tl::tensor<T, B> objective(const std::vector<tl::tensor<T, B>>& outputs) {
  auto total = tl::tensor<T, B>::scalar(0);
  for (std::size_t k = 0; k < outputs.size(); ++k)
    total = total + tl::sum(outputs[k] * test::golden_fill<T>(outputs[k].shape(), 10 + k));
  return total;
}

}  // namespace

TEMPLATE_TEST_CASE("a bidirectional LSTM stack gives PyTorch's numbers", "[ops][lstm]", float, double) {
  for (bool lengths : {false, true}) {
    const std::string name = lengths ? "lstm lengths" : "lstm";
    const golden_stack<TestType> s(2, 4, lengths);
    const auto r = tl::lstm(s.x, {s.states[0], s.states[1]}, s.weights, s.options);
    test::require_golden(torch_rnn(), name + " y", r.y);
    test::require_golden(torch_rnn(), name + " h", r.h);
    test::require_golden(torch_rnn(), name + " c", r.c);
    objective<TestType>({r.y, r.h, r.c}).backward();
    s.check_gradients(name);
  }
}

TEMPLATE_TEST_CASE("a bidirectional GRU stack gives PyTorch's numbers", "[ops][gru]", float, double) {
  for (bool lengths : {false, true}) {
    const std::string name = lengths ? "gru lengths" : "gru";
    const golden_stack<TestType> s(1, 3, lengths);
    const auto r = tl::gru(s.x, s.states[0], s.weights, s.options);
    test::require_golden(torch_rnn(), name + " y", r.y);
    test::require_golden(torch_rnn(), name + " h", r.h);
    objective<TestType>({r.y, r.h}).backward();
    s.check_gradients(name);
  }
}

TEMPLATE_TEST_CASE("a GRU with the reset before the product gives the written-out numbers", "[ops][gru]", float,
                   double) {
  using T = TestType;
  auto x = test::golden_fill<T>({batch, steps, features}, 1).requires_grad(true);
  auto h0 = test::golden_fill<T>({batch, hidden}, 2).requires_grad(true);
  auto w_ih = test::golden_fill<T>({3 * hidden, features}, 20).requires_grad(true);
  auto w_hh = test::golden_fill<T>({3 * hidden, hidden}, 21).requires_grad(true);
  auto b_ih = test::golden_fill<T>({3 * hidden}, 22).requires_grad(true);
  auto b_hh = test::golden_fill<T>({3 * hidden}, 23).requires_grad(true);
  const auto r = tl::gru(x, tl::unsqueeze(h0, 0), {tl::rnn_weights<T, B>{w_ih, w_hh, b_ih, b_hh}}, {},
                         tl::gru_reset::before_product);
  const auto h = tl::squeeze(r.h, 0);
  objective<T>({r.y, h}).backward();
  const std::string name = "gru reset_before ";
  for (const auto& [key, value] : std::map<std::string, tl::tensor<T, B>>{{"y", r.y},
                                                                          {"h", h},
                                                                          {"dx", x.grad()},
                                                                          {"dh0", h0.grad()},
                                                                          {"dw_ih", w_ih.grad()},
                                                                          {"dw_hh", w_hh.grad()},
                                                                          {"db_ih", b_ih.grad()},
                                                                          {"db_hh", b_hh.grad()}})
    test::require_golden(torch_rnn(), name + key, value);
}

TEST_CASE("dropout acts between the layers and in training alone", "[ops][lstm]") {
  const golden_stack<float> s(2, 4, false);
  const tl::random::stream rng{3};
  auto o = s.options;
  o.dropout = 0.5;
  o.stream = &rng;
  const auto plain = tl::lstm(s.x, {}, s.weights, s.options);
  test::require_close(tl::lstm(s.x, {}, s.weights, o).y, plain.y);
  REQUIRE(rng.counter() == 0);
  o.training = true;
  const auto dropped = tl::lstm(s.x, {}, s.weights, o);
  REQUIRE(rng.counter() > 0);
  // The first layer runs before any dropout, the second after it.
  test::require_close(tl::narrow(dropped.h, 0, 0, 2), tl::narrow(plain.h, 0, 0, 2));
  REQUIRE(tl::narrow(dropped.h, 0, 2, 2).to_vector() != tl::narrow(plain.h, 0, 2, 2).to_vector());
  // One layer has no next one.
  const std::uint64_t drawn = rng.counter();
  tl::lstm(s.x, {}, {s.weights[0], s.weights[1]}, o);
  REQUIRE(rng.counter() == drawn);
}

TEST_CASE("a stack names what does not fit", "[ops][lstm]") {
  const golden_stack<float> s(2, 4, false);
  const tl::rnn_options<B> o{.bidirectional = true};
  REQUIRE_THROWS_WITH(tl::lstm(s.x, {}, {s.weights[0], s.weights[1], s.weights[2]}, o),
                      "lstm: 3 sets of weights do not make whole layers of 2 direction(s)");
  REQUIRE_THROWS_WITH(tl::gru(s.x, {}, std::vector<tl::rnn_weights<float, B>>{}),
                      "gru: 0 sets of weights do not make whole layers of 1 direction(s)");
  REQUIRE_THROWS_WITH(tl::lstm(s.x, {F::zeros({2, 3, 2}), {}}, s.weights, o),
                      "lstm: h0 must be [layers directions, N, H]: h0 [2, 3, 2] (2 vs 4)");
  REQUIRE_THROWS_WITH(tl::lstm(s.x, {{}, F::zeros({3, 2})}, s.weights, o),
                      "lstm: c0 must be [layers directions, N, H]: c0 [3, 2] (3 vs 4)");
  REQUIRE_THROWS_WITH(tl::lstm(s.x, {}, s.weights, {.bidirectional = true, .dropout = 0.1, .training = true}),
                      "lstm: dropout in training needs a random stream");
}
