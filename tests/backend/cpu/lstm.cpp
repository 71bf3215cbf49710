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
