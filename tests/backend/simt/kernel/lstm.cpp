#include <tensorlab/backend/simt/kernel/lstm.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

TEST_CASE("simt: an LSTM's cell and its gradient are the formulas", "[backend][simt]") {
  // One unit, one step: gates before activation, then what the gradients of h' and c' become.
  const auto s = [](double v) { return 1 / (1 + std::exp(-v)); };
  const double a[] = {0.3, -0.7, 0.9, 1.1}, h = 0.4, c = -0.6;
  const double i = s(a[0]), f = s(a[1]), g = std::tanh(a[2]), o = s(a[3]);
  const double next = f * c + i * g, squashed = std::tanh(next);
  for (const bool valid : {true, false}) {
    std::vector<double> gates(a, a + 4), hs{h, 0}, cs{c, 0};
    kernel::lstm_cell<double>{{1, false}, {&valid, 0, 0}, 1, 1, hs.data(), cs.data(), gates.data()}(0, 0, 0);
    REQUIRE(gates[0] == Approx(i));
    REQUIRE(gates[1] == Approx(f));
    REQUIRE(gates[2] == Approx(g));
    REQUIRE(gates[3] == Approx(o));
    REQUIRE(cs[1] == Approx(valid ? next : c));
    REQUIRE(hs[1] == Approx(valid ? o * squashed : h));

    const double dy = 0.25, dh_after = 0.5, dc_after = -1.5, d = dy + dh_after;
    const double e = dc_after + d * o * (1 - squashed * squashed);
    double dgates[4] = {7, 7, 7, 7}, dh = dh_after, dc = dc_after;
    cs[1] = next;
    kernel::lstm_cell_backward<double>{{1, false}, {&valid, 0, 0}, 1,           1, dgates, &dh, &dc, &dy, 0, 0,
                                       0,          cs.data(),      gates.data()}(0, 0, 0);
    const double expected[] = {e * g * i * (1 - i), e * c * f * (1 - f), e * i * (1 - g * g),
                               d * squashed * o * (1 - o)};
    for (int k = 0; k < 4; ++k) REQUIRE(dgates[k] == Approx(valid ? expected[k] : 0));
    REQUIRE(dc == Approx(valid ? e * f : dc_after));
    REQUIRE(dh == Approx(valid ? 0 : dh_after));
  }
}

TEST_CASE("simt: an LSTM's walk goes through the steps in its direction and back", "[backend][simt]") {
  // With forget, input and output gates wide open and no other weights, c adds up the candidates.
  test::with_launchers([]<class L>() {
    constexpr std::int64_t steps = 3, batch = 3;
    constexpr int hidden = 2, wide = 40;
    const std::vector<double> none(4 * hidden * hidden);
    for (const bool reverse : {false, true}) {
      std::vector<double> gates(steps * batch * 4 * hidden, wide), h((steps + 1) * batch * hidden), c(h);
      for (std::size_t at = 0; at < gates.size(); ++at)
        if (at / hidden % 4 == 2) gates[at] = 0.1 * static_cast<double>(at / (batch * 4 * hidden) + 1);
      const auto activated = std::tanh(0.1) + std::tanh(0.2) + std::tanh(0.3);
      const kernel::lstm_cell<double> cell{{steps, reverse}, {nullptr, 0, 0}, batch,       hidden,
                                           h.data(),         c.data(),        gates.data()};
      const kernel::lstm_walk<double> walk{cell, {none.data(), 4 * hidden, hidden, 4 * hidden, false}};
      L::run("lstm", h.data(), 2, kernel::walks_body<kernel::lstm_walk<double>>{{walk, walk}, 1, batch});
      const std::size_t last = reverse ? 0 : steps * batch * hidden;
      for (std::size_t at = 0; at < batch * hidden; ++at) {
        REQUIRE(c[last + at] == Approx(activated));
        REQUIRE(h[last + at] == Approx(std::tanh(activated)));
      }
      // The final cell's gradient reaches the initial one whole, and each candidate on its way.
      std::vector<double> dgates(gates.size()), dh(batch * hidden), dc(batch * hidden, 1), dy(batch * hidden);
      const kernel::lstm_cell_backward<double> back{{steps, reverse},
                                                    {nullptr, 0, 0},
                                                    batch,
                                                    hidden,
                                                    dgates.data(),
                                                    dh.data(),
                                                    dc.data(),
                                                    dy.data(),
                                                    0,
                                                    hidden,
                                                    1,
                                                    c.data(),
                                                    gates.data()};
      const kernel::lstm_walk_backward<double> backward{back, {none.data(), hidden, 4 * hidden, hidden, false}};
      L::run("lstm_backward", dh.data(), 2,
             kernel::walks_body<kernel::lstm_walk_backward<double>>{{backward, backward}, 1, batch});
      for (const double v : dc) REQUIRE(v == Approx(1));
      for (std::size_t at = 0; at < gates.size(); ++at)
        if (at / hidden % 4 == 2) REQUIRE(dgates[at] == Approx(1 - gates[at] * gates[at]));
    }
  });
}
