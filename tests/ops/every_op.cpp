#include <tensorlab/ops/arrange.hpp>
#include <tensorlab/ops/attention.hpp>
#include <tensorlab/ops/batch_norm_relu.hpp>
#include <tensorlab/ops/conv.hpp>
#include <tensorlab/ops/conv_relu.hpp>
#include <tensorlab/ops/dropout.hpp>
#include <tensorlab/ops/graph.hpp>
#include <tensorlab/ops/interpolate.hpp>
#include <tensorlab/ops/norm.hpp>
#include <tensorlab/ops/pad.hpp>
#include <tensorlab/ops/pool.hpp>
#include <tensorlab/ops/resample.hpp>
#include <tensorlab/ops/rnn.hpp>
#include <tensorlab/ops/scatter.hpp>
#include <tensorlab/ops/similarity.hpp>
#include <tensorlab/ops/softmax.hpp>
#include <tensorlab/ops/sort.hpp>

#include "ops/cases.hpp"

// The differentiable ops that are not elementwise, each with a case: scripts/checks/coverage.py fails for one that is
// missing here. Literals, special values and errors are in the file of each op.

using test::constant;
using test::entry;
using test::mask_for;

namespace {

/// Several results as one vector.
template <class... X>
auto joined(const X&... x) {
  return tl::cat({tl::flatten(x)...}, 0);
}
template <class V>
using weights_of = tl::rnn_weights<double, test::backend_of_list<V>>;
template <class V>
using direction_of = tl::rnn_direction<test::backend_of_list<V>>;

}  // namespace

TEST_CASE("every op that moves elements has a gradient and equals the reference", "[ops][every]") {
  test::require_all({
      entry("flip", {{{2, 3, 4}}},
            [](const auto& x) {
              return tl::flip(x[0], {0, -1});
            }),
      entry("roll", {{{3, 4}}},
            [](const auto& x) {
              return tl::roll(x[0], {1, -2}, {0, 1});
            }),
      entry("tile", {{{2, 3}}},
            [](const auto& x) {
              return tl::tile(x[0], {2, 3});
            }),
      entry("split_heads", {{{2, 3, 4}}}, [](const auto& x) { return tl::split_heads(x[0], 2); }),
      entry("merge_heads", {{{2, 2, 3, 2}}}, [](const auto& x) { return tl::merge_heads(x[0]); }),
      entry("where", {{{2, 3}}, {{3}}},
            [](const auto& x) {
              return tl::where(mask_for(x, {2, 3}), x[0], x[1]);
            }),
      entry("masked_fill", {{{2, 3}}}, [](const auto& x) { return tl::masked_fill(x[0], mask_for(x, {3}, 2), 7); }),
      entry("cat", {{{2, 3}}, {{2, 1}}, {{2, 0}}},
            [](const auto& x) {
              return tl::cat({x[0], x[1], x[2]}, 1);
            }),
      entry("stack", {{{2, 3}}, {{2, 3}}},
            [](const auto& x) {
              return tl::stack({x[0], x[1]}, 1);
            }),
      entry("pad", {{{2, 3}}},
            [](const auto& x) {
              return tl::pad(x[0], {{1, 0}, {0, 2}}, 5);
            }),
      entry("upsample_nearest", {{{2, 1, 3, 2}}}, [](const auto& x) { return tl::upsample_nearest(x[0], 2); }),
      entry("resize_bilinear", {{{2, 1, 3, 2}}}, [](const auto& x) { return tl::resize_bilinear(x[0], 2, 5); }),
      entry("warp_affine", {{{2, 1, 3, 2}}},
            [](const auto& x) {
              return tl::warp_affine(x[0], {0.8, -0.6, 1, 0.6, 0.8, 0}, 3, 4, 2);
            }),
      entry("space_to_depth", {{{2, 3, 4, 2}}}, [](const auto& x) { return tl::space_to_depth(x[0], 2); }),
      entry("reshape", {{{2, 3, 4}}},
            [](const auto& x) {
              return tl::reshape(x[0], {4, -1});
            }),
      entry("flatten", {{{2, 3, 4}}}, [](const auto& x) { return tl::flatten(x[0], 1); }),
      entry("squeeze", {{{2, 1, 3}}}, [](const auto& x) { return tl::squeeze(x[0], 1); }),
      entry("unsqueeze", {{{2, 3}}}, [](const auto& x) { return tl::unsqueeze(x[0], 1); }),
      entry("permute", {{{2, 3, 4}}},
            [](const auto& x) {
              return tl::permute(x[0], {2, 0, 1});
            }),
      entry("transpose", {{{2, 3, 4}}}, [](const auto& x) { return tl::transpose(x[0], 0, 2); }),
      entry("contiguous", {{{2, 3}}}, [](const auto& x) { return tl::contiguous(tl::transpose(x[0])); }),
      entry("slice", {{{2, 7}}}, [](const auto& x) { return tl::slice(x[0], 1, 1, 6, 2); }),
      entry("narrow", {{{2, 7}}}, [](const auto& x) { return tl::narrow(x[0], 1, 2, 3); }),
      entry("select", {{{2, 7}}}, [](const auto& x) { return tl::select(x[0], 1, -2); }),
      entry("split", {{{2, 5}}},
            [](const auto& x) {
              const auto parts = tl::split(x[0], 1, {2, 3});
              return joined(tl::square(parts[1]), parts[0]);
            }),
      entry("chunk", {{{2, 6}}},
            [](const auto& x) {
              const auto parts = tl::chunk(x[0], 1, 3);
              return parts[0] * parts[2] + parts[1];
            }),
      entry("unbind", {{{3, 2}}},
            [](const auto& x) {
              const auto rows = tl::unbind(x[0], 0);
              return rows[0] * rows[2] + rows[1];
            }),
      entry("gather", {{{2, 3}}},
            [](const auto& x) {
              return tl::gather(x[0], constant(x, {2, 0, 1, 1}, {2, 2}), 1);
            }),
      entry("scatter_add", {{{2, 3}}, {{2, 2}}},
            [](const auto& x) {
              return tl::scatter_add(x[0], constant(x, {2, 2, 1, 0}, {2, 2}), x[1], 1);
            }),
      entry("scatter", {{{2, 3}}, {{2, 2}}},
            [](const auto& x) {
              return tl::scatter(x[0], constant(x, {2, 2, 1, 0}, {2, 2}), x[1], 1);
            }),
      entry("index_select", {{{2, 3}}},
            [](const auto& x) {
              return tl::index_select(x[0], constant(x, {2, 0, 2}, {3}), 1);
            }),
      entry("embedding", {{{4, 3}}},
            [](const auto& x) {
              return tl::embedding(x[0], constant(x, {3, 0, 3, 1}, {2, 2}));
            }),
      entry("masked_select", {{{2, 3}}},
            [](const auto& x) {
              return tl::masked_select(x[0], mask_for(x, {2, 3}));
            }),
      entry("sort", {{{3, 5}}}, [](const auto& x) { return tl::sort(x[0], 1, true).values; }),
      entry("topk", {{{3, 5}}}, [](const auto& x) { return tl::topk(x[0], 2, 1).values; }),
  });
}

TEST_CASE("every reduction and normalisation has a gradient and equals the reference", "[ops][every]") {
  test::require_all({
      entry("sum", {{{2, 3, 4}}},
            [](const auto& x) {
              return tl::sum(x[0], {0, 2});
            }),
      entry("mean", {{{2, 3, 4}}}, [](const auto& x) { return tl::mean(x[0], {1}, true); }),
      entry("prod", {{{2, 3, 4}}},
            [](const auto& x) {
              return tl::prod(x[0], {0, 2});
            }),
      entry("amax", {{{2, 3, 4}}}, [](const auto& x) { return tl::amax(x[0], {1}); }),
      entry("amin", {{{2, 3, 4}}},
            [](const auto& x) {
              return tl::amin(x[0], {0, 2});
            }),
      entry("var", {{{2, 3, 4}}}, [](const auto& x) { return tl::var(x[0], {2}); }),
      entry("stddev", {{{2, 3, 4}}},
            [](const auto& x) {
              return tl::stddev(x[0], {0, 1}, 0);
            }),
      entry("norm2", {{{2, 3, 4}}},
            [](const auto& x) {
              return tl::norm2(x[0], {1, 2});
            }),
      entry("logsumexp", {{{2, 3, 4}}}, [](const auto& x) { return tl::logsumexp(x[0], {1}); }),
      entry("cumsum", {{{2, 3, 4}}}, [](const auto& x) { return tl::cumsum(x[0], 1); }),
      entry("softmax", {{{2, 3, 4}}}, [](const auto& x) { return tl::softmax(x[0], 1); }),
      entry("log_softmax", {{{2, 3, 4}}}, [](const auto& x) { return tl::log_softmax(x[0], -1); }),
      entry("layer_norm", {{{2, 3, 5}}, {{3, 5}}, {{3, 5}}},
            [](const auto& x) { return tl::layer_norm(x[0], x[1], x[2]); }),
      entry("batch_norm in training", {{{3, 2, 4}}, {{2}}, {{2}}},
            [](const auto& x) { return tl::batch_norm(x[0], x[1], x[2], {}, {}, {.training = true}); }),
      entry("batch_norm in evaluation", {{{3, 2, 4}}, {{2}}, {{2}}, {{2}}, {{2}, 0.5, 2}},
            [](const auto& x) { return tl::batch_norm(x[0], x[1], x[2], x[3], x[4]); }),
      entry("batch_norm_relu in training", {{{3, 2, 4}}, {{2}}, {{2}}, {{3, 2, 4}}},
            [](const auto& x) { return tl::batch_norm_relu(x[0], x[1], x[2], {}, {}, {.training = true}, x[3]); }),
      entry("batch_norm_relu in evaluation", {{{3, 2, 4}}, {{2}}, {{2}}, {{2}}, {{2}, 0.5, 2}},
            [](const auto& x) { return tl::batch_norm_relu(x[0], x[1], x[2], x[3], x[4]); }),
      entry("scale_norm", {{{2, 3, 5}}, {{5}}}, [](const auto& x) { return tl::scale_norm(x[0], x[1]); }),
      entry("dropout", {{{4, 5}}}, [](const auto& x) { return tl::dropout(x[0], 0.4, tl::random::stream{5}); }),
      entry("dropout after gelu", {{{4, 5}}},
            [](const auto& x) { return tl::dropout(tl::rule::gelu{}, x[0], 0.4, tl::random::stream{5}); }),
      entry("drop_path", {{{6, 2}}}, [](const auto& x) { return tl::drop_path(x[0], 0.4, tl::random::stream{5}); }),
      entry("segment_sum", {{{4, 2}}},
            [](const auto& x) {
              return tl::segment_sum(x[0], constant(x, {2, 0, 2, 2}, {4}), 4);
            }),
      entry("segment_mean", {{{4, 2}}},
            [](const auto& x) {
              return tl::segment_mean(x[0], constant(x, {2, 0, 2, 2}, {4}), 4);
            }),
      entry("segment_max", {{{4, 2}}},
            [](const auto& x) {
              return tl::segment_max(x[0], constant(x, {2, 0, 2, 2}, {4}), 4);
            }),
  });
}

TEST_CASE("every product, convolution and pool has a gradient and equals the reference", "[ops][every]") {
  test::require_all({
      entry("matmul", {{{2, 1, 3, 4}}, {{3, 4, 2}}}, [](const auto& x) { return tl::matmul(x[0], x[1]); }),
      entry("dot", {{{5}}, {{5}}}, [](const auto& x) { return tl::dot(x[0], x[1]); }),
      entry("outer", {{{3}}, {{4}}}, [](const auto& x) { return tl::outer(x[0], x[1]); }),
      entry("linear", {{{2, 3, 4}}, {{5, 4}}, {{5}}}, [](const auto& x) { return tl::linear(x[0], x[1], x[2]); }),
      entry("conv1d", {{{2, 4, 7}}, {{6, 2, 3}}, {{6}}},
            [](const auto& x) {
              return tl::conv1d(x[0], x[1], x[2], {.stride = 2, .padding = {1, 2}, .groups = 2});
            }),
      entry("conv2d", {{{2, 2, 5, 4}}, {{3, 2, 2, 3}}, {{3}}},
            [](const auto& x) {
              return tl::conv2d(x[0], x[1], x[2], {.stride = {2, 1}, .padding = {{1, 0}, {2, 1}}, .dilation = {2, 1}});
            }),
      entry("conv2d_relu", {{{2, 2, 3, 4}}, {{3, 2, 2, 1}}, {{3}}, {{2, 3, 2, 4}}},
            [](const auto& x) { return tl::conv2d_relu(x[0], x[1], x[2], x[3]); }),
      entry("max_pool1d", {{{2, 3, 7}}},
            [](const auto& x) { return tl::max_pool1d(x[0], {.kernel = 3, .stride = 2, .padding = 1}); }),
      entry("avg_pool1d", {{{2, 3, 7}}},
            [](const auto& x) { return tl::avg_pool1d(x[0], {.kernel = 3, .stride = 2, .padding = 1}); }),
      entry("max_pool2d", {{{2, 3, 5, 6}}},
            [](const auto& x) {
              return tl::max_pool2d(x[0], {.kernel = {3, 2}, .stride = 2, .padding = {1, 0}});
            }),
      entry("avg_pool2d", {{{2, 3, 5, 6}}},
            [](const auto& x) {
              return tl::avg_pool2d(x[0], {.kernel = 3, .stride = 2, .padding = 1, .count_include_pad = false});
            }),
      entry("global_avg_pool", {{{2, 3, 2, 3}}}, [](const auto& x) { return tl::global_avg_pool(x[0]); }),
      entry("cosine_similarity", {{{2, 3}}, {{3}}}, [](const auto& x) { return tl::cosine_similarity(x[0], x[1]); }),
      entry("graph_aggregate", {{{2, 2, 3, 2, 4}}, {{2, 4, 5}}},
            [](const auto& x) { return tl::graph_aggregate(x[0], x[1]); }),
      entry("scaled_dot_product_attention", {{{2, 3, 4}}, {{2, 5, 4}}, {{2, 5, 2}}, {{3, 5}}},
            [](const auto& x) {
              return tl::scaled_dot_product_attention(x[0], x[1], x[2], {.mask = mask_for(x, {3, 5}), .bias = x[3]});
            }),
      entry("attention_pool", {{{2, 3, 4}}, {{2, 3}}},
            [](const auto& x) {
              return tl::attention_pool(x[0], x[1], mask_for(x, {2, 3}));
            }),
  });
}

TEST_CASE("every recurrence has a gradient and equals the reference", "[ops][every]") {
  const std::vector<test::operand> lstm{{{2, 3, 3}}, {{2, 2}}, {{2, 2}}, {{8, 3}}, {{8, 2}}, {{8}}, {{8}}};
  const std::vector<test::operand> gru{{{2, 3, 3}}, {{2, 2}}, {{6, 3}}, {{6, 2}}, {{6}}, {{6}}};
  test::require_all({
      entry("lstm_direction", lstm,
            [](const auto& x) {
              using V = std::remove_cvref_t<decltype(x)>;
              const auto r = tl::lstm_direction(x[0], x[1], x[2], weights_of<V>{x[3], x[4], x[5], x[6]},
                                                direction_of<V>{true, mask_for(x, {2, 3})});
              return joined(r.y, r.h, r.c);
            }),
      entry("lstm_composite", lstm,
            [](const auto& x) {
              using V = std::remove_cvref_t<decltype(x)>;
              const auto r = tl::lstm_composite(x[0], x[1], x[2], weights_of<V>{x[3], x[4], x[5], x[6]});
              return joined(r.y, r.h, r.c);
            }),
      entry("gru_direction", gru,
            [](const auto& x) {
              using V = std::remove_cvref_t<decltype(x)>;
              const auto r = tl::gru_direction(x[0], x[1], weights_of<V>{x[2], x[3], x[4], x[5]},
                                               direction_of<V>{true, mask_for(x, {2, 3})});
              return joined(r.y, r.h);
            }),
      entry("gru_composite", gru,
            [](const auto& x) {
              using V = std::remove_cvref_t<decltype(x)>;
              const auto r = tl::gru_composite(x[0], x[1], weights_of<V>{x[2], x[3], x[4], x[5]}, direction_of<V>{},
                                               tl::gru_reset::before_product);
              return joined(r.y, r.h);
            }),
      entry("lstm", {{{2, 3, 2}}, {{2, 2, 2}}, {{2, 2, 2}}, {{8, 2}}, {{8, 2}}, {{8}}, {{8, 2}}, {{8, 2}}, {{8}}},
            [](const auto& x) {
              using V = std::remove_cvref_t<decltype(x)>;
              const auto r = tl::lstm(x[0], {x[1], x[2]},
                                      std::vector<weights_of<V>>{{x[3], x[4], x[5], {}}, {x[6], x[7], {}, x[8]}});
              return joined(r.y, r.h, r.c);
            }),
      entry("gru", {{{2, 3, 2}}, {{2, 2, 2}}, {{6, 2}}, {{6, 2}}, {{6}}, {{6, 2}}, {{6, 2}}, {{6}}},
            [](const auto& x) {
              using V = std::remove_cvref_t<decltype(x)>;
              const auto r =
                  tl::gru(x[0], x[1], std::vector<weights_of<V>>{{x[2], x[3], x[4], {}}, {x[5], x[6], {}, x[7]}},
                          {.bidirectional = true});
              return joined(r.y, r.h);
            }),
  });
}
