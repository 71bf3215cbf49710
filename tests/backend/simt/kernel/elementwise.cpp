#include <tensorlab/backend/simt/kernel/elementwise.hpp>

#include <tensorlab/rule/generate.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

namespace {

struct descent {
  static constexpr int states = 1;
  void f(float& p, const float& g, float& m) const {
    m += g;
    p -= m;
  }
};

}  // namespace

TEST_CASE("simt: map reads and writes strided and repeated elements", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    const std::vector<float> a{1, 2, 3}, b{10, 20, 30, 40, 50, 60};
    std::vector<float> y(11, -1.0f);
    // y [3, 2] every second element, a [3, 1], b [2, 3] transposed.
    kernel::map_body<tl::rule::add, float, float, float> body{
        {},
        kernel::make_nest({3, 2}, true, tl::strides{4, 2}, tl::strides{1, 0}, tl::strides{1, 3}),
        false,
        y.data(),
        {a.data(), b.data(), nullptr}};
    L::run("add", y.data(), 2, body);
    REQUIRE(y == std::vector<float>{11, -1, 41, -1, 22, -1, 52, -1, 33, -1, 63});
    body.walk = kernel::make_nest({0, 2}, true, tl::strides{4, 2}, tl::strides{1, 0}, tl::strides{1, 3});
    body.y = nullptr;
    L::run("add", nullptr, 1, body);
  });
}

TEST_CASE("simt: packs move dense elements and leave the last ones to single lanes", "[backend][simt]") {
  using body = kernel::packed_map_body<tl::rule::mul, float, float, float>;
  STATIC_REQUIRE(body::width == 4);
  STATIC_REQUIRE(kernel::packed_map_body<tl::rule::copy, double, double>::width == 2);
  STATIC_REQUIRE(kernel::is_light<tl::rule::mul>);
  STATIC_REQUIRE(kernel::is_light<tl::rule::fill<double>>);
  STATIC_REQUIRE_FALSE(kernel::is_light<tl::rule::exp>);
  test::with_launchers([]<class L>() {
    alignas(16) const float a[] = {1, 2, 3, 4, 5, 6, 7, 8};
    alignas(16) float y[8] = {};
    y[7] = -1;
    const body seven{{}, 7, y, {a, a, nullptr}};
    REQUIRE(seven.aligned());
    REQUIRE_FALSE(body{{}, 3, y, {a + 1, a, nullptr}}.aligned());
    REQUIRE_FALSE(body{{}, 3, y + 2, {a, a, nullptr}}.aligned());
    L::run("mul", y, 2, seven);
    REQUIRE(std::vector<float>(y, y + 8) == std::vector<float>{1, 4, 9, 16, 25, 36, 49, -1});
  });
}

TEST_CASE("simt: generated elements know their row-major number", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    std::vector<float> y(6);
    const kernel::generate_body<tl::rule::iota<float>, float> body{
        {10, 2}, kernel::make_nest({2, 3}, false, tl::strides{1, 2}), y.data()};
    L::run("iota", y.data(), 2, body);
    REQUIRE(y == std::vector<float>{10, 16, 12, 18, 14, 20});  // [[10, 12, 14], [16, 18, 20]] by columns
  });
}

TEST_CASE("simt: update changes parameters and states in place", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    std::vector<float> p{1, 2, 3, 4, 5}, m{0, 0, 0, 0, 10};
    const std::vector<float> g{1, 1, 2, 2, 3};
    kernel::update_body<descent, float> body;
    body.batch.add({{}, 2, p.data(), g.data(), {m.data()}});
    body.batch.add({{}, 0, nullptr, nullptr, {}});
    body.batch.add({{}, 3, p.data() + 2, g.data() + 2, {m.data() + 2}});
    L::run("descent", p.data(), 2, body);
    L::run("descent", p.data(), 2, body);
    REQUIRE(m == std::vector<float>{2, 2, 4, 4, 16});
    REQUIRE(p == std::vector<float>{-2, -1, -3, -2, -24});  // 5 - 13 - 16
  });
}
