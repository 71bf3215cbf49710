#include <thread>

#include "backend/cpu/same_bits.hpp"

using namespace test;

TEST_CASE("own kernels give the same bits for every number of threads", "[cpu]") {
  const tl::shape s{400, 300};
  const auto x = random_both<float>(s, layout::dense, 1).got, other = random_both<float>(s, layout::dense, 2).got;
  require_same_bits(s, [&](auto& y) { B::map(tl::rule::silu{}, y.view(), x.cview()); });
  require_same_bits({1, 300},
                    [&](auto& y) { B::reduce(tl::rule::sum{}, tl::reduction_view(y.view(), s, {0}), x.cview()); });
  require_same_bits({400, 1},
                    [&](auto& y) { B::reduce(tl::rule::sum{}, tl::reduction_view(y.view(), s, {1}), x.cview()); });
  require_same_bits({1, 1}, [&](auto& y) {
    B::reduce(tl::rule::sum{}, tl::reduction_view(y.view(), s, {0, 1}), x.cview());
  });
  require_same_bits(s, [&](auto& y) { B::softmax(y.view(), x.cview(), 0, false); });
  require_same_bits(s, [&](auto& y) { B::softmax(y.view(), x.cview(), 1, true); });
  require_same_bits(s, [&](auto& y) { B::cumulate(tl::rule::sum{}, y.view(), x.cview(), 0, false); });
  require_same_bits({300}, [&](auto& y) {
    auto mean = tl::array<float, B>::empty({400, 1}), rstd = tl::array<float, B>::empty({400, 1});
    const auto m = tl::reduction_view(mean.view(), s, {1}), r = tl::reduction_view(rstd.view(), s, {1});
    const tl::view<const float> none{nullptr, s, {0, 0}};
    auto hat = tl::array<float, B>::empty(s), sum = tl::array<float, B>::empty({1, 300});
    B::norm(hat.view(), m, r, x.cview(), none, none, 1e-5);
    B::norm_backward_affine(tl::view<float>{y.data(), s, {0, 1}}, tl::view<float>{sum.data(), s, {0, 1}}, other.cview(),
                            x.cview(), tl::view<const float>(m), tl::view<const float>(r));
  });
  require_same_bits({400, 400}, [&](auto& y) {
    tl::detail::product<float>::run({y.data(), 400, 1}, {x.data(), 300, 1}, {other.data(), 1, 300}, 400, 400, 300,
                                    false);
  });
}

TEST_CASE("threads of a program use the backend at once", "[cpu]") {
  const tl::shape xs{2, 16, 14, 14}, ws{16, 16, 3, 3};
  tl::window_geometry g;
  g.kernel = {3, 3};
  g.pad_begin = g.pad_end = {1, 1};
  const auto x = random_both<float>(xs, layout::channels_last, 1).got, w = random_both<float>(ws, layout::dense, 2).got;
  const auto run = [&] {
    auto y = tl::array<float, B>::empty(xs);
    B::conv(y.view(), x.cview(), w.cview(), static_cast<const float*>(nullptr), g);
    return y.to_host();
  };
  const int before = tl::detail::available_threads();
  set_threads(1);
  const auto expected = run();
  set_threads(before);
  std::vector<int> wrong(3, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&, t] {
      set_threads(1);
      for (int i = 0; i < 50; ++i) wrong[t] += run() != expected;
    });
  for (std::thread& t : threads) t.join();
  REQUIRE(wrong == std::vector<int>(3, 0));
}
