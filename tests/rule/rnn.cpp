#include <tensorlab/rule/rnn.hpp>

#include <cmath>

#include <tensorlab/core/dual.hpp>
#include <tensorlab/rule/activation.hpp>

#include "support/catch.hpp"

namespace rule = tensorlab::rule;
using dual = tensorlab::dual<double>;

namespace {

/// df/dx at x of a function of dual numbers.
template <class F>
double slope(F f, double x) {
  return f(dual(x, 1.0)).d;
}
dual constant(double x) { return dual(x, 0.0); }
bool close(double a, double b) { return std::abs(a - b) < 1e-14; }

}  // namespace

TEST_CASE("the LSTM's backward rules are the derivatives of its steps", "[rule][rnn]") {
  const double i_pre = 0.3, f_pre = -0.8, g_pre = 1.1, o_pre = 0.6, c_prev = -0.7, dh = 1.7, dc = -0.4;
  const double i = rule::sigmoid::f(i_pre), f = rule::sigmoid::f(f_pre), g = std::tanh(g_pre),
               o = rule::sigmoid::f(o_pre);
  const double c = rule::lstm_cell::f(i, f, g, c_prev);
  REQUIRE(close(c, f * c_prev + i * g));
  REQUIRE(close(rule::lstm_output::f(o, c), o * std::tanh(c)));

  // d(dh h)/dc joins the gradient that c brings from the next step.
  const double total = rule::lstm_cell_backward::f(dc, dh, o, c);
  REQUIRE(close(total, dc + dh * slope([&](dual v) { return rule::lstm_output::f(constant(o), v); }, c)));
  REQUIRE(close(rule::lstm_output_backward::f(dh, o, c),
                dh * slope([&](dual v) { return rule::lstm_output::f(rule::sigmoid::f(v), constant(c)); }, o_pre)));
  const auto cell = [&](dual vi, dual vf, dual vg) { return rule::lstm_cell::f(vi, vf, vg, constant(c_prev)); };
  REQUIRE(close(rule::sigmoid_gate_backward::f(total, g, i),
                total * slope([&](dual v) { return cell(rule::sigmoid::f(v), constant(f), constant(g)); }, i_pre)));
  REQUIRE(close(rule::sigmoid_gate_backward::f(total, c_prev, f),
                total * slope([&](dual v) { return cell(constant(i), rule::sigmoid::f(v), constant(g)); }, f_pre)));
  REQUIRE(close(rule::tanh_gate_backward::f(total, i, g),
                total * slope([&](dual v) { return cell(constant(i), constant(f), rule::tanh::f(v)); }, g_pre)));
}

TEST_CASE("the GRU's backward rules are the derivatives of its steps", "[rule][rnn]") {
  const double x = 0.4, r = 0.3, inner = -1.2, z_pre = 0.9, h_prev = -0.5, dh = 1.3;
  const double z = rule::sigmoid::f(z_pre), n = rule::gru_candidate::f(x, r, inner);
  REQUIRE(close(n, std::tanh(x + r * inner)));
  REQUIRE(close(rule::gru_output::f(z, n, h_prev), (1 - z) * n + z * h_prev));
  const auto output = [&](dual vz, dual vn) { return rule::gru_output::f(vz, vn, constant(h_prev)); };
  REQUIRE(close(
      rule::gru_candidate_backward::f(dh, z, n),
      dh * slope([&](dual v) { return output(constant(z), rule::gru_candidate::f(v, constant(r), constant(inner))); },
                 x)));
  REQUIRE(close(rule::gru_update_backward::f(dh, z, n, h_prev),
                dh * slope([&](dual v) { return output(rule::sigmoid::f(v), constant(n)); }, z_pre)));
}
