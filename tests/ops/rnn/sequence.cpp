#include <tensorlab/ops/rnn/lstm.hpp>

#include "ops/rnn/walks.hpp"

TEST_CASE("a sequence mask marks the valid steps", "[ops][rnn]") {
  const auto mask = tl::sequence_mask(tl::tensor<std::int64_t, B>::from({2, 0, 5, 3}, {4}), 3);
  REQUIRE(mask.shape() == tl::shape{4, 3});
  test::require_values(tl::tensor<float, B>(mask.array().cast<float>()), {1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1});
  REQUIRE_THROWS_WITH((tl::sequence_mask(tl::tensor<std::int64_t, B>::zeros({2, 1}), 3)),
                      "sequence_mask: lengths: expected rank 1, got shape [2, 1]");
}

namespace {

/// The reference backend with the optional LSTM recurrence as plain loops: what the table of primitives asks of it.
struct with_native_lstm : tl::reference {
  static inline int calls = 0;

  /// The number of an element of a dense [T, N, F] view.
  static std::int64_t at(const tl::shape& s, std::int64_t t, std::int64_t n, std::int64_t f) {
    return (t * s[1] + n) * s[2] + f;
  }

  template <class T>
  static void lstm(tl::view<T> h, tl::view<T> c, tl::view<T> gates, tl::view<const T> w_hh, tl::view<const bool> mask,
                   bool reverse) {
    ++calls;
    const std::int64_t steps = gates.shape[0], batch = gates.shape[1], hidden = h.shape[2];
    for (std::int64_t k = 0; k < steps; ++k)
      for (std::int64_t n = 0; n < batch; ++n) {
        const std::int64_t t = reverse ? steps - 1 - k : k, before = reverse ? t + 1 : t, after = reverse ? t : t + 1;
        for (std::int64_t row = 0; row < 4 * hidden; ++row) {
          T& a = gates.at(at(gates.shape, t, n, row));
          for (std::int64_t j = 0; j < hidden; ++j) a += w_hh.at(row * hidden + j) * h.at(at(h.shape, before, n, j));
          a = row / hidden == 2 ? std::tanh(a) : 1 / (1 + std::exp(-a));
        }
        const bool valid = mask.data == nullptr || mask.at(t * batch + n);
        for (std::int64_t j = 0; j < hidden; ++j) {
          const auto gate = [&](std::int64_t g) { return gates.at(at(gates.shape, t, n, g * hidden + j)); };
          const T next = gate(1) * c.at(at(c.shape, before, n, j)) + gate(0) * gate(2);
          c.at(at(c.shape, after, n, j)) = valid ? next : c.at(at(c.shape, before, n, j));
          h.at(at(h.shape, after, n, j)) = valid ? gate(3) * std::tanh(next) : h.at(at(h.shape, before, n, j));
        }
      }
  }
};
static_assert(tl::backend<with_native_lstm>);

template <class Backend>
tl::tensor<double, tl::reference> run(const std::vector<tl::tensor<double, B>>& in, const test::walk_case& c) {
  std::vector<tl::tensor<double, Backend>> v;
  for (const auto& x : in) v.push_back(test::on_backend<Backend>(x).requires_grad(true));
  const auto y =
      test::joined(tl::lstm_direction(v[0], v[1], v[2], {v[3], v[4], v[5], v[6]}, test::direction_of<Backend>(c)));
  y.backward(test::uniform<double, Backend>(y.shape(), 4));
  std::vector<tl::tensor<double, tl::reference>> all{test::on_reference(tl::flatten(y))};
  for (const auto& x : v) all.push_back(test::on_reference(tl::flatten(x.grad())));
  return tl::cat(all, 0);
}

}  // namespace

TEST_CASE("a backend's own recurrence takes the place of the composed one", "[ops][rnn]") {
  for (const auto& c : test::walk_cases()) {
    if (!c.state || !c.bias) continue;
    INFO(test::to_string(c));
    const auto in = test::walk_inputs<double>(c, 2, 4);
    with_native_lstm::calls = 0;
    test::require_close(run<with_native_lstm>(in, c), run<tl::reference>(in, c), 16);
    REQUIRE(with_native_lstm::calls == 1);
  }
}
