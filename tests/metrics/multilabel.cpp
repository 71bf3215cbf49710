#include <tensorlab/metrics/multilabel.hpp>

#include "support/catch.hpp"

namespace metrics = tensorlab::metrics;

namespace {

// scikit-learn's own documentation example: scores .1 .4 .35 .8, labels 0 0 1 1.
const std::vector<float> scores{0.1f, 0.4f, 0.35f, 0.8f};
const std::vector<std::uint8_t> labels{0, 0, 1, 1};

}  // namespace

TEST_CASE("the precision-recall curve has a point for each distinct score", "[metrics]") {
  const auto c = metrics::precision_recall_curve(scores, labels);
  REQUIRE(c.size() == 4);
  const double precision[] = {0.5, 2.0 / 3, 0.5, 1}, recall[] = {1, 1, 0.5, 0.5};
  for (std::size_t i = 0; i < 4; ++i) {
    REQUIRE(c[i].precision == Approx(precision[i]));
    REQUIRE(c[i].recall == Approx(recall[i]));
  }
  REQUIRE(c[0].threshold == Approx(0.1));
  REQUIRE(c[3].threshold == Approx(0.8));
}

TEST_CASE("equal scores share one point", "[metrics]") {
  const std::vector<float> s{0.5f, 0.5f, 0.2f};
  const std::vector<std::uint8_t> y{1, 0, 1};
  const auto c = metrics::precision_recall_curve(s, y);
  REQUIRE(c.size() == 2);
  REQUIRE(c[1].precision == Approx(0.5));
}

TEST_CASE("average precision", "[metrics]") {
  REQUIRE(metrics::average_precision(scores, labels) == Approx(0.5 * 1 + 0.5 * 2 / 3));
  REQUIRE(std::isnan(metrics::average_precision(scores, std::vector<std::uint8_t>(4, 0))));
}

TEST_CASE("the threshold is the score with the best F1", "[metrics]") {
  // F1 at .1: 2/3, at .35: .8, at .4: .5, at .8: 2/3.
  REQUIRE(metrics::best_f1_threshold(scores, labels) == Approx(0.35));
  REQUIRE(metrics::best_f1_threshold(scores, std::vector<std::uint8_t>(4, 0)) == 0.5);
}

TEST_CASE("a tie goes to the lowest threshold", "[metrics]") {
  // F1 at .9: 2/3 (P 1, R 1/2); at .1: 2/3 (P 1/2, R 1).
  const std::vector<float> s{0.9f, 0.1f, 0.1f, 0.1f};
  const std::vector<std::uint8_t> y{1, 1, 0, 0};
  REQUIRE(metrics::best_f1_threshold(s, y) == Approx(0.1));
}

TEST_CASE("the multi-label report counts at the thresholds", "[metrics]") {
  const std::vector<float> s{0.9f, 0.2f, 0.6f, 0.7f, 0.1f, 0.4f};
  const std::vector<std::uint8_t> y{1, 0, 0, 1, 1, 1};
  const std::vector<double> thresholds{0.5, 0.5};
  const auto r = metrics::evaluate_multilabel(s, y, thresholds);
  REQUIRE(r.labels[0].counts.true_positive == 1);
  REQUIRE(r.labels[0].counts.false_positive == 1);
  REQUIRE(r.labels[0].counts.false_negative == 1);
  REQUIRE(r.labels[0].counts.f1() == Approx(0.5));
  REQUIRE(r.labels[1].counts.precision() == Approx(1));
  REQUIRE(r.labels[1].counts.recall() == Approx(0.5));
  REQUIRE(r.labels[1].prevalence == Approx(2.0 / 3));
  REQUIRE(r.macro_f1 == Approx((0.5 + 2.0 / 3) / 2));
  REQUIRE(r.micro_f1 == Approx(2.0 * 2 / (2 * 2 + 1 + 2)));
  // label 0: ranked .9 (+), .6 (-), .1 (+): AP = 1/2 + 1/2 * 2/3; label 1: .7 (+), .4 (+), .2 (-): AP = 1
  REQUIRE(r.mean_average_precision == Approx((0.5 + 1.0 / 3 + 1) / 2));
}

TEST_CASE("metrics refuse what does not fit", "[metrics]") {
  REQUIRE_THROWS_AS(metrics::precision_recall_curve(scores, std::vector<std::uint8_t>(3, 0)), tensorlab::shape_error);
  const std::vector<float> bad{NAN};
  REQUIRE_THROWS_AS(metrics::precision_recall_curve(bad, std::vector<std::uint8_t>(1, 1)), tensorlab::value_error);
  const std::vector<double> thresholds(3, 0.5);
  REQUIRE_THROWS_AS(metrics::evaluate_multilabel(scores, labels, thresholds), tensorlab::shape_error);
}
