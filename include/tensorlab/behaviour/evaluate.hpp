#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <tensorlab/behaviour/window_set.hpp>
#include <tensorlab/data/loader.hpp>
#include <tensorlab/metrics/multilabel.hpp>
#include <tensorlab/ops/activation.hpp>

namespace tensorlab::inline v0::behaviour {

/// What a model says of some windows: row-major [count, classes].
struct predictions {
  std::int64_t classes = 0;
  std::vector<float> probabilities;
  std::vector<std::uint8_t> labels;  // 1 where the label is above 1/2

  /// The column of one class.
  template <class V>
  static std::vector<V> column(const std::vector<V>& values, std::int64_t classes, std::int64_t c) {
    std::vector<V> out;
    for (auto i = static_cast<std::size_t>(c); i < values.size(); i += static_cast<std::size_t>(classes))
      out.push_back(values[i]);
    return out;
  }
};

/// Predictions with the mean loss over the windows.
struct evaluation {
  double loss = 0;
  predictions said;
};

/// Runs the model over the windows of a data set of (x, y) in the order of `side`, without gradients. The caller sets
/// the model to evaluation. `loss_of(logits, y)` is a mean over the batch.
template <class B, class M, class Dataset, class Loss>
evaluation predict(const M& model, const Dataset& windows, const std::vector<std::int64_t>& side, std::int64_t batch,
                   const Loss& loss_of) {
  const no_grad guard;
  evaluation e;
  data::loader loader{data::subset{windows, side}, data::sequential{}, data::loader_options{.batch = batch},
                      data::stack<B>{}};
  for (auto&& [x, y] : loader) {
    const auto logits = model(x);
    e.loss += static_cast<double>(loss_of(logits, y).item()) * static_cast<double>(x.dim(0)) /
              static_cast<double>(side.size());
    e.said.classes = y.dim(1);
    for (auto v : sigmoid(logits).to_vector()) e.said.probabilities.push_back(v);
    for (auto v : y.to_vector()) e.said.labels.push_back(v > 0.5f);
  }
  return e;
}

/// The threshold per class with the best F1 on these predictions; 0.5 for a class without a positive.
///
/// The thresholds are scores themselves: a window is positive when its score is at least the threshold.
inline std::vector<double> best_thresholds(const predictions& p) {
  std::vector<double> out;
  for (std::int64_t c = 0; c < p.classes; ++c)
    out.push_back(metrics::best_f1_threshold(predictions::column(p.probabilities, p.classes, c),
                                             predictions::column(p.labels, p.classes, c)));
  return out;
}

namespace detail {

template <class... A>
std::string formatted(const char* format, A... values) {
  char line[256];
  std::snprintf(line, sizeof line, format, values...);
  return line;
}

}  // namespace detail

/// A table of precision, recall, F1 and average precision per class, with macro and micro F1 and mAP below.
inline std::string report_table(const predictions& p, const std::vector<std::string>& events,
                                const std::vector<double>& thresholds) {
  const auto r = metrics::evaluate_multilabel(p.probabilities, p.labels, thresholds);
  std::size_t width = 5;
  for (const std::string& e : events) width = (std::max)(width, e.size());
  const int w = static_cast<int>(width);
  std::string text = detail::formatted("%-*s  threshold  precision  recall     F1     AP  prevalence\n", w, "class");
  for (std::size_t c = 0; c < events.size(); ++c) {
    const auto& l = r.labels[c];
    text +=
        detail::formatted("%-*s  %9.3f  %9.3f  %6.3f  %5.3f  %5.3f  %10.3f\n", w, events[c].c_str(), l.threshold,
                          l.counts.precision(), l.counts.recall(), l.counts.f1(), l.average_precision, l.prevalence);
  }
  return text + detail::formatted("macro F1 %.3f   micro F1 %.3f   mAP %.3f\n", r.macro_f1, r.micro_f1,
                                  r.mean_average_precision);
}

}  // namespace tensorlab::inline v0::behaviour
