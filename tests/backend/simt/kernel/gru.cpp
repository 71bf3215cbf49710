#include <tensorlab/backend/simt/kernel/gru.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

TEST_CASE("simt: a GRU's cell and its gradient are the formulas", "[backend][simt]") {
  // One unit, one step whose products are given: `product` is the hidden product of n, or what r h became.
  const auto s = [](double v) { return 1 / (1 + std::exp(-v)); };
  const double a[] = {0.3, -0.7, 0.9}, h = 0.4, product = 0.8, b = 0.2;
  const double r = s(a[0]), z = s(a[1]);
  for (const bool valid : {true, false})
    for (const bool after : {true, false}) {
      const double n = std::tanh(a[2] + (after ? r * (product + b) : product));
      std::vector<double> gates(a, a + 3), hs{h, 0};
      double inner = after ? product : 0;
      const kernel::gru_cells<double> cells{{1, false}, {&valid, 0, 0}, 1,      1, after,
                                            hs.data(),  gates.data(),   &inner, &b};
      if (!after) {
        cells.reset(0, 0, 0);
        REQUIRE(inner == Approx(r * h));
        gates[2] += product;
      }
      cells.finish(0, 0, 0);
      REQUIRE(gates[0] == Approx(r));
      REQUIRE(gates[1] == Approx(z));
      REQUIRE(gates[2] == Approx(n));
      REQUIRE(inner == Approx(after ? product + b : r * h));
      REQUIRE(hs[1] == Approx(valid ? (1 - z) * n + z * h : h));

      const double dy = 0.25, dh_after = 0.5, d = dy + dh_after, of_product = -0.75;
      double dgates[3] = {7, 7, 7}, dinner = 7, dh = dh_after;
      const kernel::gru_cells_backward<double> back{
          {1, false}, {&valid, 0, 0}, 1, 1, after, dgates, &dinner, &dh, &dy, 0, 0, 0, hs.data(), gates.data(), &inner};
      back.begin(0, 0, 0);
      const double dn = d * (1 - z) * (1 - n * n);
      REQUIRE(dgates[1] == Approx(valid ? d * (h - n) * z * (1 - z) : 0));
      REQUIRE(dgates[2] == Approx(valid ? dn : 0));
      REQUIRE(dh == Approx(valid ? d * z : dh_after));
      if (after) {
        REQUIRE(dinner == Approx(valid ? dn * r : 0));
        REQUIRE(dgates[0] == Approx(valid ? dn * (product + b) * r * (1 - r) : 0));
      } else if (valid) {
        dinner = of_product;
        back.reset(0, 0, 0);
        REQUIRE(dgates[0] == Approx(of_product * h * r * (1 - r)));
        REQUIRE(dh == Approx(d * z + of_product * r));
      }
    }
}

TEST_CASE("simt: a GRU's walk goes through the steps in its direction and back", "[backend][simt]") {
  // With z = 1/2 and no other weights, each step halves the state and adds half the candidate.
  test::with_launchers([]<class L>() {
    constexpr std::int64_t steps = 3, batch = 3;
    constexpr int hidden = 2;
    const std::vector<double> none(3 * hidden * hidden);
    const kernel::row_product<double> rz{none.data(), 3 * hidden, hidden, 2 * hidden, false},
        n{none.data(), 3 * hidden, hidden, hidden, false}, d_rz{none.data(), hidden, 2 * hidden, hidden, false},
        d_n{none.data(), hidden, hidden, hidden, false};
    for (const bool reverse : {false, true})
      for (const bool after : {false, true}) {
        std::vector<double> gates(steps * batch * 3 * hidden), inner(steps * batch * hidden, 9),
            h((steps + 1) * batch * hidden);
        for (std::size_t at = 0; at < gates.size(); ++at)
          if (at / hidden % 3 == 2) gates[at] = static_cast<double>(at / (batch * 3 * hidden) + 1);
        double state = 0;
        for (int k = 1; k <= steps; ++k) state = (state + std::tanh(reverse ? steps + 1 - k : k)) / 2;
        const kernel::gru_cells<double> cells{{steps, reverse}, {nullptr, 0, 0}, batch,        hidden, after,
                                              h.data(),         gates.data(),    inner.data(), nullptr};
        const kernel::gru_walk<double> walk{cells, rz, n};
        L::run("gru", h.data(), 2, kernel::walks_body<kernel::gru_walk<double>>{{walk, walk}, 1, batch});
        const std::size_t last = reverse ? 0 : steps * batch * hidden;
        for (std::size_t at = 0; at < batch * hidden; ++at) REQUIRE(h[last + at] == Approx(state));
        std::vector<double> dgates(gates.size(), 7), dinner(inner.size(), 7), dh(batch * hidden, 1), dy(batch * hidden);
        const kernel::gru_cells_backward<double> back{
            {steps, reverse}, {nullptr, 0, 0}, batch,       hidden, after,  dgates.data(),
            dinner.data(),    dh.data(),       dy.data(),   0,      hidden, 1,
            h.data(),         gates.data(),    inner.data()};
        const kernel::gru_walk_backward<double> backward{back, d_rz, d_n};
        L::run("gru_backward", dh.data(), 2,
               kernel::walks_body<kernel::gru_walk_backward<double>>{{backward, backward}, 1, batch});
        for (const double v : dh) REQUIRE(v == Approx(0.125));
        for (std::size_t at = 0; at < gates.size(); ++at)
          if (at / hidden % 3 == 2) {
            const auto t = static_cast<std::int64_t>(at / (batch * 3 * hidden));
            const double before = std::pow(0.5, static_cast<double>(reverse ? t : steps - 1 - t));
            REQUIRE(dgates[at] == Approx(before * 0.5 * (1 - gates[at] * gates[at])));
          }
      }
  });
}
