#include <tensorlab/backend/cpu/lstm.hpp>

#include "backend/cpu/same_bits.hpp"

using namespace test;

namespace {

constexpr std::int64_t steps = 9, batch = 37, hidden = 70;

}  // namespace

TEST_CASE("an LSTM's kernels give the same bits for every number of threads", "[cpu]") {
  const auto gates = random_both<float>({steps, batch, 4 * hidden}, layout::dense, 1).got;
  const auto w = random_both<float>({4 * hidden, hidden}, layout::dense, 2).got;
  const auto dy = random_both<float>({steps, batch, hidden}, layout::reversed, 3).got;
  const auto run = [&](tl::array<float, B>& h, tl::array<float, B>& c, tl::array<float, B>& active) {
    h = tl::array<float, B>::full({steps + 1, batch, hidden}, 0.25f);
    c = tl::array<float, B>::full({steps + 1, batch, hidden}, -0.5f);
    active = gates.clone_row_major();
    B::lstm(h.view(), c.view(), active.view(), w.cview(), tl::view<const bool>{}, false);
  };
  require_same_bits({steps + 1, batch, hidden}, [&](auto& y) {
    tl::array<float, B> c, active;
    run(y, c, active);
  });
  require_same_bits({steps, batch, 4 * hidden}, [&](auto& y) {
    tl::array<float, B> h, c, active;
    run(h, c, active);
    auto dh = tl::array<float, B>::full({batch, hidden}, 0.5f), dc = tl::array<float, B>::full({batch, hidden}, 1.0f);
    B::lstm_backward(y.view(), dh.view(), dc.view(), dy.cview(), c.cview(), active.cview(), w.cview(),
                     tl::view<const bool>{}, false);
  });
}
