#include <tensorlab/backend/reference/elementwise.hpp>

#include <limits>

#include <tensorlab/rule/binary.hpp>
#include <tensorlab/rule/generate.hpp>
#include <tensorlab/rule/reduce.hpp>
#include <tensorlab/rule/update.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using oracle = tl::detail::reference_elementwise;
using integers = std::vector<std::int64_t>;

namespace {

template <class T>
tl::view<const T> in(const std::vector<T>& v, const tl::shape& s, const tl::strides& st) {
  return {v.data(), s, st};
}
template <class T>
tl::view<T> out(std::vector<T>& v, const tl::shape& s, const tl::strides& st) {
  return {v.data(), s, st};
}

}  // namespace

TEST_CASE("reference: elementwise work goes by row-major numbers", "[backend][reference]") {
  const std::vector<float> x{1, 2, 3, 4, 5, 6};
  std::vector<float> y(6);
  oracle::map(tl::rule::sub{}, out(y, {2, 3}, {3, 1}), in(x, {2, 3}, {1, 2}), in(x, {2, 3}, {0, 0}));
  REQUIRE(y == std::vector<float>{0, 2, 4, 1, 3, 5});
  oracle::generate(tl::rule::iota<float>{5, -1}, out(y, {3, 2}, {1, 3}));
  REQUIRE(y == std::vector<float>{5, 3, 1, 4, 2, 0});
  std::vector<float> p{1, 2}, g{10, 20};
  tl::update_batch<tl::rule::sgd, float> batch;
  batch.add({{0.5, 0}, 2, p.data(), g.data(), {}});
  oracle::update(batch);
  REQUIRE(p == std::vector<float>{-4, -8});
  oracle::map(tl::rule::sub{}, tl::view<float>{nullptr, {0}, {1}}, in(x, {0}, {1}), in(x, {0}, {1}));
}

TEST_CASE("reference: reductions of floats are summed in double", "[backend][reference]") {
  const std::vector<float> x{1e8f, 1, -1e8f, 2, 3, 4};
  std::vector<float> y(3, 9.0f);
  oracle::reduce(tl::rule::sum{}, out(y, {2, 3}, {1, 0}), in(x, {2, 3}, {3, 1}));
  REQUIRE(y == std::vector<float>{1, 9, 9});  // 1e8 + 1 needs more than a float
}

TEST_CASE("reference: reductions keep the dimensions whose stride is not zero", "[backend][reference]") {
  const std::vector<double> x{1, 2, 3, 4, 5, 6};
  std::vector<double> y(3);
  oracle::reduce(tl::rule::prod{}, out(y, {2, 3}, {0, 1}), in(x, {2, 3}, {3, 1}));
  REQUIRE(y == std::vector<double>{4, 10, 18});
  std::vector<double> all(1);
  oracle::reduce(tl::rule::max{}, out(all, {2, 3}, {0, 0}), in(x, {2, 3}, {3, 1}));
  REQUIRE(all[0] == 6);
  oracle::reduce(tl::rule::sum{}, out(all, {2, 0}, {0, 0}), in(x, {2, 0}, {0, 1}));
  REQUIRE(all[0] == 0);
}

TEST_CASE("reference: lines are walked along any axis", "[backend][reference]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x{3, 1, 2, 3, 1, nan};  // [3, 2]: columns 3, 2, 1 and 1, 3, NaN
  integers at(2);
  oracle::arg_reduce(tl::rule::max{}, out(at, {3, 2}, {0, 1}), in(x, {3, 2}, {2, 1}), 0);
  REQUIRE(at == integers{0, 2});
  std::vector<float> y(6);
  oracle::cumulate(tl::rule::sum{}, out(y, {3, 2}, {2, 1}), in(x, {3, 2}, {2, 1}), 0, false);
  REQUIRE(std::vector<float>(y.begin(), y.begin() + 5) == std::vector<float>{3, 1, 5, 4, 6});
  oracle::cumulate(tl::rule::sum{}, out(y, {3, 2}, {2, 1}), in(x, {3, 2}, {2, 1}), 1, true);
  REQUIRE(std::vector<float>(y.begin(), y.begin() + 4) == std::vector<float>{4, 1, 5, 3});
  integers order(6);
  oracle::sort(out(y, {3, 2}, {2, 1}), out(order, {3, 2}, {2, 1}), in(x, {3, 2}, {2, 1}), 0, false);
  REQUIRE(order == integers{2, 0, 1, 1, 0, 2});
  oracle::sort(out(y, {3, 2}, {2, 1}), out(order, {3, 2}, {2, 1}), in(x, {3, 2}, {2, 1}), 0, true);
  REQUIRE(order == integers{0, 2, 1, 1, 2, 0});
  REQUIRE(std::vector<float>(y.begin() + 2, y.end()) == std::vector<float>{2, 3, 1, 1});
}

TEST_CASE("reference: an index chooses places along an axis", "[backend][reference]") {
  const std::vector<float> x{1, 2, 3, 10, 20, 30};
  const integers index{2, 0, 2, 1};
  std::vector<float> y(4), sums{0, 0, 1000, 0, 0, 1000};
  oracle::gather(out(y, {2, 2}, {2, 1}), in(x, {2, 3}, {3, 1}), in(index, {2, 2}, {2, 1}), 1);
  REQUIRE(y == std::vector<float>{3, 1, 30, 20});
  oracle::scatter_add(out(sums, {2, 3}, {3, 1}), in(y, {2, 2}, {2, 1}), in(index, {2, 2}, {2, 1}), 1);
  REQUIRE(sums == std::vector<float>{1, 0, 1003, 0, 20, 1030});
  integers bins(4);
  oracle::bucketize(out(bins, {4}, {1}), in(y, {4}, {1}), in(x, {3}, {1}), true);
  REQUIRE(bins == integers{3, 1, 3, 3});
  oracle::bucketize(out(bins, {4}, {1}), in(y, {4}, {1}), in(x, {3}, {1}), false);
  REQUIRE(bins == integers{2, 0, 3, 3});
}
