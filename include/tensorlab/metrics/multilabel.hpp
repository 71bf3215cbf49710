#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <tensorlab/core/error.hpp>

namespace tensorlab::inline v0::metrics {

/// Precision and recall of "score >= threshold".
struct precision_recall {
  double threshold, precision, recall;
};

/// Precision and recall at each distinct score, thresholds ascending.
///
/// `positive[i]` tells whether item i has the label. Without a positive item recall is 1 by convention.
/// **Throws** shape_error if the lengths differ, value_error for a NaN score.
inline std::vector<precision_recall> precision_recall_curve(std::span<const float> scores,
                                                            std::span<const std::uint8_t> positive) {
  if (scores.size() != positive.size())
    throw_shape_error(concat("precision_recall_curve: ", scores.size(), " scores for ", positive.size(), " labels"));
  for (float s : scores)
    if (std::isnan(s)) throw_value_error("precision_recall_curve: a score is NaN");
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  const double positives =
      static_cast<double>(std::count_if(positive.begin(), positive.end(), [](std::uint8_t p) { return p != 0; }));
  std::vector<precision_recall> curve;
  double hits = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (positive[order[i]]) ++hits;
    const bool last_of_its_score = i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]];
    if (!last_of_its_score) continue;
    curve.push_back({static_cast<double>(scores[order[i]]), hits / static_cast<double>(i + 1),
                     positives > 0 ? hits / positives : 1.0});
  }
  std::reverse(curve.begin(), curve.end());
  return curve;
}

/// Average precision: the sum over thresholds, from the highest score down, of (R_n - R_(n-1)) P_n. NaN without a
/// positive.
inline double average_precision(std::span<const float> scores, std::span<const std::uint8_t> positive) {
  if (std::none_of(positive.begin(), positive.end(), [](std::uint8_t p) { return p != 0; }))
    return std::numeric_limits<double>::quiet_NaN();
  const auto curve = precision_recall_curve(scores, positive);
  double ap = 0, recall = 0;
  for (auto p = curve.rbegin(); p != curve.rend(); ++p) {
    ap += (p->recall - recall) * p->precision;
    recall = p->recall;
  }
  return ap;
}

/// The distinct score whose use as threshold gives the largest F1 = 2 P R / (P + R + 1e-12), the lowest on ties;
/// 0.5 without a positive.
inline double best_f1_threshold(std::span<const float> scores, std::span<const std::uint8_t> positive) {
  if (std::none_of(positive.begin(), positive.end(), [](std::uint8_t p) { return p != 0; })) return 0.5;
  double best = -1, threshold = 0.5;
  for (const precision_recall& p : precision_recall_curve(scores, positive)) {
    const double f1 = 2 * p.precision * p.recall / (p.precision + p.recall + 1e-12);
    if (f1 > best) {
      best = f1;
      threshold = p.threshold;
    }
  }
  return threshold;
}

/// Counts of one label's decisions.
struct label_counts {
  std::int64_t true_positive = 0, false_positive = 0, false_negative = 0;

  /// 0 where nothing was predicted.
  double precision() const { return ratio(true_positive, true_positive + false_positive); }
  /// 0 where nothing is positive.
  double recall() const { return ratio(true_positive, true_positive + false_negative); }
  /// 2 TP / (2 TP + FP + FN).
  double f1() const { return ratio(2 * true_positive, 2 * true_positive + false_positive + false_negative); }

 private:
  static double ratio(std::int64_t a, std::int64_t b) {
    return b == 0 ? 0.0 : static_cast<double>(a) / static_cast<double>(b);
  }
};

/// How well each label and all together are found.
struct multilabel_report {
  struct label {
    label_counts counts;
    double threshold = 0.5;
    double average_precision = 0;  // NaN without a positive
    double prevalence = 0;         // share of the items that have the label
  };
  std::vector<label> labels;
  double macro_f1 = 0;                // mean over labels
  double micro_f1 = 0;                // of the counts of all labels together
  double mean_average_precision = 0;  // over the labels that have a positive
};

/// Evaluates scores of `count` items and `thresholds.size()` labels.
///
/// **Shapes**: scores and positive row-major [count, labels]. **Throws** shape_error if they do not fit.
inline multilabel_report evaluate_multilabel(std::span<const float> scores, std::span<const std::uint8_t> positive,
                                             std::span<const double> thresholds) {
  const std::size_t classes = thresholds.size();
  if (classes == 0 || scores.size() % classes != 0 || scores.size() != positive.size())
    throw_shape_error(concat("evaluate_multilabel: ", scores.size(), " scores and ", positive.size(), " labels for ",
                             classes, " classes"));
  const std::size_t count = scores.size() / classes;
  multilabel_report report;
  label_counts all;
  double ap_sum = 0;
  int with_positive = 0;
  std::vector<float> column(count);
  std::vector<std::uint8_t> truth(count);
  for (std::size_t c = 0; c < classes; ++c) {
    multilabel_report::label l;
    l.threshold = thresholds[c];
    std::int64_t positives = 0;
    for (std::size_t i = 0; i < count; ++i) {
      column[i] = scores[i * classes + c];
      truth[i] = positive[i * classes + c];
      const bool said = static_cast<double>(column[i]) >= l.threshold, is = truth[i] != 0;
      l.counts.true_positive += said && is;
      l.counts.false_positive += said && !is;
      l.counts.false_negative += !said && is;
      positives += is;
    }
    l.average_precision = average_precision(column, truth);
    l.prevalence = count == 0 ? 0 : static_cast<double>(positives) / static_cast<double>(count);
    if (positives > 0) {
      ap_sum += l.average_precision;
      ++with_positive;
    }
    report.macro_f1 += l.counts.f1() / static_cast<double>(classes);
    all.true_positive += l.counts.true_positive;
    all.false_positive += l.counts.false_positive;
    all.false_negative += l.counts.false_negative;
    report.labels.push_back(l);
  }
  report.micro_f1 = all.f1();
  report.mean_average_precision =
      with_positive == 0 ? std::numeric_limits<double>::quiet_NaN() : ap_sum / with_positive;
  return report;
}

}  // namespace tensorlab::inline v0::metrics
