#include <tensorlab/loss/bce.hpp>
#include <tensorlab/loss/cross_entropy.hpp>
#include <tensorlab/loss/regression.hpp>

#include "ops/cases.hpp"

// Every loss with a case: scripts/checks/coverage.py fails for one that is missing here.

using test::constant;
using test::entry;

namespace loss = tl::loss;

TEST_CASE("every loss has a gradient and equals the reference", "[loss][every]") {
  test::require_all({
      entry("bce_with_logits", {{{3, 2}, -2, 2}},
            [](const auto& x) {
              const auto y = tl::stop_gradient(tl::square(tl::sin(x[0] * 0 + 0.6)));
              return loss::bce_with_logits(x[0], y, {.pos_weight = y * 3, .weight = y + 1});
            }),
      entry("binary_cross_entropy", {{{3, 2}, 0.1, 0.9}},
            [](const auto& x) {
              const auto y = tl::stop_gradient(x[0] * 0 + 0.3);
              return loss::binary_cross_entropy(x[0], y, {.weight = y + 1, .reduce = loss::reduction::sum});
            }),
      entry(
          "nll_loss", {{{3, 4, 2}, -3, -1}},
          [](const auto& x) {
            return loss::nll_loss(x[0], constant(x, {3, 0, -100, 1, 2, 2}, {3, 2}), {.reduce = loss::reduction::none});
          }),
      entry("cross_entropy of classes", {{{3, 4}}},
            [](const auto& x) {
              const auto weight = tl::stop_gradient(tl::sum(x[0], {0}) * 0 + 0.7);
              return loss::cross_entropy(x[0], constant(x, {3, -100, 1}, {3}),
                                         {.weight = weight, .label_smoothing = 0.1});
            }),
      entry("cross_entropy of classes, as one node", {{{3, 4, 2}}},
            [](const auto& x) {
              return loss::cross_entropy(x[0], constant(x, {3, -100, 1, 0, 2, 2}, {3, 2}));
            }),
      entry("cross_entropy of distributions", {{{3, 4}}},
            [](const auto& x) {
              const auto target = tl::stop_gradient(x[0] * 0 + 0.25);
              return loss::cross_entropy(x[0], target, {.label_smoothing = 0.1});
            }),
      entry("mse", {{{3, 4}}, {{3, 4}}}, [](const auto& x) { return loss::mse(x[0], x[1]); }),
      entry("l1", {{{3, 4}}, {{3, 4}}}, [](const auto& x) { return loss::l1(x[0], x[1], loss::reduction::sum); }),
      entry("smooth_l1", {{{3, 4}}, {{3, 4}}},
            [](const auto& x) { return loss::smooth_l1(x[0], x[1], {.beta = 0.5}); }),
      entry("huber", {{{3, 4}}, {{3, 4}}}, [](const auto& x) { return loss::huber(x[0], x[1], {.delta = 0.5}); }),
  });
}
