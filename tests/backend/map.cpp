#include "backend/both.hpp"

namespace {

using namespace test;

const tl::shape shapes[] = {{}, {0}, {1}, {17}, {5, 1, 7}, {3, 4, 5}, {2, 0, 3}, {2, 3, 4, 5}, {64, 65}, {3, 130, 101}};

template <class T, class R>
void check_unary(const R& rule, double lo, double hi) {
  std::uint64_t seed = 1;
  for (const tl::shape& s : shapes)
    for (layout from : every_layout)
      for (layout to : every_layout) {
        const auto x = random_both<T>(s, from, ++seed, lo, hi);
        auto y = random_both<T>(s, to, ++seed);
        tl::reference::map(rule, y.e(), x.ce());
        B::map(rule, y.g(), x.cg());
        require_equal(y);
      }
}

template <class T>
struct unary_case {
  template <class... Rs>
  static void check(tl::type_list<Rs...>) {
    (check_one(Rs{}), ...);
  }
  template <class R>
  static void check_one(const R& rule) {
    INFO(R::name);
    const tl::shape s{3, 41};
    const auto x = random_both<T>(s, layout::dense, 7, R::sample.lo, R::sample.hi);
    auto y = random_both<T>(s, layout::reversed, 8);
    tl::reference::map(rule, y.e(), x.ce());
    B::map(rule, y.g(), x.cg());
    require_equal(y);
  }
};

template <class T, class U, class... Rs>
void check_binary(tl::type_list<Rs...>, double lo, double hi) {
  const tl::shape s{4, 3, 37};
  const auto one = [&](const auto& rule, const tl::shape& a_shape, const tl::shape& b_shape, layout l) {
    INFO(rule.name);
    const auto a = random_both<T>(a_shape, l, 11, lo, hi);
    const auto b = random_both<T>(b_shape, layout::gapped, 12, lo, hi);
    auto y = random_both<U>(s, l, 13);
    tl::reference::map(rule, y.e(), a.e_to(s), b.e_to(s));
    B::map(rule, y.g(), a.g_to(s), b.g_to(s));
    require_equal(y);
  };
  for (layout l : every_layout)
    (..., (one(Rs{}, s, s, l), one(Rs{}, {37}, s, l), one(Rs{}, {4, 1, 1}, {3, 1}, l), one(Rs{}, {1}, {4, 1, 37}, l)));
}

}  // namespace

TEMPLATE_TEST_CASE("map agrees with the reference in every memory order", "[backend]", float, double) {
  check_unary<TestType>(tl::rule::relu{}, -2, 2);
  check_unary<TestType>(tl::rule::tanh{}, -2, 2);
  check_unary<TestType>(tl::rule::copy{}, -2, 2);
}

TEMPLATE_TEST_CASE("map copies every element type", "[backend]", std::int64_t, std::int32_t, std::uint8_t, bool) {
  check_unary<TestType>(tl::rule::copy{}, 0, 100);
}

TEMPLATE_TEST_CASE("every unary rule agrees with the reference", "[backend]", float, double) {
  unary_case<TestType>::check(tl::rule::elementary_ops{});
  unary_case<TestType>::check(tl::rule::activation_ops{});
  unary_case<TestType>::check(tl::rule::discrete_ops{});
}

TEMPLATE_TEST_CASE("every binary rule agrees with the reference under broadcasting", "[backend]", float, double) {
  check_binary<TestType, TestType>(tl::rule::arithmetic_ops{}, 0.5, 3);
  check_binary<TestType, bool>(tl::rule::comparison_ops{}, 0, 3);
}

TEST_CASE("integer and logical rules agree with the reference", "[backend]") {
  check_binary<std::int64_t, std::int64_t>(tl::rule::integer_ops{}, -9, 9);
  check_binary<std::int64_t, bool>(tl::rule::comparison_ops{}, 0, 3);
  check_binary<bool, bool>(tl::rule::logical_ops{}, 0, 2);
}

TEMPLATE_TEST_CASE("special values go through comparisons, extrema and clamps as on the reference", "[backend]", float,
                   double) {
  const TestType inf = std::numeric_limits<TestType>::infinity(), nan = std::numeric_limits<TestType>::quiet_NaN();
  const TestType special[] = {0, -TestType(0), 1, -1, inf, -inf, nan, 2};
  const auto values = std::make_unique<TestType[]>(64);
  const auto other = std::make_unique<TestType[]>(64);
  for (std::size_t i = 0; i < 64; ++i) {
    values[i] = special[i % 8];
    other[i] = special[i / 8];
  }
  const auto a = from_values(values, 64, {64}, {1}), b = from_values(other, 64, {64}, {1});
  const auto one = [&](const auto& rule, auto y, const auto&... x) {
    INFO(rule.name);
    tl::reference::map(rule, y.e(), x.ce()...);
    B::map(rule, y.g(), x.cg()...);
    require_equal(y);
  };
  const auto y = random_both<TestType>({64}, layout::dense, 5);
  const auto m = random_both<bool>({64}, layout::dense, 6);
  one(tl::rule::maximum{}, y, a, b);
  one(tl::rule::minimum{}, y, a, b);
  one(tl::rule::add{}, y, a, b);
  one(tl::rule::mul{}, y, a, b);
  one(tl::rule::equal{}, m, a, b);
  one(tl::rule::not_equal{}, m, a, b);
  one(tl::rule::less_equal{}, m, a, b);
  one(tl::rule::relu{}, y, a);
  one(tl::rule::clamp{}, y, a);
  one(tl::rule::sigmoid{}, y, a);
  one(tl::rule::tanh{}, y, a);
  one(tl::rule::erf{}, y, a);
  one(tl::rule::exp{}, y, a);
  one(tl::rule::log{}, y, a);
  one(tl::rule::sqrt{}, y, a);
}

TEST_CASE("an output may be one of the inputs", "[backend]") {
  for (layout l : every_layout) {
    auto y = random_both<float>({7, 33}, l, 3);
    const auto x = random_both<float>({33}, layout::dense, 4);
    tl::reference::map(tl::rule::mul{}, y.e(), y.ce(), x.e_to({7, 33}));
    B::map(tl::rule::mul{}, y.g(), y.cg(), x.g_to({7, 33}));
    require_equal(y);
  }
}

TEST_CASE("fill, convert and where agree with the reference", "[backend]") {
  for (layout l : every_layout) {
    const tl::shape s{6, 35};
    auto y = random_both<float>(s, l, 21);
    tl::reference::map(tl::rule::fill<float>{2.5f}, y.e());
    B::map(tl::rule::fill<float>{2.5f}, y.g());
    require_equal(y);

    const auto x = random_both<float>(s, l, 22, -50, 50);
    auto i = random_both<std::int64_t>(s, layout::dense, 23);
    tl::reference::map(tl::rule::convert<std::int64_t>{}, i.e(), x.ce());
    B::map(tl::rule::convert<std::int64_t>{}, i.g(), x.cg());
    require_equal(i);

    auto d = random_both<double>(s, layout::reversed, 24);
    tl::reference::map(tl::rule::convert<double>{}, d.e(), x.ce());
    B::map(tl::rule::convert<double>{}, d.g(), x.cg());
    require_equal(d);

    const auto c = random_both<bool>(s, layout::gapped, 25);
    tl::reference::map(tl::rule::where{}, y.e(), c.ce(), x.ce(), y.ce());
    B::map(tl::rule::where{}, y.g(), c.cg(), x.cg(), y.cg());
    require_equal(y);
  }
}

TEMPLATE_TEST_CASE("generate numbers the elements in row-major order", "[backend]", float, double) {
  for (const tl::shape& s : shapes)
    for (layout l : every_layout) {
      auto y = random_both<TestType>(s, l, 31);
      const tl::rule::uniform<TestType> rule{42, 7, TestType(-1), TestType(3)};
      tl::reference::generate(rule, y.e());
      B::generate(rule, y.g());
      require_equal(y);
      const tl::rule::keep_mask<TestType> keep{42, 7, TestType(0.75), TestType(1.5)};
      tl::reference::generate(keep, y.e());
      B::generate(keep, y.g());
      require_equal(y);
    }
}

TEMPLATE_TEST_CASE("generate from inputs agrees with the reference in every memory order", "[backend]", float, double) {
  using T = TestType;
  const auto expected_draw = tl::array<std::int64_t, tl::reference>::from_host(std::vector<std::int64_t>{-42, 7}, {2});
  const auto draw = tl::array<std::int64_t, B>::empty({2});
  B::generate(tl::rule::draw{static_cast<std::uint64_t>(-42), 7}, draw.view());
  REQUIRE(draw.to_host() == expected_draw.to_host());
  const tl::rule::drawn_mask<T> expected{expected_draw.data(), T(0.7), T(1 / 0.7)},
      got{draw.data(), T(0.7), T(1 / 0.7)};
  std::uint64_t seed = 1;
  for (const tl::shape& s : shapes)
    for (layout from : every_layout)
      for (layout to : every_layout) {
        const auto x = random_both<T>(s, from, ++seed), dy = random_both<T>(s, layout::dense, ++seed);
        auto y = random_both<T>(s, to, ++seed);
        tl::reference::generate(tl::rule::drop<tl::rule::copy, T>{expected}, y.e(), x.ce());
        B::generate(tl::rule::drop<tl::rule::copy, T>{got}, y.g(), x.cg());
        require_equal(y, 0);
        tl::reference::generate(tl::rule::drop<tl::rule::tanh, T>{expected}, y.e(), x.ce());
        B::generate(tl::rule::drop<tl::rule::tanh, T>{got}, y.g(), x.cg());
        require_equal(y);
        tl::reference::generate(tl::rule::drop_chain<tl::rule::tanh, T>{expected}, y.e(), dy.ce(), x.ce());
        B::generate(tl::rule::drop_chain<tl::rule::tanh, T>{got}, y.g(), dy.cg(), x.cg());
        require_equal(y);
        tl::reference::generate(tl::rule::drop<tl::rule::relu, T>{expected}, y.e(), y.ce());  // onto its input
        B::generate(tl::rule::drop<tl::rule::relu, T>{got}, y.g(), y.cg());
        require_equal(y);
      }
}
