// A backend's own recurrences, as plain loops over the contract in backend/concept.hpp, against the composed ones.
#include <cmath>

#include <tensorlab/ops/rnn/gru.hpp>
#include <tensorlab/ops/rnn/lstm.hpp>

#include "ops/rnn/walks.hpp"

namespace {

template <class T>
using view = tl::view<T>;

/// Element (a, b, c) of a dense or strided view of rank 3.
template <class T>
T& at(const view<T>& v, std::int64_t a, std::int64_t b, std::int64_t c) {
  return v.data[a * v.strides[0] + b * v.strides[1] + c * v.strides[2]];
}
template <class T>
T& at(const view<T>& v, std::int64_t a, std::int64_t b) {
  return v.data[a * v.strides[0] + b * v.strides[1]];
}

/// Calls f(t, n, state before t, state after t, whether the step is valid) in the order of the walk or against it.
template <class F>
void walk(std::int64_t steps, std::int64_t batch, const view<const bool>& mask, bool reverse, bool backward, F f) {
  for (std::int64_t k = 0; k < steps; ++k)
    for (std::int64_t n = 0; n < batch; ++n) {
      const std::int64_t t = reverse != backward ? steps - 1 - k : k;
      f(t, n, reverse ? t + 1 : t, reverse ? t : t + 1, mask.data == nullptr || at(mask, t, n, 0));
    }
}

double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }

struct native : tl::reference {
  static inline int calls = 0;

  static void lstm(view<double> h, view<double> c, view<double> gates, view<const double> w_hh, view<const bool> mask,
                   bool reverse, tl::compute) {
    ++calls;
    const std::int64_t hidden = h.shape[2];
    walk(gates.shape[0], gates.shape[1], mask, reverse, false,
         [&](auto t, auto n, auto before, auto after, bool valid) {
           for (std::int64_t row = 0; row < 4 * hidden; ++row) {
             double& a = at(gates, t, n, row);
             for (std::int64_t j = 0; j < hidden; ++j) a += at(w_hh, row, j) * at(h, before, n, j);
             a = row / hidden == 2 ? std::tanh(a) : sigmoid(a);
           }
           for (std::int64_t j = 0; j < hidden; ++j) {
             const auto gate = [&](std::int64_t g) { return at(gates, t, n, g * hidden + j); };
             const double next = gate(1) * at(c, before, n, j) + gate(0) * gate(2);
             at(c, after, n, j) = valid ? next : at(c, before, n, j);
             at(h, after, n, j) = valid ? gate(3) * std::tanh(next) : at(h, before, n, j);
           }
         });
  }

  static void lstm_backward(view<double> dgates, view<double> dh, view<double> dc, view<const double> dy,
                            view<const double> c, view<const double> gates, view<const double> w_hh,
                            view<const bool> mask, bool reverse, tl::compute) {
    ++calls;
    const std::int64_t hidden = dh.shape[1];
    walk(dy.shape[0], dy.shape[1], mask, reverse, true, [&](auto t, auto n, auto before, auto after, bool valid) {
      for (std::int64_t row = 0; row < 4 * hidden; ++row) at(dgates, t, n, row) = 0;
      if (!valid) return;
      for (std::int64_t j = 0; j < hidden; ++j) {
        const auto gate = [&](std::int64_t g) { return at(gates, t, n, g * hidden + j); };
        const double i = gate(0), f = gate(1), g = gate(2), o = gate(3), s = std::tanh(at(c, after, n, j));
        const double d = at(dh, n, j) + at(dy, t, n, j), e = at(dc, n, j) + d * o * (1 - s * s);
        at(dgates, t, n, j) = e * g * i * (1 - i);
        at(dgates, t, n, hidden + j) = e * at(c, before, n, j) * f * (1 - f);
        at(dgates, t, n, 2 * hidden + j) = e * i * (1 - g * g);
        at(dgates, t, n, 3 * hidden + j) = d * s * o * (1 - o);
        at(dc, n, j) = e * f;
        at(dh, n, j) = 0;
      }
      for (std::int64_t row = 0; row < 4 * hidden; ++row)
        for (std::int64_t j = 0; j < hidden; ++j) at(dh, n, j) += at(dgates, t, n, row) * at(w_hh, row, j);
    });
  }

  static void gru(view<double> h, view<double> gates, view<double> inner, view<const double> w_hh, const double* b_n,
                  view<const bool> mask, bool reverse, bool reset_after, tl::compute) {
    ++calls;
    const std::int64_t hidden = h.shape[2];
    walk(gates.shape[0], gates.shape[1], mask, reverse, false,
         [&](auto t, auto n, auto before, auto after, bool valid) {
           const auto product = [&](std::int64_t row, const auto& value) {
             double sum = 0;
             for (std::int64_t j = 0; j < hidden; ++j) sum += at(w_hh, row, j) * value(j);
             return sum;
           };
           const auto state = [&](std::int64_t j) { return at(h, before, n, j); };
           for (std::int64_t row = 0; row < 2 * hidden; ++row)
             at(gates, t, n, row) = sigmoid(at(gates, t, n, row) + product(row, state));
           for (std::int64_t j = 0; j < hidden; ++j)
             at(inner, t, n, j) = reset_after ? product(2 * hidden + j, state) + (b_n != nullptr ? b_n[j] : 0)
                                              : at(gates, t, n, j) * state(j);
           for (std::int64_t j = 0; j < hidden; ++j) {
             double& candidate = at(gates, t, n, 2 * hidden + j);
             candidate =
                 std::tanh(candidate +
                           (reset_after ? at(gates, t, n, j) * at(inner, t, n, j)
                                        : product(2 * hidden + j, [&](std::int64_t k) { return at(inner, t, n, k); })));
             const double z = at(gates, t, n, hidden + j);
             at(h, after, n, j) = valid ? (1 - z) * candidate + z * state(j) : state(j);
           }
         });
  }

  static void gru_backward(view<double> dgates, view<double> dinner, view<double> dh, view<const double> dy,
                           view<const double> h, view<const double> gates, view<const double> inner,
                           view<const double> w_hh, view<const bool> mask, bool reverse, bool reset_after,
                           tl::compute) {
    ++calls;
    const std::int64_t hidden = dh.shape[1];
    walk(dy.shape[0], dy.shape[1], mask, reverse, true, [&](auto t, auto n, auto before, auto, bool valid) {
      for (std::int64_t row = 0; row < 3 * hidden; ++row) at(dgates, t, n, row) = 0;
      for (std::int64_t j = 0; j < hidden; ++j) at(dinner, t, n, j) = 0;
      if (!valid) return;
      std::vector<double> back(static_cast<std::size_t>(hidden));
      for (std::int64_t j = 0; j < hidden; ++j) {
        const double z = at(gates, t, n, hidden + j), c = at(gates, t, n, 2 * hidden + j);
        const double d = at(dh, n, j) + at(dy, t, n, j), p = at(h, before, n, j);
        at(dgates, t, n, 2 * hidden + j) = d * (1 - z) * (1 - c * c);
        at(dgates, t, n, hidden + j) = d * (p - c) * z * (1 - z);
        back[static_cast<std::size_t>(j)] = d * z;
      }
      for (std::int64_t j = 0; j < hidden; ++j) {
        const double r = at(gates, t, n, j);
        double& di = at(dinner, t, n, j);
        if (reset_after) {
          di = at(dgates, t, n, 2 * hidden + j) * r;
          at(dgates, t, n, j) = at(dgates, t, n, 2 * hidden + j) * at(inner, t, n, j) * r * (1 - r);
        } else {
          for (std::int64_t k = 0; k < hidden; ++k)
            di += at(dgates, t, n, 2 * hidden + k) * at(w_hh, 2 * hidden + k, j);
          at(dgates, t, n, j) = di * at(h, before, n, j) * r * (1 - r);
          back[static_cast<std::size_t>(j)] += di * r;
        }
      }
      for (std::int64_t j = 0; j < hidden; ++j) {
        double& sum = back[static_cast<std::size_t>(j)];
        for (std::int64_t row = 0; row < 2 * hidden; ++row) sum += at(dgates, t, n, row) * at(w_hh, row, j);
        for (std::int64_t k = 0; reset_after && k < hidden; ++k)
          sum += at(dinner, t, n, k) * at(w_hh, 2 * hidden + k, j);
        at(dh, n, j) = sum;
      }
    });
  }
};
static_assert(tl::backend<native>);

/// Output and gradients, one after the other.
template <class Backend, class F>
tl::tensor<double, tl::reference> run(const std::vector<tl::tensor<double, B>>& in, const F& f) {
  std::vector<tl::tensor<double, Backend>> v;
  for (const auto& x : in)
    v.push_back(x.defined() ? test::on_backend<Backend>(x).requires_grad(true) : tl::tensor<double, Backend>());
  const auto y = f(v);
  y.backward(test::uniform<double, Backend>(y.shape(), 4));
  std::vector<tl::tensor<double, tl::reference>> all{test::on_reference(tl::flatten(y))};
  for (const auto& x : v)
    if (x.defined()) all.push_back(test::on_reference(tl::flatten(x.grad())));
  return tl::cat(all, 0);
}

template <class F>
void check(const std::vector<tl::tensor<double, B>>& in, const F& f) {
  native::calls = 0;
  test::require_close(run<native>(in, f), run<tl::reference>(in, f), 16);
  REQUIRE(native::calls == 2);
}

}  // namespace

TEST_CASE("a backend's own LSTM takes the place of the composed one", "[ops][lstm]") {
  for (const auto& c : test::walk_cases()) {
    INFO(test::to_string(c));
    check(test::walk_inputs<double>(c, 2, 4), [&](const auto& v) {
      using X = typename std::decay_t<decltype(v[0])>::backend_type;
      return test::joined(tl::lstm_direction(v[0], v[1], v[2], {v[3], v[4], v[5], v[6]}, test::direction_of<X>(c)));
    });
  }
}

TEST_CASE("a backend's own GRU takes the place of the composed one", "[ops][gru]") {
  for (const auto& c : test::walk_cases())
    for (auto reset : {tl::gru_reset::after_product, tl::gru_reset::before_product}) {
      INFO(test::to_string(c) << ", reset " << static_cast<int>(reset));
      check(test::walk_inputs<double>(c, 1, 3), [&](const auto& v) {
        using X = typename std::decay_t<decltype(v[0])>::backend_type;
        return test::joined(tl::gru_direction(v[0], v[1], {v[2], v[3], v[4], v[5]}, test::direction_of<X>(c), reset));
      });
    }
}
