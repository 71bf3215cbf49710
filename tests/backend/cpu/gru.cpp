#include <tensorlab/backend/cpu/gru.hpp>

#include "backend/cpu/same_bits.hpp"

using namespace test;

namespace {

constexpr std::int64_t steps = 9, batch = 37, hidden = 70;

}  // namespace

TEST_CASE("a GRU's kernels give the same bits for every number of threads", "[cpu]") {
  const auto gates = random_both<float>({steps, batch, 3 * hidden}, layout::dense, 1).got;
  const auto w = random_both<float>({3 * hidden, hidden}, layout::dense, 2).got;
  const auto dy = random_both<float>({steps, batch, hidden}, layout::reversed, 3).got;
  for (const bool reset_after : {false, true}) {
    const auto run = [&](tl::array<float, B>& h, tl::array<float, B>& active, tl::array<float, B>& inner) {
      h = tl::array<float, B>::full({steps + 1, batch, hidden}, 0.25f);
      inner = tl::array<float, B>::empty({steps, batch, hidden});
      active = gates.clone_row_major();
      B::gru(h.view(), active.view(), inner.view(), w.cview(), static_cast<const float*>(nullptr),
             tl::view<const bool>{}, false, reset_after);
    };
    require_same_bits({steps + 1, batch, hidden}, [&](auto& y) {
      tl::array<float, B> active, inner;
      run(y, active, inner);
    });
    require_same_bits({steps, batch, 3 * hidden}, [&](auto& y) {
      tl::array<float, B> h, active, inner;
      run(h, active, inner);
      auto dinner = tl::array<float, B>::empty({steps, batch, hidden});
      auto dh = tl::array<float, B>::full({batch, hidden}, 0.5f);
      B::gru_backward(y.view(), dinner.view(), dh.view(), dy.cview(), h.cview(), active.cview(), inner.cview(),
                      w.cview(), tl::view<const bool>{}, false, reset_after);
    });
  }
}
