#include <tensorlab/backend/cpu/lstm.hpp>

#include "backend/cpu/recurrent_operands.hpp"

using namespace test;

TEST_CASE("an LSTM's kernels give the same bits for every number of threads", "[cpu]") {
  const recurrent_operands in(4);
  for (const tl::compute factors : {tl::compute::full, tl::compute::bf16}) {
    const auto run = [&](tl::array<float, B>& h, tl::array<float, B>& c, tl::array<float, B>& active) {
      h = tl::array<float, B>::full(in.states, 0.25f);
      c = tl::array<float, B>::full(in.states, -0.5f);
      active = in.gates.clone_row_major();
      B::lstm(h.view(), c.view(), active.view(), in.w.cview(), tl::view<const bool>{}, false, factors);
    };
    require_same_bits(in.states, [&](auto& y) {
      tl::array<float, B> c, active;
      run(y, c, active);
    });
    require_same_bits(in.activations, [&](auto& y) {
      tl::array<float, B> h, c, active;
      run(h, c, active);
      auto dh = tl::array<float, B>::full({in.batch, in.hidden}, 0.5f),
           dc = tl::array<float, B>::full({in.batch, in.hidden}, 1.0f);
      B::lstm_backward(y.view(), dh.view(), dc.view(), in.dy.cview(), c.cview(), active.cview(), in.w.cview(),
                       tl::view<const bool>{}, false, factors);
    });
  }
}

TEST_CASE("both directions of an LSTM at once are each what it is alone", "[cpu]") {
  for (const std::int64_t batch : {1, 3}) {
    const tl::shape states{6, batch, 7}, gates{5, batch, 28};
    const auto w = random_both<float>({28, 7}, layout::dense, 1).got,
               in = random_both<float>(gates, layout::dense, 2).got,
               other = random_both<float>(gates, layout::dense, 3).got;
    const auto start = [&] { return tl::array<float, B>::full(states, 0.25f); };
    const auto h_a = start(), c_a = start(), h_b = start(), c_b = start();
    const auto g_a = in.clone_row_major(), g_b = other.clone_row_major();
    B::lstm(h_a.view(), c_a.view(), g_a.view(), w.cview(), tl::view<const bool>{}, false);
    B::lstm(h_b.view(), c_b.view(), g_b.view(), w.cview(), tl::view<const bool>{}, true);
    for (const bool second : {false, true})
      require_same_bits(states, [&](auto& y) {
        const auto h = start(), c = start(), k = start(), d = start();
        const auto g = in.clone_row_major(), l = other.clone_row_major();
        B::lstm_both(h.view(), c.view(), g.view(), w.cview(), k.view(), d.view(), l.view(), w.cview(),
                     tl::view<const bool>{}, tl::compute::full);
        REQUIRE(h.to_host() == h_a.to_host());
        REQUIRE(c.to_host() == c_a.to_host());
        REQUIRE(l.to_host() == g_b.to_host());
        B::map(tl::rule::copy{}, y.view(), (second ? k : h).cview());
        REQUIRE(y.to_host() == (second ? h_b : h_a).to_host());
      });
  }
}
