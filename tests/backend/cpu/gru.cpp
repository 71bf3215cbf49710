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

TEST_CASE("both directions of a GRU at once are each what it is alone", "[cpu]") {
  for (const std::int64_t batch : {1, 3}) {
    const tl::shape states{6, batch, 7}, gates{5, batch, 21}, outputs{5, batch, 7};
    const auto w = random_both<float>({21, 7}, layout::dense, 1).got,
               in = random_both<float>(gates, layout::dense, 2).got,
               other = random_both<float>(gates, layout::dense, 3).got;
    const auto b = random_both<float>({7}, layout::dense, 4).got;
    const float* const none = nullptr;
    const auto start = [&] { return tl::array<float, B>::full(states, 0.25f); };
    const auto room = [&] { return tl::array<float, B>::full(outputs, 0.0f); };
    for (const bool after : {false, true}) {
      const auto h_a = start(), h_b = start(), i_a = room(), i_b = room();
      const auto g_a = in.clone_row_major(), g_b = other.clone_row_major();
      B::gru(h_a.view(), g_a.view(), i_a.view(), w.cview(), b.data(), tl::view<const bool>{}, false, after);
      B::gru(h_b.view(), g_b.view(), i_b.view(), w.cview(), none, tl::view<const bool>{}, true, after);
      require_same_bits(states, [&](auto& y) {
        const auto h = start(), i = room(), j = room();
        const auto g = in.clone_row_major(), l = other.clone_row_major();
        B::map(tl::rule::copy{}, y.view(), start().cview());
        B::gru_both(h.view(), g.view(), i.view(), w.cview(), static_cast<const float*>(b.data()), y.view(), l.view(),
                    j.view(), w.cview(), none, tl::view<const bool>{}, after, tl::compute::full);
        REQUIRE(h.to_host() == h_a.to_host());
        REQUIRE(i.to_host() == i_a.to_host());
        REQUIRE(j.to_host() == i_b.to_host());
        REQUIRE(y.to_host() == h_b.to_host());
      });
    }
  }
}
