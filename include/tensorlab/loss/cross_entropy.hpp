#pragma once

#include <tensorlab/loss/reduction.hpp>
#include <tensorlab/ops/index.hpp>
#include <tensorlab/ops/softmax.hpp>
#include <tensorlab/rule/loss.hpp>

namespace tensorlab::inline v0::loss {

/// Settings of cross_entropy.
template <class T, class B>
struct cross_entropy_options {
  tensor<T, B> weight = {};          // [C], factor of each class; undefined stands for ones
  double label_smoothing = 0;        // share of the target that is spread evenly over all classes
  std::int64_t ignore_index = -100;  // targets of this value count for nothing
  reduction reduce = reduction::mean;
};

/// Settings of nll_loss.
template <class T, class B>
struct nll_loss_options {
  tensor<T, B> weight = {};          // [C], factor of each class; undefined stands for ones
  std::int64_t ignore_index = -100;  // targets of this value count for nothing
  reduction reduce = reduction::mean;
};

namespace detail {

/// Targets as positions among the classes, and the factor of each one's loss: its class's weight, 0 where it is
/// ignored.
template <class T, class B>
struct class_targets {
  tensor<std::int64_t, B> index;  // 0 where ignored
  tensor<bool, B> ignored;        // undefined if none is
  tensor<T, B> factor;            // undefined if all are 1
};

inline void require_classes(const char* op, const shape& logits, const shape& targets) {
  shape expected = logits;
  if (expected.rank() >= 2) expected.erase(1);
  if (logits.rank() < 2 || targets != expected)
    throw_shape_error(concat(op, ": targets must have the logits' shape without the classes: logits ", logits,
                             ", targets ", targets, " (", targets.size(), " vs ",
                             logits.rank() < 2 ? 0 : expected.size(), ")"));
}

inline void require_class_weight(const char* op, const shape& weight, const shape& logits) {
  if (weight != shape{logits[1]})
    throw_shape_error(concat(op, ": weight must have one value per class: weight ", weight, ", logits ", logits, " (",
                             weight.size(), " vs ", logits[1], ")"));
}

[[noreturn]] inline void throw_no_class(const char* op, std::int64_t target, std::int64_t classes) {
  throw_value_error(concat(op, ": target ", target, " is not one of ", classes, " classes"));
}

inline void require_targets(const char* op, const view<const std::int64_t>& targets, std::int64_t classes, bool ignores,
                            std::int64_t ignore_index) {
  v0::detail::for_each_number(targets, [&](std::int64_t v) {
    if (v != ignore_index) {
      if (v < 0 || v >= classes) throw_no_class(op, v, classes);
    } else if (!ignores) {  // in a replay: without ignored targets less is computed
      throw record_error(concat(op,
                                ": a target is to be ignored, but the step was recorded with targets of which none ",
                                "is; record it with one"));
    }
  });
}

template <class T, class B>
class_targets<T, B> read_targets(const char* op, const shape& logits, const tensor<std::int64_t, B>& targets,
                                 const tensor<T, B>& weight, std::int64_t ignore_index) {
  require_classes(op, logits, targets.shape());
  if (weight.defined()) require_class_weight(op, weight.shape(), logits);
  if (targets.size() > 0 && logits[1] == 0)
    throw_value_error(concat(op, ": there are no classes to choose from: logits ", logits));
  class_targets<T, B> t{targets, {}, {}};
  bool ignores = !B::host_accessible;  // elsewhere it would have to be waited for
  if constexpr (B::host_accessible) {
    const auto values = targets.array().cview();
    v0::detail::for_each_number(values, [&](std::int64_t v) { ignores = ignores || v == ignore_index; });
    perform([=, classes = logits[1]] { require_targets(op, values, classes, ignores, ignore_index); });
  }
  if (ignores) {
    t.ignored = equal(targets, ignore_index);
    t.index = masked_fill(targets, t.ignored, 0);
  }
  if (targets.size() == 0) return t;
  if constexpr (!B::host_accessible) {
    perform([=, index = t.index.array().cview(), device = targets.device(), classes = logits[1]] {
      const auto [low, high] = v0::detail::device_range<B>(index, device);
      if (low < 0 || high >= classes) throw_no_class(op, low < 0 ? low : high, classes);
    });
  }
  if (weight.defined()) {
    const auto all = reshape(index_select(weight, flatten(t.index), 0), targets.shape());
    t.factor = ignores ? masked_fill(all, t.ignored, 0) : all;
  } else if (ignores) {
    t.factor = cast<T>(logical_not(t.ignored));
  }
  return t;
}

/// l, masked, summed or divided by the sum of the factors: the weighted mean, NaN if all targets are ignored.
template <class T, class B>
tensor<T, B> reduced_by_class(const tensor<T, B>& l, const class_targets<T, B>& t, reduction r) {
  if (r == reduction::mean && t.factor.defined()) return sum(l) / sum(t.factor);
  return reduced(l, r);
}

/// Losses times their targets' factors, 0 where ignored: a log probability of -inf times a factor of 0 would be NaN.
template <class T, class B>
tensor<T, B> weighted_by_class(const tensor<T, B>& l, const class_targets<T, B>& t) {
  const auto kept = t.ignored.defined() ? masked_fill(l, t.ignored, 0) : l;
  return t.factor.defined() ? kept * t.factor : kept;
}

/// -log p[target], times the target's factor.
template <class T, class B>
tensor<T, B> negative_picked(const tensor<T, B>& log_p, const class_targets<T, B>& t) {
  // read_targets has looked at the positions; on a device another look would be waited for.
  return weighted_by_class(-squeeze(v0::detail::gather_unchecked("gather", log_p, unsqueeze(t.index, 1), 1), 1), t);
}

/// -(1 - e) log_p[index] - e / C sum_c log_p[c] of log_p = log softmax(z) for label smoothing e, as one node, whose way
/// back reads the log probabilities and writes the gradient alone.
template <class T, class B>
tensor<T, B> softmax_cross_entropy(const tensor<T, B>& z, const tensor<std::int64_t, B>& index, double smoothing) {
  const double kept = 1 - smoothing, spread = z.dim(1) == 0 ? 0 : smoothing / static_cast<double>(z.dim(1));
  auto log_p = array<T, B>::empty_like(z.array());
  auto l = array<T, B>::empty(index.shape(), z.device());
  if (z.size() != 0) B::softmax(log_p.view(), z.array().cview(), 1, true);
  const auto at = unsqueeze(index, 1);
  auto column = l.restride(at.shape(), row_major(at.shape()));
  B::gather(column.view(), view<const T>(log_p.view()), at.array().cview(), 1);
  B::map(rule::mul_scalar{-kept}, l.view(), view<const T>(l.view()));
  if (smoothing > 0) {
    auto sums = array<T, B>::empty(at.shape(), z.device());
    B::reduce(rule::sum{}, reduction_view(sums.view(), z.shape(), {1}), log_p.cview());
    B::map(rule::mul_scalar{-spread}, sums.view(), sums.cview());
    B::map(rule::add{}, column.view(), view<const T>(column.view()), sums.cview());
  }
  return record(
      "cross_entropy", l,
      [=, z = save_for_backward(z), at = save_for_backward(at)](const backward_context& c, const tensor<T, B>& dl) {
        const auto d = unsqueeze(dl, 1), minus = d * -kept;
        const auto place = c.get(at);
        if (const auto in = c.get(z); recording(dl, in))
          return v0::detail::scatter_unchecked((softmax(in, 1) - spread) * d, place, minus, 1);
        auto dz = array<T, B>::empty_like(log_p);
        B::map(rule::cross_entropy_chain{spread}, dz.view(), log_p.cview(), d.array().broadcast_to(log_p.shape()));
        B::scatter_add(dz.view(), minus.array().cview(), place.array().cview(), 1);
        return tensor<T, B>(dz);
      },
      z);
}

/// A vector of one value per class so that it broadcasts to [N, C, ..].
template <class T, class B>
tensor<T, B> beside_classes(const tensor<T, B>& v, const shape& logits) {
  shape s = dims::filled(logits.rank(), 1);
  s[1] = logits[1];
  return reshape(v, s);
}

inline void require_smoothing(const char* op, double share) {
  if (!(share >= 0 && share <= 1)) throw_value_error(concat(op, ": label_smoothing must lie in [0, 1], got ", share));
}

}  // namespace detail

/// l = -w[y] log_p[y] of log probabilities.
///
/// The mean divides by the sum of the weights w[y] of the targets that are not ignored: NaN if all are.
/// **Shapes**: log_p [N, C] or [N, C, ..], targets [N] or [N, ..]; the result is a scalar, or the targets' for
/// reduction::none.
/// **Throws** shape_error, device_error; value_error for a target outside [0, C) that is not `ignore_index`.
template <class T, backend B>
tensor<T, B> nll_loss(const tensor<T, B>& log_p, const tensor<std::int64_t, B>& targets,
                      const nll_loss_options<T, B>& o = {}) {
  reject_tracked("nll_loss", o.weight);
  require_same_device("nll_loss", log_p, targets, o.weight);
  const auto t = detail::read_targets("nll_loss", log_p.shape(), targets, o.weight, o.ignore_index);
  return detail::reduced_by_class(detail::negative_picked(log_p, t), t, o.reduce);
}

/// The cross entropy of softmax(logits) over the classes and the class y.
///
/// With p = softmax(logits), label smoothing e and class weights w: l = -(1 - e) w[y] ln p[y] - e / C sum_c w[c] ln
/// p[c]. The mean divides by the sum of the weights w[y] of the targets that are not ignored, as PyTorch does: NaN if
/// all are.
/// **Shapes**: logits [N, C] or [N, C, ..], targets [N] or [N, ..]; the result is a scalar, or the targets' for
/// reduction::none. **Throws** shape_error, device_error; value_error for a target outside [0, C) that is not
/// `ignore_index` and for a label smoothing outside [0, 1]. Label smoothing: Szegedy et al., "Rethinking the Inception
/// architecture" (2016).
template <class T, backend B>
tensor<T, B> cross_entropy(const tensor<T, B>& logits, const tensor<std::int64_t, B>& targets,
                           const cross_entropy_options<T, B>& o = {}) {
  constexpr const char* op = "cross_entropy";
  detail::require_smoothing(op, o.label_smoothing);
  reject_tracked(op, o.weight);
  require_same_device(op, logits, targets, o.weight);
  const auto t = detail::read_targets(op, logits.shape(), targets, o.weight, o.ignore_index);
  if (o.label_smoothing == 0 || !o.weight.defined()) {
    const auto l = detail::softmax_cross_entropy(logits, t.index, o.label_smoothing);
    return detail::reduced_by_class(detail::weighted_by_class(l, t), t, o.reduce);
  }
  const auto log_p = log_softmax(logits, 1);
  auto spread = -sum(log_p * detail::beside_classes(o.weight, logits.shape()), {1});
  if (t.ignored.defined()) spread = masked_fill(spread, t.ignored, 0);
  const auto l = detail::negative_picked(log_p, t) * (1 - o.label_smoothing) +
                 spread * (o.label_smoothing / static_cast<double>(logits.dim(1)));
  return detail::reduced_by_class(l, t, o.reduce);
}

/// The cross entropy of softmax(logits) and a distribution over the classes: l = -sum_c w[c] q[c] ln p[c] with
/// q = (1 - e) target + e / C for label smoothing e.
///
/// The mean divides by the number of positions, whatever the weights. `ignore_index` has no meaning here.
/// **Shapes**: logits and targets alike, [N, C] or [N, C, ..]; the result is a scalar, or theirs without C for
/// reduction::none. **Throws** shape_error, device_error; value_error for a label smoothing outside [0, 1].
template <class T, backend B>
tensor<T, B> cross_entropy(const tensor<T, B>& logits, const tensor<T, B>& targets,
                           const cross_entropy_options<T, B>& o = {}) {
  constexpr const char* op = "cross_entropy";
  detail::require_smoothing(op, o.label_smoothing);
  if (logits.rank() < 2) throw_shape_error(concat(op, ": expected logits [N, C, ..], got shape ", logits.shape()));
  detail::require_same_shape(op, "logits", logits.shape(), "targets", targets.shape());
  reject_tracked(op, targets, o.weight);
  require_same_device(op, logits, targets, o.weight);
  auto q = targets;
  if (o.label_smoothing > 0) q = q * (1 - o.label_smoothing) + o.label_smoothing / static_cast<double>(logits.dim(1));
  if (o.weight.defined()) {
    detail::require_class_weight(op, o.weight.shape(), logits.shape());
    q = q * detail::beside_classes(o.weight, logits.shape());
  }
  return detail::reduced(-sum(log_softmax(logits, 1) * q, {1}), o.reduce);
}

}  // namespace tensorlab::inline v0::loss
