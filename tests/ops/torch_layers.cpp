// Structured ops against PyTorch's numbers (tests/golden/make_layers.py).
#include "ops/torch_layers.hpp"

#include <tensorlab/ops/attention.hpp>
#include <tensorlab/ops/conv.hpp>
#include <tensorlab/ops/graph.hpp>
#include <tensorlab/ops/norm.hpp>
#include <tensorlab/ops/pool.hpp>
#include <tensorlab/ops/softmax.hpp>

#include "ops/parity.hpp"

namespace {

using inputs = std::vector<std::pair<std::string, tl::shape>>;

template <class T, class F>
void check(const std::string& name, const inputs& shapes, const F& f) {
  test::require_golden_case<T>(torch_layers(), name, shapes, f);
}

template <class T>
void check_batch_norm(const std::string& name, const tl::shape& s) {
  const tl::shape channels{s[1]};
  auto mean = test::golden_fill<T>(channels, 7), var = test::golden_fill<T>(channels, 8) + 2;
  const inputs shapes{{"x", s}, {"gamma", channels}, {"beta", channels}};
  check<T>(name + " train", shapes, [&](const auto& v) {
    return tl::batch_norm(v[0], v[1], v[2], mean, var, {.training = true, .momentum = 0.3, .eps = 1e-3});
  });
  test::require_golden(torch_layers(), name + " running_mean", mean);
  test::require_golden(torch_layers(), name + " running_var", var);
  check<T>(name + " eval", shapes,
           [&](const auto& v) { return tl::batch_norm(v[0], v[1], v[2], mean, var, {.eps = 1e-3}); });
}

}  // namespace

TEMPLATE_TEST_CASE("convolution gives PyTorch's numbers", "[ops][conv]", float, double) {
  using T = TestType;
  check<T>("conv2d", {{"x", {1, 4, 6, 4}}, {"w", {6, 2, 3, 2}}, {"b", {6}}}, [](const auto& v) {
    return tl::conv2d(v[0], v[1], v[2], {.stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}, .groups = 2});
  });
  check<T>("conv2d asymmetric", {{"x", {1, 2, 5, 4}}, {"w", {3, 2, 2, 3}}}, [](const auto& v) {
    return tl::conv2d(v[0], v[1], {}, {.stride = 2, .padding = {{0, 1}, {2, 0}}});
  });
  check<T>("conv1d", {{"x", {2, 3, 7}}, {"w", {4, 3, 3}}, {"b", {4}}},
           [](const auto& v) { return tl::conv1d(v[0], v[1], v[2], {.stride = 2, .padding = 1, .dilation = 2}); });
}

TEMPLATE_TEST_CASE("pooling gives PyTorch's numbers", "[ops][pool]", float, double) {
  using T = TestType;
  const inputs image{{"x", {1, 2, 5, 6}}};
  check<T>("max_pool2d", image, [](const auto& v) {
    return tl::max_pool2d(v[0], {.kernel = {3, 2}, .stride = 2, .padding = 1});
  });
  check<T>("avg_pool2d", image, [](const auto& v) {
    return tl::avg_pool2d(v[0], {.kernel = {3, 2}, .stride = 2, .padding = 1});
  });
  check<T>("avg_pool2d inside", image, [](const auto& v) {
    return tl::avg_pool2d(v[0], {.kernel = {3, 2}, .stride = 2, .padding = 1, .count_include_pad = false});
  });
}

TEMPLATE_TEST_CASE("normalisation gives PyTorch's numbers", "[ops][norm]", float, double) {
  using T = TestType;
  check_batch_norm<T>("batch_norm2d", {3, 2, 2, 3});
  check_batch_norm<T>("batch_norm1d", {5, 3});
  check<T>("layer_norm", {{"x", {3, 2, 4}}, {"gamma", {2, 4}}, {"beta", {2, 4}}},
           [](const auto& v) { return tl::layer_norm(v[0], v[1], v[2]); });
}

TEMPLATE_TEST_CASE("softmax and attention give PyTorch's numbers", "[ops][attention]", float, double) {
  using T = TestType;
  check<T>("softmax", {{"x", {2, 3, 4}}}, [](const auto& v) { return tl::softmax(v[0] * 4, 1); });
  check<T>("log_softmax", {{"x", {2, 3, 4}}}, [](const auto& v) { return tl::log_softmax(v[0] * 4, 2); });
  inputs heads{{"q", {2, 1, 3, 4}}, {"k", {2, 1, 5, 4}}, {"v", {2, 1, 5, 2}}};
  check<T>("attention", heads, [](const auto& v) { return tl::scaled_dot_product_attention(v[0], v[1], v[2]); });
  const auto mask = tl::tensor<bool, B>::from(
      {true, true, false, false, true, true, false, true, true, true, false, false, false, true, false}, {3, 5});
  check<T>("attention mask", heads,
           [&](const auto& v) { return tl::scaled_dot_product_attention(v[0], v[1], v[2], {.mask = mask}); });
  heads.push_back({"bias", {1, 3, 5}});
  check<T>("attention bias", heads, [](const auto& v) {
    return tl::scaled_dot_product_attention(v[0], v[1], v[2], {.bias = v[3], .scale = 0.7});
  });
}

TEMPLATE_TEST_CASE("graph_aggregate gives PyTorch's numbers", "[ops][graph]", float, double) {
  check<TestType>("graph_aggregate", {{"x", {2, 2, 2, 3, 3}}, {"a", {2, 3, 4}}},
                  [](const auto& v) { return tl::graph_aggregate(v[0], v[1]); });
}
