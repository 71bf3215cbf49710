#include <tensorlab/backend/cpu/gru.hpp>

#include <utility>

#include "backend/cpu/recurrent_operands.hpp"

using namespace test;

TEST_CASE("a GRU's kernels give the same bits for every number of threads", "[cpu]") {
  const recurrent_operands in(3);
  for (const auto& [reset_after, factors] : {std::pair{false, tl::compute::full}, std::pair{true, tl::compute::full},
                                             std::pair{false, tl::compute::bf16}, std::pair{true, tl::compute::bf16}}) {
    const auto run = [&, after = reset_after, how = factors](tl::array<float, B>& h, tl::array<float, B>& active,
                                                             tl::array<float, B>& inner) {
      h = tl::array<float, B>::full(in.states, 0.25f);
      inner = tl::array<float, B>::empty(in.outputs);
      active = in.gates.clone_row_major();
      B::gru(h.view(), active.view(), inner.view(), in.w.cview(), static_cast<const float*>(nullptr),
             tl::view<const bool>{}, false, after, how);
    };
    require_same_bits(in.states, [&](auto& y) {
      tl::array<float, B> active, inner;
      run(y, active, inner);
    });
    require_same_bits(in.activations, [&, after = reset_after, how = factors](auto& y) {
      tl::array<float, B> h, active, inner;
      run(h, active, inner);
      auto dinner = tl::array<float, B>::empty(in.outputs);
      auto dh = tl::array<float, B>::full({in.batch, in.hidden}, 0.5f);
      B::gru_backward(y.view(), dinner.view(), dh.view(), in.dy.cview(), h.cview(), active.cview(), inner.cview(),
                      in.w.cview(), tl::view<const bool>{}, false, after, how);
    });
  }
}
