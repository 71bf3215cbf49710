#include "backend/cpu/same_bits.hpp"

namespace {

using namespace test;

/// A user's rule that branches on its value: packs cannot.
struct stepped {
  static constexpr auto name = "stepped";
  static constexpr bool scalar_only = true;
  template <class T>
  T f(const T& x) const {
    if (x > T(0.5)) return T(3);
    return x;
  }
};

/// A user's rule for floats alone.
struct plain {
  static constexpr auto name = "plain";
  float f(float x) const { return x > 0 ? 2 * x : 0; }
};

/// A rule of an element's number and an input.
struct weighted {
  static constexpr auto name = "weighted";
  float f(std::uint64_t i, float x) const { return static_cast<float>(i) * x; }
};

struct momentum {
  double rate = 0.1, decay = 0.9;
  static constexpr int states = 1;
  template <class V>
  void f(V& p, const V& g, V& m) const {
    m = V(decay) * m + g;
    p = p - V(rate) * m;
  }
};

struct plain_descent {
  static constexpr int states = 0;
  template <class V>
  void f(V& p, const V& g) const {
    p = p - V(0.5) * g;
  }
};

}  // namespace

TEMPLATE_TEST_CASE("a value does not depend on its place in a row or on the strides", "[cpu]", float, double) {
  const auto one = [](const auto& rule) {
    const std::int64_t n = 70;
    const auto x = random_both<TestType>({n}, layout::dense, 3);
    auto whole = tl::array<TestType, B>::empty({n});
    B::map(rule, whole.view(), x.cg());
    auto part = tl::array<TestType, B>::empty({3 * n});
    for (std::int64_t first : {0, 1, 5, 37, 69})
      for (std::int64_t step : {1, 3}) {
        const tl::view<TestType> y{part.data(), {n - first}, {step}};
        B::map(rule, y, tl::view<const TestType>{x.cg().data + first, {n - first}, {1}});
        for (std::int64_t i = first; i < n; ++i) REQUIRE(part.data()[(i - first) * step] == whole.data()[i]);
      }
  };
  one(tl::rule::silu{});
  one(tl::rule::exp{});
  one(tl::chain<tl::rule::mish>{}.rule);
}

TEST_CASE("rules that packs cannot compute run on scalars", "[cpu]") {
  const auto x = random_both<float>({5, 33}, layout::gapped, 1);
  auto y = random_both<float>({5, 33}, layout::dense, 2);
  tl::reference::map(stepped{}, y.e(), x.ce());
  B::map(stepped{}, y.g(), x.cg());
  require_equal(y);
  tl::reference::map(plain{}, y.e(), x.ce());
  B::map(plain{}, y.g(), x.cg());
  require_equal(y);
}

TEMPLATE_TEST_CASE("first and second derivatives by dual numbers run on packs", "[cpu]", float, double) {
  const auto x = random_both<TestType>({77}, layout::dense, 1), dy = random_both<TestType>({77}, layout::dense, 2);
  const auto ddx = random_both<TestType>({77}, layout::dense, 3);
  auto y = random_both<TestType>({77}, layout::dense, 4);
  const tl::chain<tl::rule::gelu_tanh> first{};
  const tl::chain2<tl::rule::gelu_tanh> second{};
  STATIC_REQUIRE(tl::detail::simd_rule<decltype(first), TestType, TestType, TestType>);
  tl::reference::map(first, y.e(), dy.ce(), x.ce());
  B::map(first, y.g(), dy.cg(), x.cg());
  require_equal(y);
  tl::reference::map(second, y.e(), ddx.ce(), dy.ce(), x.ce());
  B::map(second, y.g(), ddx.cg(), dy.cg(), x.cg());
  require_equal(y);
}

TEMPLATE_TEST_CASE("update changes parameters and states in place", "[cpu]", float, double) {
  for (std::int64_t n : {0, 1, 15, 16, 17, 1000, 70001}) {
    auto p = random_both<TestType>({n}, layout::dense, 1), m = random_both<TestType>({n}, layout::dense, 2);
    const auto g = random_both<TestType>({n}, layout::dense, 3);
    const auto batch = [&](const auto& rule, TestType* to, const TestType* from, TestType* state) {
      tl::update_batch<std::remove_cvref_t<decltype(rule)>, TestType> one;
      one.add({rule, n, to, from, {state}});
      return one;
    };
    for (int step = 0; step < 3; ++step) {
      tl::reference::update(batch(momentum{}, p.e().data, g.ce().data, m.e().data));
      B::update(batch(momentum{}, p.g().data, g.cg().data, m.g().data));
      tl::reference::update(batch(plain_descent{}, p.e().data, g.ce().data, nullptr));
      B::update(batch(plain_descent{}, p.g().data, g.cg().data, nullptr));
    }
    require_equal(p);
    require_equal(m);
  }
}

TEST_CASE("dropout gives the same bits for every number of threads", "[cpu]") {
  const std::int64_t drawn[] = {5, 9};
  const tl::rule::drop<tl::rule::gelu, float> rule{{drawn, 0.9F, 1 / 0.9F}};
  for (const tl::shape& s : {tl::shape{0}, {1}, {255}, {3, 100003}}) {
    const auto x = random_both<float>(s, layout::dense, 3);
    require_same_bits(s, [&](const tl::array<float, B>& y) { B::generate(rule, y.view(), x.cg()); });
    const auto columns = random_both<float>(s, layout::reversed, 4);
    require_same_bits(s, [&](const tl::array<float, B>& y) { B::generate(rule, y.view(), columns.cg()); });
  }
}

TEST_CASE("a rule of numbers and inputs that has no mask is called element by element", "[cpu]") {
  const auto x = random_both<float>({4, 5}, layout::reversed, 5);
  auto y = random_both<float>({4, 5}, layout::gapped, 6);
  tl::reference::generate(weighted{}, y.e(), x.ce());
  B::generate(weighted{}, y.g(), x.cg());
  require_equal(y, 0);
}
