#include <tensorlab/ops/binary.hpp>

#include <limits>

#include "ops/layouts.hpp"

namespace rule = tl::rule;
using T = tl::tensor<double, B>;

namespace {

/// Pairs of operands that broadcast, among them a transposed and a strided one, and one of more than a vector and a
/// thread.
template <class E>
std::vector<std::pair<tl::tensor<E, B>, tl::tensor<E, B>>> operands(double lo, double hi) {
  std::vector<std::pair<tl::tensor<E, B>, tl::tensor<E, B>>> out;
  std::uint64_t seed = 40;
  for (const auto& [sa, sb] : test::broadcast_pairs()) {
    const auto a = test::uniform<E>(sa, seed++, lo, hi), b = test::uniform<E>(sb, seed++, lo, hi);
    out.emplace_back(a, b);
    out.emplace_back(b, a);
    if (sa.rank() == 2 && sa == sb) out.emplace_back(tl::transpose(a), tl::contiguous(tl::transpose(b)));
  }
  const auto many = test::uniform<E>({67, 331}, seed++, lo, hi);
  out.emplace_back(many, test::uniform<E>({331}, seed++, lo, hi));
  out.emplace_back(tl::slice(many, 1, 0, 331, 2), test::uniform<E>({67, 1}, seed++, lo, hi));
  return out;
}

template <class E, class Backend>
using binary_function = tl::tensor<E, Backend> (*)(const tl::tensor<E, Backend>&, const tl::tensor<E, Backend>&);

template <class R, class E, class Backend>
tl::tensor<E, Backend> call(const tl::tensor<E, Backend>& a, const tl::tensor<E, Backend>& b) {
  return tl::apply(R{}, a, b);
}

template <class E>
void require_same_function(binary_function<E, B> f, binary_function<E, tl::reference> expected_f,
                           tl::sample_range sample) {
  for (const auto& [first, second] : operands<E>(sample.lo, sample.hi)) {
    INFO(tl::to_string(first.shape()) << " with " << tl::to_string(second.shape()));
    auto a = tl::stop_gradient(first), b = tl::stop_gradient(second);
    auto ea = test::on_reference(a), eb = test::on_reference(b);
    if constexpr (std::floating_point<E>) {
      a.requires_grad(true);
      b.requires_grad(true);
      ea.requires_grad(true);
      eb.requires_grad(true);
    }
    const auto y = f(a, b);
    const auto expected = expected_f(ea, eb);
    test::require_close(y, expected, 4);
    if constexpr (std::floating_point<E>) {
      const auto weights = test::uniform<E>(y.shape(), 7);
      y.backward(weights);
      expected.backward(test::on_reference(weights));
      test::require_close(a.grad(), ea.grad(), 16);
      test::require_close(b.grad(), eb.grad(), 16);
    }
  }
}

template <class R, class E>
void require_equal_to_reference() {
  require_same_function<E>(call<R, E, B>, call<R, E, tl::reference>, R::sample);
}

template <class R, class E>
tl::tensor<bool, B> compare(const tl::tensor<E, B>& a, const tl::tensor<E, B>& b) {
  return tl::apply_to<bool>(R{}, a, b);
}
template <class R, class E>
bool compare_one(E a, E b) {
  return R::f(a, b);
}

template <class E>
void require_comparison(tl::tensor<bool, B> (*f)(const tl::tensor<E, B>&, const tl::tensor<E, B>&),
                        bool (*expected)(E, E)) {
  for (const auto& [a, b] : operands<E>(0, 4)) {
    const auto y = test::on_reference(f(a, b));
    const auto wide_a = test::on_reference(tl::expand(a, y.shape())),
               wide_b = test::on_reference(tl::expand(b, y.shape()));
    std::size_t mistakes = 0;
    for (std::size_t i = 0; i < y.span().size(); ++i)
      mistakes += y.span()[i] != expected(wide_a.span()[i], wide_b.span()[i]);
    REQUIRE(mistakes == 0);
  }
}

}  // namespace

TEST_CASE("arithmetic ops equal the reference backend", "[ops][binary]") {
  tl::for_each_type(rule::arithmetic_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) {
      require_equal_to_reference<R, float>();
      require_equal_to_reference<R, double>();
    }
  });
}

TEST_CASE("integer ops equal the reference backend", "[ops][binary]") {
  tl::for_each_type(rule::integer_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) {
      require_equal_to_reference<R, std::int64_t>();
      require_equal_to_reference<R, std::int32_t>();
    }
  });
}

TEST_CASE("arithmetic ops have right first and second derivatives", "[ops][binary]") {
  tl::for_each_type(rule::arithmetic_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) {
      const auto f = [](const std::vector<T>& x) { return tl::apply(R{}, x[0], x[1]); };
      const auto u = [](const tl::shape& s, std::uint64_t seed) {
        return test::uniform<double>(s, seed, R::sample.lo, R::sample.hi);
      };
      test::require_gradients(f, {u({2, 2}, 1), u({2, 2}, 2)});
      test::require_gradients(f, {u({2, 1}, 3), u({2}, 4)});
      test::require_gradients(f, {u({}, 5), u({1, 2}, 6)});
    }
  });
}

TEST_CASE("comparisons agree with C++ on every type and shape", "[ops][binary]") {
  tl::for_each_type(rule::comparison_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) {
      tl::for_each_type(tl::type_list<float, double, std::int64_t, std::int32_t, std::uint8_t>{},
                        []<class E>() { require_comparison<E>(compare<R, E>, compare_one<R, E>); });
      auto x = T::ones({2}).requires_grad(true);
      REQUIRE_THROWS_AS((compare<R, double>(x, T::ones({2}))), tl::gradient_error);
      REQUIRE_THROWS_AS((compare<R, double>(T::ones({2}), x)), tl::gradient_error);
    }
  });
}

TEST_CASE("binary functions have the values of the formulas", "[ops][binary]") {
  const auto a = T::from({1, -2, 3}, {3}), b = T::from({4, 0.5, 3}, {3});
  test::require_values(a + b, {5, -1.5, 6});
  test::require_values(a - b, {-3, -2.5, 0});
  test::require_values(a * b, {4, -1, 9});
  test::require_values(a / b, {0.25, -4, 1});
  test::require_values(tl::pow(b, a), {4, 4, 27});
  test::require_values(tl::maximum(a, b), {4, 0.5, 3});
  test::require_values(tl::minimum(a, b), {1, -2, 3});
}

TEST_CASE("comparisons and logic", "[ops][binary]") {
  const auto a = T::from({1, 2, 3}, {3}), b = T::from({2, 2, 2}, {3});
  const auto bits = [](const tl::tensor<bool, B>& t) {
    std::string s;
    const auto host = test::on_reference(t);
    for (bool v : host.span()) s += v ? '1' : '0';
    return s;
  };
  REQUIRE(bits(tl::equal(a, b)) == "010");
  REQUIRE(bits(tl::not_equal(a, b)) == "101");
  REQUIRE(bits(tl::less(a, b)) == "100");
  REQUIRE(bits(tl::less_equal(a, b)) == "110");
  REQUIRE(bits(tl::greater(a, b)) == "001");
  REQUIRE(bits(tl::greater_equal(a, b)) == "011");
  REQUIRE(bits(tl::less(a, 2.5)) == "110");
  REQUIRE(bits(tl::equal(tl::tensor<std::uint8_t, B>::from({7, 8}, {2}), 8)) == "01");
  const auto low = tl::less(a, b), middle = tl::equal(a, b);
  REQUIRE(bits(tl::logical_or(low, middle)) == "110");
  REQUIRE(bits(tl::logical_and(low, middle)) == "000");
  REQUIRE(bits(tl::logical_not(low)) == "011");
}

TEST_CASE("a NaN is larger and smaller than everything and equal to nothing", "[ops][binary]") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const auto a = T::from({nan, 1}, {2}), b = T::from({1, nan}, {2});
  const auto both = tl::tensor<double, tl::reference>::from({nan, nan}, {2});
  test::require_close(tl::maximum(a, b), both);
  test::require_close(tl::minimum(a, b), both);
  REQUIRE_FALSE(tl::equal(tl::slice(a, 0, 0, 1), tl::slice(a, 0, 0, 1)).item());
}

TEST_CASE("equal operands of maximum and minimum share the gradient", "[ops][binary]") {
  auto a = T::from({1, 2, 3}, {3}).requires_grad(true), b = T::from({2, 2, 2}, {3}).requires_grad(true);
  tl::maximum(a, b).backward(T::ones({3}));
  test::require_values(a.grad(), {0, 0.5, 1});
  test::require_values(b.grad(), {1, 0.5, 0});
  a.zero_grad();
  tl::minimum(a, b).backward(T::ones({3}));
  test::require_values(a.grad(), {1, 0.5, 0});
}

TEST_CASE("where chooses and sends the gradient the same way", "[ops][binary]") {
  const auto c = tl::tensor<bool, B>::from({true, false}, {2, 1});
  auto a = T::from({1, 2, 3}, {3}).requires_grad(true), b = T::from({10}, {1}).requires_grad(true);
  const auto y = tl::where(c, a, b);
  test::require_values(y, {1, 2, 3, 10, 10, 10});
  y.backward(T::from({1, 2, 3, 4, 5, 6}, {2, 3}));
  test::require_values(a.grad(), {1, 2, 3});
  test::require_values(b.grad(), {15});
  test::require_gradients([&](const std::vector<T>& x) { return tl::where(c, tl::transpose(x[0]), x[1]); },
                          {test::uniform<double>({3, 2}, 1), test::uniform<double>({}, 2)});
}

TEST_CASE("masked_fill writes a value and stops its gradient", "[ops][binary]") {
  const auto mask = tl::tensor<bool, B>::from({true, false}, {2});
  auto x = T::from({1, 2, 3, 4}, {2, 2}).requires_grad(true);
  const auto y = tl::masked_fill(x, mask, -9);
  test::require_values(y, {-9, 2, -9, 4});
  y.backward(T::ones({2, 2}));
  test::require_values(x.grad(), {0, 1, 0, 1});
  REQUIRE(tl::masked_fill(tl::tensor<std::int64_t, B>::arange(2), mask, 5).to_vector() ==
          std::vector<std::int64_t>{5, 1});
}

TEST_CASE("an overwritten mask is noticed by the backward pass", "[ops][binary]") {
  auto mask = tl::tensor<bool, B>::from({true, false}, {2});
  auto x = T::ones({2}).requires_grad(true);
  const auto y = tl::masked_fill(x, mask, 0);
  mask.fill(false);
  REQUIRE_THROWS_WITH(y.backward(T::ones({2})),
                      Catch::Contains("where: a tensor saved for the backward pass was overwritten"));
}

TEST_CASE("shapes that do not broadcast are named", "[ops][binary]") {
  REQUIRE_THROWS_WITH(T::ones({2, 3}) + T::ones({4}),
                      Catch::Equals("add: shapes do not broadcast: lhs [2, 3], rhs [4] (3 vs 4)"));
  REQUIRE_THROWS_AS(T::ones({2, 3}) * T::ones({3, 3}), tl::shape_error);
  REQUIRE_THROWS_WITH(tl::less(T::ones({2}), T::ones({3})), Catch::Contains("less: shapes do not broadcast"));
  REQUIRE_THROWS_WITH(tl::where(tl::equal(T::ones({2}), 1), T::ones({3}), T::ones({1})),
                      Catch::Equals("where: shapes do not broadcast: lhs [2], rhs [3] (2 vs 3)"));
}
