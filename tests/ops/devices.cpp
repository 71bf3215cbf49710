#include <tensorlab/loss/bce.hpp>
#include <tensorlab/loss/cross_entropy.hpp>
#include <tensorlab/loss/regression.hpp>
#include <tensorlab/ops/attention.hpp>
#include <tensorlab/ops/conv.hpp>
#include <tensorlab/ops/graph.hpp>
#include <tensorlab/ops/norm.hpp>
#include <tensorlab/ops/rnn.hpp>
#include <tensorlab/ops/scatter.hpp>
#include <tensorlab/ops/search.hpp>
#include <tensorlab/ops/similarity.hpp>

#include <functional>
#include <string>
#include <vector>

#include "support/backend.hpp"

using T = tl::tensor<double, B>;
using ids = tl::tensor<std::int64_t, B>;
using flags = tl::tensor<bool, B>;

namespace {

/// Where the operands of a call lie: all on device 0 but one, which lies on device 1.
class placing {
 public:
  explicit placing(int other) : other_(other) {}
  T operator()(const tl::shape& s) { return T::ones(s, next()); }
  ids index(const tl::shape& s) { return ids::zeros(s, next()); }
  flags mask(const tl::shape& s) { return flags::full(s, true, next()); }
  int placed() const { return placed_; }

 private:
  int next() { return placed_++ == other_ ? 1 : 0; }
  int other_, placed_ = 0;
};

struct call {
  std::string name;
  std::function<void(placing&)> run;
};

// Braced lists are evaluated in their order, so operand k is the k-th one written.
std::vector<call> calls() {
  using tl::loss::reduction;
  const auto lstm = [](placing& on) {
    const T x = on({2, 3, 4}), h0 = on({2, 5}), c0 = on({2, 5});
    const tl::rnn_weights<double, B> w{on({20, 4}), on({20, 5}), on({20}), on({20})};
    return tl::lstm_direction(x, h0, c0, w, {false, on.mask({2, 3})});
  };
  const auto gru = [](placing& on) {
    const T x = on({2, 3, 4}), h0 = on({2, 5});
    const tl::rnn_weights<double, B> w{on({15, 4}), on({15, 5}), on({15}), on({15})};
    return tl::gru_direction(x, h0, w, {false, on.mask({2, 3})});
  };
  return {
      {"add",
       [](placing& on) {
         const T a = on({2}), b = on({2});
         a + b;
       }},
      {"less",
       [](placing& on) {
         const T a = on({2}), b = on({2});
         tl::less(a, b);
       }},
      {"where",
       [](placing& on) {
         const auto c = on.mask({2});
         const T a = on({2}), b = on({2});
         tl::where(c, a, b);
       }},
      {"matmul",
       [](placing& on) {
         const T a = on({2, 2}), b = on({2, 2});
         tl::matmul(a, b);
       }},
      {"linear",
       [](placing& on) {
         const T x = on({2, 3}), w = on({4, 3}), b = on({4});
         tl::linear(x, w, b);
       }},
      {"cat",
       [](placing& on) {
         const T a = on({2}), b = on({2}), c = on({2});
         tl::cat({a, b, c}, 0);
       }},
      {"conv1d",
       [](placing& on) {
         const T x = on({1, 2, 5}), w = on({3, 2, 3}), b = on({3});
         tl::conv1d(x, w, b);
       }},
      {"conv2d",
       [](placing& on) {
         const T x = on({1, 2, 5, 5}), w = on({3, 2, 3, 3}), b = on({3});
         tl::conv2d(x, w, b);
       }},
      {"batch_norm",
       [](placing& on) {
         const T x = on({2, 3}), g = on({3}), b = on({3}), m = on({3}), v = on({3});
         tl::batch_norm(x, g, b, m, v, {.training = true});
       }},
      {"batch_norm",
       [](placing& on) {
         const T x = on({2, 3}), g = on({3}), b = on({3}), m = on({3}), v = on({3});
         tl::batch_norm(x, g, b, m, v);
       }},
      {"layer_norm",
       [](placing& on) {
         const T x = on({2, 3}), g = on({3}), b = on({3});
         tl::layer_norm(x, g, b);
       }},
      {"scale_norm",
       [](placing& on) {
         const T x = on({2, 3}), g = on({3});
         tl::scale_norm(x, g);
       }},
      {"gather",
       [](placing& on) {
         const T x = on({2, 3});
         const auto i = on.index({2, 1});
         tl::gather(x, i, 1);
       }},
      {"scatter_add",
       [](placing& on) {
         const T x = on({2, 3}), src = on({2, 1});
         const auto i = on.index({2, 1});
         tl::scatter_add(x, i, src, 1);
       }},
      {"scatter",
       [](placing& on) {
         const T x = on({2, 3}), src = on({2, 1});
         const auto i = on.index({2, 1});
         tl::scatter(x, i, src, 1);
       }},
      {"index_select",
       [](placing& on) {
         const T x = on({2, 3});
         const auto i = on.index({1});
         tl::index_select(x, i, 1);
       }},
      {"embedding",
       [](placing& on) {
         const T w = on({2, 3});
         const auto i = on.index({4});
         tl::embedding(w, i);
       }},
      {"masked_select",
       [](placing& on) {
         const T x = on({3});
         const auto m = on.mask({3});
         tl::masked_select(x, m);
       }},
      {"segment_sum",
       [](placing& on) {
         const T x = on({3});
         const auto i = on.index({3});
         tl::segment_sum(x, i, 2);
       }},
      {"segment_mean",
       [](placing& on) {
         const T x = on({3});
         const auto i = on.index({3});
         tl::segment_mean(x, i, 2);
       }},
      {"segment_max",
       [](placing& on) {
         const T x = on({3});
         const auto i = on.index({3});
         tl::segment_max(x, i, 2);
       }},
      {"graph_aggregate",
       [](placing& on) {
         const T x = on({1, 2, 3, 4, 5}), a = on({2, 5, 5});
         tl::graph_aggregate(x, a);
       }},
      {"bucketize",
       [](placing& on) {
         const T x = on({3}), e = on({2});
         tl::bucketize(x, e);
       }},
      {"cosine_similarity",
       [](placing& on) {
         const T a = on({3}), b = on({3});
         tl::cosine_similarity(a, b);
       }},
      {"scaled_dot_product_attention",
       [](placing& on) {
         const T q = on({2, 3}), k = on({4, 3}), v = on({4, 5}), bias = on({2, 4});
         tl::scaled_dot_product_attention(q, k, v, {.mask = on.mask({2, 4}), .bias = bias});
       }},
      {"attention_pool",
       [](placing& on) {
         const T h = on({2, 3, 4}), s = on({2, 3});
         const auto m = on.mask({2, 3});
         tl::attention_pool(h, s, m);
       }},
      {"lstm", lstm},
      {"gru", gru},
      {"bce_with_logits",
       [](placing& on) {
         const T z = on({2, 3}), y = on({2, 3}), p = on({3}), w = on({3});
         tl::loss::bce_with_logits(z, y, {.pos_weight = p, .weight = w});
       }},
      {"binary_cross_entropy",
       [](placing& on) {
         const T p = on({2, 3}), y = on({2, 3}), w = on({3});
         tl::loss::binary_cross_entropy(p, y, {.weight = w});
       }},
      {"nll_loss",
       [](placing& on) {
         const T p = on({2, 3}), w = on({3});
         const auto y = on.index({2});
         tl::loss::nll_loss(p, y, {.weight = w});
       }},
      {"cross_entropy",
       [](placing& on) {
         const T z = on({2, 3}), w = on({3});
         const auto y = on.index({2});
         tl::loss::cross_entropy(z, y, {.weight = w, .label_smoothing = 0.1});
       }},
      {"cross_entropy",
       [](placing& on) {
         const T z = on({2, 3}), w = on({3}), y = on({2, 3});
         tl::loss::cross_entropy(z, y, {.weight = w});
       }},
      {"mse",
       [](placing& on) {
         const T a = on({3}), b = on({3});
         tl::loss::mse(a, b);
       }},
      {"l1",
       [](placing& on) {
         const T a = on({3}), b = on({3});
         tl::loss::l1(a, b);
       }},
      {"smooth_l1",
       [](placing& on) {
         const T a = on({3}), b = on({3});
         tl::loss::smooth_l1(a, b);
       }},
      {"huber",
       [](placing& on) {
         const T a = on({3}), b = on({3});
         tl::loss::huber(a, b);
       }},
      {"assign",
       [](placing& on) {
         T a = on({3});
         const T b = on({3});
         a.assign(b);
       }},
      {"backward",
       [](placing& on) {
         T a = on({3});
         const T b = on({3});
         (a.requires_grad(true) * 2).backward(b);
       }},
      {"grad",
       [](placing& on) {
         T a = on({3});
         const T b = on({3});
         a.requires_grad(true);
         tl::grad(a * 2, std::vector<T>{a}, {}, b);
       }},
  };
}

}  // namespace

TEST_CASE("every operand must lie on the others' device", "[ops]") {
  if (!B::host_accessible) test::skip("there may be one device only");
  for (const call& c : calls()) {
    INFO(c.name);
    placing together(-1);
    REQUIRE_NOTHROW(c.run(together));
    REQUIRE(together.placed() >= 2);
    for (int k = 0; k < together.placed(); ++k) {
      INFO("operand " << k);
      placing apart(k);
      REQUIRE_THROWS_AS(c.run(apart), tl::device_error);
      placing again(k);
      REQUIRE_THROWS_WITH(c.run(again),
                          Catch::StartsWith(c.name + ": operands on different devices: " + B::name + ":"));
    }
  }
}
