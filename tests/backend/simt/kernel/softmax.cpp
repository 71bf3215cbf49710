#include <tensorlab/backend/simt/kernel/softmax.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

namespace {

const float ln2 = 0.69314718f, ln3 = 1.09861229f, infinity = std::numeric_limits<float>::infinity();

/// Two lines of three elements along the first axis of x [3, 2].
template <int Operands>
kernel::slices<Operands> lines() {
  const auto nest = [](const tl::shape& s, const tl::strides& st) {
    if constexpr (Operands == 2) return kernel::make_nest(s, true, st, st);
    if constexpr (Operands == 3) return kernel::make_nest(s, true, st, st, st);
  };
  return {nest({2}, {1}), nest({3}, {2})};
}

void require_near(const std::vector<float>& got, const std::vector<float>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO("element " << i << ": " << got[i]);
    REQUIRE((got[i] == expected[i] || std::abs(got[i] - expected[i]) <= 1e-6f));
  }
}

}  // namespace

TEST_CASE("simt: softmax divides e^x by its sum along a line", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    // e^x = 1, 2, 3 (shifted by 100, where e^x overflows) and 1, 0, 1.
    const std::vector<float> x{100, 0, 100 + ln2, -infinity, 100 + ln3, 0};
    for (const int columns : {1, L::lanes == 1 ? 1 : 2}) {
      std::vector<float> y(6);
      L::run("softmax", y.data(), 2, kernel::softmax_body<float>{lines<2>(), columns, false, y.data(), x.data()});
      for (std::size_t i : {0, 2, 4}) REQUIRE(y[i] == Approx(static_cast<double>(i + 2) / 12).epsilon(1e-5));
      require_near({y[1], y[3], y[5]}, {0.5f, 0, 0.5f});
      L::run("softmax", y.data(), 2, kernel::softmax_body<float>{lines<2>(), columns, true, y.data(), x.data()});
      require_near({y[1], y[3], y[5]}, {-ln2, -infinity, -ln2});
    }
  });
}

TEST_CASE("simt: softmax's gradient is y (dy - sum(dy y)), or dy - e^y sum(dy)", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    const std::vector<float> y{0.25f, 0, 0.25f, 1, 0.5f, 0}, dy{4, 1, 0, 2, 2, 3};
    std::vector<float> dx(6);
    L::run("softmax", dx.data(), 2,
           kernel::softmax_backward_body<float>{lines<3>(), 1, false, dx.data(), y.data(), dy.data()});
    require_near(dx, {0.5f, 0, -0.5f, 0, 0, 0});  // sums 2 and 2
    const std::vector<float> log_y{-ln2, 0, -infinity, -infinity, -ln2, -infinity};
    L::run("softmax", dx.data(), 2,
           kernel::softmax_backward_body<float>{lines<3>(), 1, true, dx.data(), log_y.data(), dy.data()});
    require_near(dx, {1, -5, 0, 2, -1, 3});  // sums 6 and 6
  });
}
