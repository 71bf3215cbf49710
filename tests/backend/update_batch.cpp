#include <tensorlab/backend/update_batch.hpp>

#include <tensorlab/rule/update.hpp>

#include "backend/both.hpp"

namespace {

using namespace test;

/// An item of `batch` over element 1 of these arrays on: no pack begins where memory is aligned.
template <class R, class T, class Backend>
void add(tl::update_batch<R, T>& batch, const R& rule, tl::array<T, Backend>& p, const tl::array<T, Backend>& g,
         std::vector<both<T>>& states, tl::array<T, Backend> both<T>::*side) {
  tl::update_item<R, T> item{rule, p.size() - 1, p.data() + 1, g.data() + 1, {}};
  for (std::size_t i = 0; i < states.size(); ++i) item.state[i] = (states[i].*side).data() + 1;
  batch.add(item);
}

template <class R, class T>
void check(const std::vector<std::int64_t>& counts) {
  std::vector<both<T>> parameters, gradients;
  std::vector<std::vector<both<T>>> states;
  tl::update_batch<R, T> expected, got;
  std::uint64_t seed = 0;
  for (const std::int64_t n : counts) {
    parameters.push_back(random_both<T>({n + 1}, layout::dense, ++seed));
    gradients.push_back(random_both<T>({n + 1}, layout::dense, ++seed));
    states.emplace_back();
    // Not negative: averages of squares are among them.
    for (int i = 0; i < R::states; ++i) states.back().push_back(random_both<T>({n + 1}, layout::dense, ++seed, 0, 2));
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    R rule;
    if constexpr (requires { rule.factor; }) rule.factor = 1.0 / static_cast<double>(i + 1);
    if constexpr (requires { rule.lr; }) rule.lr = 0.125;
    add(expected, rule, parameters[i].expected, gradients[i].expected, states[i], &both<T>::expected);
    add(got, rule, parameters[i].got, gradients[i].got, states[i], &both<T>::got);
  }
  tl::reference::update(expected);
  B::update(got);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    INFO(R::name << ", item " << i << " of " << counts.size());
    require_equal(parameters[i]);
    for (const both<T>& s : states[i]) require_equal(s);
  }
}

}  // namespace

TEMPLATE_TEST_CASE("a batch of updates agrees with the reference", "[backend]", float, double) {
  tl::for_each_type(tl::rule::update_ops{}, []<class R>() {
    check<R, TestType>({1});
    check<R, TestType>({5, 0, 31, 32, 33, 1, 0, 200});
    check<R, TestType>({3, 20001, 64, 9000, 1});
    check<R, TestType>(std::vector<std::int64_t>(tl::update_batch<R, TestType>::capacity, 7));
  });
}

TEST_CASE("a batch counts its items and their elements", "[backend]") {
  tl::update_batch<tl::rule::sgd, float> batch;
  REQUIRE(batch.elements() == 0);
  B::update(batch);
  float p[3] = {1, 2, 3};
  const float g[3] = {1, 1, 1};
  while (!batch.full()) batch.add({{}, 3, p, g, {}});
  REQUIRE(batch.size == batch.capacity);
  REQUIRE(batch.elements() == 3 * batch.capacity);
}
