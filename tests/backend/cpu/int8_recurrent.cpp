#include <tensorlab/backend/cpu/int8_recurrent.hpp>

#include <memory>

#include "backend/cpu/same_bits.hpp"

using namespace test;

namespace {

namespace d = tl::detail;

double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }

/// Weights, inputs and states of a layer with `gates` gates.
struct layer {
  std::int64_t gates, batch, steps, features, hidden;
  bool reverse = false;
  std::vector<std::int8_t> w_ih, w_hh;
  std::vector<float> s_ih, s_hh, bias, b_n, h0, c0;
  tl::tensor<float, B> x;
  tl::array<bool, B> mask;
  d::byte_scale input{2.0f / 255, 131};
  std::vector<std::unique_ptr<d::int8_strips>> in, recurrent;

  layer(std::int64_t g, std::int64_t n, std::int64_t t, std::int64_t i, std::int64_t h)
      : gates(g), batch(n), steps(t), features(i), hidden(h) {
    const auto integers = [](std::int64_t count, std::uint64_t seed) {
      const auto v = uniform<float>({count}, seed, -127.49, 127.49).to_vector();
      std::vector<std::int8_t> out;
      for (float one : v) out.push_back(static_cast<std::int8_t>(std::nearbyint(one)));
      return out;
    };
    w_ih = integers(g * h * i, 1);
    w_hh = integers(g * h * h, 2);
    s_ih = uniform<float>({g * h}, 3, 0.001, 0.004).to_vector();
    s_hh = uniform<float>({g * h}, 4, 0.001, 0.004).to_vector();
    bias = uniform<float>({g * h}, 5).to_vector();
    b_n = uniform<float>({h}, 6).to_vector();
    h0 = uniform<float>({n * h}, 7).to_vector();
    c0 = uniform<float>({n * h}, 8).to_vector();
    x = uniform<float>({n, t, i}, 9, -1.2, 1.2);
    for (std::int64_t k = 0; k < g; ++k) {
      in.push_back(std::make_unique<d::int8_strips>(w_ih.data() + k * h * i, s_ih.data() + k * h, h, i, input));
      recurrent.push_back(
          std::make_unique<d::int8_strips>(w_hh.data() + k * h * h, s_hh.data() + k * h, h, h, d::state_scale));
    }
  }

  template <int Gates>
  d::int8_walk<Gates> walk(float* y, float* h) const {
    d::int8_walk<Gates> w{
        {steps, reverse}, {mask.cview()}, batch, features, hidden, x.array().cview(), input, {}, {}, {}, y, h,
        steps * hidden,   hidden};
    for (int g = 0; g < Gates; ++g) {
      w.in[g] = in[static_cast<std::size_t>(g)].get();
      w.recurrent[g] = recurrent[static_cast<std::size_t>(g)].get();
      w.bias[g] = bias.data() + g * hidden;
    }
    return w;
  }

  /// scale sum (q - zero) q_w of row `row` of the weights with values that are quantised first.
  template <class V>
  static double product(const V* v, std::int64_t terms, const d::byte_scale& s, const std::vector<std::int8_t>& w,
                        const std::vector<float>& scale, std::int64_t row) {
    std::int64_t sum = 0;
    for (std::int64_t k = 0; k < terms; ++k) {
      const auto scaled = static_cast<float>(v[k]) * (1 / s.scale);
      const int q = std::clamp(static_cast<int>(std::nearbyint(scaled)) + s.zero, 0, 255);
      sum += (q - s.zero) * w[static_cast<std::size_t>(row * terms + k)];
    }
    return static_cast<double>(s.scale) * static_cast<double>(scale[static_cast<std::size_t>(row)]) *
           static_cast<double>(sum);
  }
  double from_x(std::int64_t n, std::int64_t t, std::int64_t row) const {
    return product(x.span().data() + (n * steps + t) * features, features, input, w_ih, s_ih, row) +
           static_cast<double>(bias[static_cast<std::size_t>(row)]);
  }
  double from_h(const double* h, std::int64_t row) const { return product(h, hidden, d::state_scale, w_hh, s_hh, row); }
  bool valid(std::int64_t n, std::int64_t t) const {
    return !mask || mask.data()[t * mask.strides()[0] + n * mask.strides()[1]];
  }
};

/// Outputs [N, T, H] and last states [N, H], one after the other.
using results = std::vector<double>;

results naive_gru(const layer& l, bool reset_after, bool with_bias) {
  const std::int64_t hidden = l.hidden;
  results y(static_cast<std::size_t>(l.batch * (l.steps + 1) * hidden));
  for (std::int64_t n = 0; n < l.batch; ++n) {
    std::vector<double> h(l.h0.begin() + n * hidden, l.h0.begin() + (n + 1) * hidden), r(h), z(h), rh(h);
    for (std::int64_t k = 0; k < l.steps; ++k) {
      const std::int64_t t = l.reverse ? l.steps - 1 - k : k;
      const std::vector<double> before = h;
      for (std::int64_t j = 0; j < hidden; ++j) {
        const auto u = static_cast<std::size_t>(j);
        r[u] = sigmoid(l.from_x(n, t, j) + l.from_h(before.data(), j));
        z[u] = sigmoid(l.from_x(n, t, hidden + j) + l.from_h(before.data(), hidden + j));
        rh[u] = r[u] * before[u];
      }
      for (std::int64_t j = 0; j < hidden; ++j) {
        const auto u = static_cast<std::size_t>(j);
        const double inner = l.from_h((reset_after ? before : rh).data(), 2 * hidden + j);
        const double b = with_bias ? static_cast<double>(l.b_n[u]) : 0;
        const double candidate = std::tanh(l.from_x(n, t, 2 * hidden + j) + (reset_after ? r[u] * (inner + b) : inner));
        if (l.valid(n, t)) h[u] = (1 - z[u]) * candidate + z[u] * before[u];
        y[static_cast<std::size_t>((n * l.steps + t) * hidden + j)] = l.valid(n, t) ? h[u] : 0;
      }
    }
    std::copy(h.begin(), h.end(), y.end() - (l.batch - n) * hidden);
  }
  return y;
}

results naive_lstm(const layer& l) {
  const std::int64_t hidden = l.hidden;
  results y(static_cast<std::size_t>(l.batch * (l.steps + 2) * hidden));
  for (std::int64_t n = 0; n < l.batch; ++n) {
    std::vector<double> h(l.h0.begin() + n * hidden, l.h0.begin() + (n + 1) * hidden),
        c(l.c0.begin() + n * hidden, l.c0.begin() + (n + 1) * hidden);
    for (std::int64_t k = 0; k < l.steps; ++k) {
      const std::int64_t t = l.reverse ? l.steps - 1 - k : k;
      const std::vector<double> before = h;
      for (std::int64_t j = 0; j < hidden; ++j) {
        const auto gate = [&](std::int64_t g) {
          return l.from_x(n, t, g * hidden + j) + l.from_h(before.data(), g * hidden + j);
        };
        const auto u = static_cast<std::size_t>(j);
        if (l.valid(n, t)) {
          c[u] = sigmoid(gate(1)) * c[u] + sigmoid(gate(0)) * std::tanh(gate(2));
          h[u] = sigmoid(gate(3)) * std::tanh(c[u]);
        }
        y[static_cast<std::size_t>((n * l.steps + t) * hidden + j)] = l.valid(n, t) ? h[u] : 0;
      }
    }
    std::copy(h.begin(), h.end(), y.end() - (2 * l.batch - n) * hidden);
    std::copy(c.begin(), c.end(), y.end() - (l.batch - n) * hidden);
  }
  return y;
}

template <class Dots>
std::vector<float> run_gru(const layer& l, bool reset_after, bool with_bias) {
  std::vector<float> y(static_cast<std::size_t>(l.batch * l.steps * l.hidden)), h = l.h0;
  d::int8_gru<Dots>{l.walk<3>(y.data(), h.data()), with_bias ? l.b_n.data() : nullptr, reset_after}.run();
  y.insert(y.end(), h.begin(), h.end());
  return y;
}
template <class Dots>
std::vector<float> run_lstm(const layer& l) {
  std::vector<float> y(static_cast<std::size_t>(l.batch * l.steps * l.hidden)), h = l.h0, c = l.c0;
  d::int8_lstm<Dots>{l.walk<4>(y.data(), h.data()), c.data()}.run();
  y.insert(y.end(), h.begin(), h.end());
  y.insert(y.end(), c.begin(), c.end());
  return y;
}

/// The sums are the same; what differs are the gates, in float here and in double there.
void require_near(const std::vector<float>& got, const results& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO("element " << i);
    REQUIRE(std::abs(static_cast<double>(got[i]) - expected[i]) <= 2e-6);
  }
}

template <class F>
void for_layers(std::int64_t gates, const F& f) {
  for (const auto& [batch, steps, features, hidden] :
       {std::array{1, 3, 5, 7}, {2, 1, 1, 1}, {3, 2, 17, 33}, {19, 2, 4, 16}, {0, 2, 3, 4}, {2, 0, 3, 4}})
    for (const bool reverse : {false, true}) {
      INFO(batch << " sequences of " << steps << ", " << features << " to " << hidden << (reverse ? " reversed" : ""));
      layer l(gates, batch, steps, features, hidden);
      l.reverse = reverse;
      f(l);
      if (batch * steps == 0) continue;
      // The last step of the second sequence, or of the only one, is not valid.
      l.mask = tl::array<bool, B>::full({steps, batch, 1}, true);
      l.mask.data()[(steps - 1) * batch + (batch > 1 ? 1 : 0)] = false;
      f(l);
    }
}

}  // namespace

TEST_CASE("an 8-bit GRU is the formula with exact sums", "[cpu][int8]") {
  for_layers(3, [](const layer& l) {
    for (const bool reset_after : {true, false}) {
      require_near(run_gru<d::int8_dots>(l, reset_after, false), naive_gru(l, reset_after, false));
      require_near(run_gru<d::plain_dots>(l, reset_after, false), naive_gru(l, reset_after, false));
    }
    require_near(run_gru<d::int8_dots>(l, true, true), naive_gru(l, true, true));
  });
}

TEST_CASE("an 8-bit LSTM is the formula with exact sums", "[cpu][int8]") {
  for_layers(4, [](const layer& l) {
    require_near(run_lstm<d::int8_dots>(l), naive_lstm(l));
    require_near(run_lstm<d::plain_dots>(l), naive_lstm(l));
  });
}

TEST_CASE("8-bit recurrent layers give the same bits with any kernel and number of threads", "[cpu][int8]") {
  const layer gru(3, 37, 9, 50, 70), lstm(4, 37, 9, 50, 70);
  const auto same = [](std::int64_t count, const std::vector<float>& expected, const auto& run) {
    require_same_bits({count}, [&](auto& y) {
      const auto got = run();
      REQUIRE(got == expected);
      std::copy(got.begin(), got.end(), y.data());
    });
  };
  for (const bool after : {true, false}) {
    same(37 * 10 * 70, run_gru<d::plain_dots>(gru, after, after),
         [&] { return run_gru<d::int8_dots>(gru, after, after); });
#if defined(__AVX2__)
    REQUIRE(run_gru<d::avx2_dots>(gru, after, after) == run_gru<d::plain_dots>(gru, after, after));
#endif
  }
  same(37 * 11 * 70, run_lstm<d::plain_dots>(lstm), [&] { return run_lstm<d::int8_dots>(lstm); });
#if defined(__AVX2__)
  REQUIRE(run_lstm<d::avx2_dots>(lstm) == run_lstm<d::plain_dots>(lstm));
#endif
}

TEST_CASE("a value that is not finite spoils its sequence from there on", "[cpu][int8]") {
  layer l(3, 2, 4, 3, 20), m(4, 2, 4, 3, 20);
  for (layer* one : {&l, &m}) one->x.mutable_span()[(1 * 4 + 2) * 3] = std::numeric_limits<float>::quiet_NaN();
  for (const auto& y :
       {run_gru<d::int8_dots>(l, true, true), run_gru<d::int8_dots>(l, false, false), run_lstm<d::int8_dots>(m)})
    for (std::size_t i = 0; i < 2 * 4 * 20; ++i) REQUIRE(std::isnan(y[i]) == (i / 20 == 6 || i / 20 == 7));
}
