#include <tensorlab/ops/graph.hpp>

#include "ops/layouts.hpp"
#include "ops/parity.hpp"

using F = tl::tensor<float, B>;
using Index = tl::tensor<std::int64_t, B>;

TEST_CASE("graph_aggregate sums over subsets and neighbours", "[ops][graph]") {
  // N = C = T = 1, K = 2, V = 2, W = 1: y = 1*1 + 2*10 + 3*100 + 4*1000.
  const auto x = F::from({1, 2, 3, 4}, {1, 2, 1, 1, 2}), a = F::from({1, 10, 100, 1000}, {2, 2, 1});
  test::require_values(tl::graph_aggregate(x, a), {4321});
  // Channels and times keep apart: K = V = W = 1.
  const auto z = tl::graph_aggregate(tl::reshape(F::arange(12), {2, 1, 2, 3, 1}), F::from({2}, {1, 1, 1}));
  REQUIRE(z.shape() == tl::shape{2, 2, 3, 1});
  test::require_values(z, {0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22});
}

TEMPLATE_TEST_CASE("graph_aggregate equals the reference backend", "[ops][graph]", float, double) {
  using T = TestType;
  const auto f = [](const auto& v) { return tl::graph_aggregate(v[0], v[1]); };
  for (const tl::shape& s : {tl::shape{2, 3, 4, 5, 17}, tl::shape{1, 1, 3, 2, 4}, tl::shape{3, 2, 1, 1, 2}}) {
    INFO(tl::to_string(s));
    const auto x = test::uniform<T>(s, 1), a = test::uniform<T>({s[1], s[4], s[4]}, 2);
    test::require_same_as_reference<T>(f, {x, a});
    // As a convolution leaves it: [N, K C, T, V] in (N, T, V, K C) memory.
    const auto flat = test::to_channels_last(tl::reshape(x, {s[0], s[1] * s[2], s[3], s[4]}));
    const auto split = tl::reshape(flat, s);
    REQUIRE(split.array().storage() == flat.array().storage());
    test::require_same_as_reference<T>(f, {split, a});
    REQUIRE(tl::is_channels_last(f(std::vector{split, a}).shape(), f(std::vector{split, a}).strides()));
  }
  test::require_same_as_reference<T>(f, {test::uniform<T>({2, 3, 2, 2, 4}, 1), test::uniform<T>({3, 4, 6}, 2)});
}

TEST_CASE("graph_aggregate has right first and second derivatives", "[ops][graph]") {
  const auto x = test::uniform<double>({2, 2, 2, 2, 3}, 1), a = test::uniform<double>({2, 3, 2}, 2);
  test::require_gradients([](const auto& v) { return tl::graph_aggregate(v[0], v[1]); }, {x, a});
}

TEST_CASE("segments are summed, averaged and searched", "[ops][graph]") {
  const auto x = F::from({1, -1, 2, -2, 3, -3, 4, -4}, {4, 2});
  const auto ids = Index::from({2, 0, 2, 0}, {4});
  test::require_values(tl::segment_sum(x, ids, 4), {6, -6, 0, 0, 4, -4, 0, 0});
  test::require_values(tl::segment_mean(x, ids, 4), {3, -3, 0, 0, 2, -2, 0, 0});
  test::require_values(tl::segment_max(x, ids, 4), {4, -2, 0, 0, 3, -1, 0, 0});
  test::require_values(tl::segment_max(F::zeros({0, 2}), Index::zeros({0}), 2), {0, 0, 0, 0});
  test::require_values(tl::segment_sum(F::zeros({0, 2}), Index::zeros({0}), 1), {0, 0});
}

TEST_CASE("equal maxima of a segment share the gradient", "[ops][graph]") {
  auto x = F::from({7, 7, 1, 5}, {4}).requires_grad(true);
  tl::sum(tl::segment_max(x, Index::from({0, 0, 0, 1}, {4}), 2)).backward();
  test::require_values(x.grad(), {0.5, 0.5, 0, 1});
}

TEMPLATE_TEST_CASE("segments equal the reference backend", "[ops][graph]", float, double) {
  using T = TestType;
  const auto ids = test::uniform<std::int64_t>({40}, 5, 0, 7);
  for (const auto& x :
       {test::uniform<T>({40}, 1), test::uniform<T>({40, 3, 5}, 2), tl::transpose(test::uniform<T>({6, 40}, 3))}) {
    const auto run = [&](const auto& f) { test::require_same_as_reference<T>(f, {x}); };
    const auto on = [&](const auto& v) {
      return test::on_backend<typename std::decay_t<decltype(v[0])>::backend_type>(ids);
    };
    run([&](const auto& v) { return tl::segment_sum(v[0], on(v), 9); });
    run([&](const auto& v) { return tl::segment_mean(v[0], on(v), 9); });
    run([&](const auto& v) { return tl::segment_max(v[0], on(v), 9); });
  }
}

TEST_CASE("segments have right first and second derivatives", "[ops][graph]") {
  const auto x = test::uniform<double>({5, 2}, 1);
  const auto ids = Index::from({3, 1, 0, 1, 3}, {5});
  test::require_gradients([&](const auto& v) { return tl::segment_sum(v[0], ids, 5); }, {x});
  test::require_gradients([&](const auto& v) { return tl::segment_mean(v[0], ids, 5); }, {x});
  test::require_gradients([&](const auto& v) { return tl::segment_max(v[0], ids, 5); }, {x});
}

TEST_CASE("graph ops name what does not fit", "[ops][graph]") {
  const auto x = F::zeros({2, 3, 4, 5, 6});
  REQUIRE_THROWS_WITH(
      tl::graph_aggregate(x, F::zeros({2, 6, 6})),
      "graph_aggregate: numbers of subsets differ: input [2, 3, 4, 5, 6], adjacency [2, 6, 6] (3 vs 2)");
  REQUIRE_THROWS_WITH(tl::graph_aggregate(x, F::zeros({3, 5, 6})),
                      "graph_aggregate: numbers of nodes differ: input [2, 3, 4, 5, 6], adjacency [3, 5, 6] (6 vs 5)");
  REQUIRE_THROWS_WITH(tl::graph_aggregate(F::zeros({2, 3, 4}), F::zeros({2, 6, 6})),
                      "graph_aggregate: input: expected rank 5, got shape [2, 3, 4]");
  const auto rows = F::zeros({3, 2});
  REQUIRE_THROWS_WITH(tl::segment_sum(rows, Index::zeros({4}), 2),
                      "segment_sum: one segment per row expected: input [3, 2], ids [4]");
  REQUIRE_THROWS_WITH(tl::segment_mean(rows, Index::from({0, 2, 1}, {3}), 2),
                      "segment_mean: index out of range: segments [2], axis 0 (2 vs 2)");
  REQUIRE_THROWS_WITH(tl::segment_max(rows, Index::from({0, -1, 1}, {3}), 2),
                      "segment_max: index out of range: segments [2], axis 0 (-1 vs 2)");
}
