#pragma once

#include <tensorlab/loss/reduction.hpp>
#include <tensorlab/ops/activation.hpp>
#include <tensorlab/rule/loss.hpp>

namespace tensorlab::inline v0::loss {

/// Settings of bce_with_logits; undefined tensors stand for ones.
template <class T, class B>
struct bce_with_logits_options {
  tensor<T, B> pos_weight = {};  // factor of the positive part, broadcast to the logits: one per class
  tensor<T, B> weight = {};      // factor of each element's loss, broadcast to the logits
  reduction reduce = reduction::mean;
};

/// Settings of binary_cross_entropy.
template <class T, class B>
struct binary_cross_entropy_options {
  tensor<T, B> weight = {};  // factor of each element's loss, broadcast to the probabilities
  double margin = 1e-7;      // probabilities are clipped to [margin, 1 - margin]
  reduction reduce = reduction::mean;
};

namespace detail {

template <class T, class B>
tensor<T, B> bce_gradient(const tensor<T, B>& dl, const tensor<T, B>& z, const tensor<T, B>& y, const tensor<T, B>& p) {
  const shape& s = z.shape();
  auto dz = array<T, B>::empty_like(z.array());
  B::map(rule::bce_with_logits_chain{}, dz.view(), dl.array().broadcast_to(s), z.array().cview(), y.array().cview(),
         p.array().broadcast_to(s));
  return record(
      "bce_with_logits", dz,
      [dl = save_for_backward(dl), z = save_for_backward(z), y, p](const backward_context& c, const tensor<T, B>& ddz) {
        std::array<tensor<T, B>, 2> g;
        if (c.needs(0)) g[0] = bce_gradient(ddz, c.get(z), y, p);
        if (c.needs(1)) {
          const auto positive = sigmoid(c.get(z));
          g[1] = ddz * c.get(dl) * (1 + (p - 1) * y) * positive * (1 - positive);
        }
        return g;
      },
      dl, z);
}

template <class T, class B>
tensor<T, B> weighted(const char* op, const tensor<T, B>& l, const tensor<T, B>& weight) {
  if (!weight.defined()) return l;
  require_broadcast(op, "weight", weight.shape(), "input", l.shape());
  return l * weight;
}

}  // namespace detail

/// The binary cross entropy of sigmoid(z) and the targets y in [0, 1], each class on its own.
///
/// l = -w (p y ln sigmoid(z) + (1 - y) ln(1 - sigmoid(z))), computed as
/// w ((1 - y) z + (1 + (p - 1) y) (ln(1 + e^-|z|) + max(-z, 0))), which does not overflow.
/// **Shapes**: logits and targets alike; the result is a scalar, or theirs for reduction::none. **Throws** shape_error,
/// device_error; gradient_error if targets or weights are tracked.
template <class T, backend B>
tensor<T, B> bce_with_logits(const tensor<T, B>& logits, const tensor<T, B>& targets,
                             const bce_with_logits_options<T, B>& o = {}) {
  constexpr const char* op = "bce_with_logits";
  detail::require_same_shape(op, "logits", logits.shape(), "targets", targets.shape());
  require_same_device(op, logits, targets, o.pos_weight, o.weight);
  reject_tracked(op, targets, o.pos_weight, o.weight);
  const auto p = o.pos_weight.defined() ? o.pos_weight : tensor<T, B>::scalar(T(1), logits.device());
  detail::require_broadcast(op, "pos_weight", p.shape(), "logits", logits.shape());
  auto l = array<T, B>::empty_like(logits.array());
  B::map(rule::bce_with_logits{}, l.view(), logits.array().cview(), targets.array().cview(),
         p.array().broadcast_to(logits.shape()));
  const auto elements = record(
      op, l,
      [z = save_for_backward(logits), y = save_for_backward(targets), p = save_for_backward(p)](
          const backward_context& c, const tensor<T, B>& dl) {
        return detail::bce_gradient(dl, c.get(z), c.get(y), c.get(p));
      },
      logits);
  return detail::reduced(detail::weighted(op, elements, o.weight), o.reduce);
}

/// The binary cross entropy of probabilities p and targets y in [0, 1]: l = -w (y ln c + (1 - y) ln(1 - c)) with p
/// clipped to c in [margin, 1 - margin], as Keras does; a clipped p has no gradient.
///
/// **Shapes**: probabilities and targets alike; the result is a scalar, or theirs for reduction::none. **Throws**
/// shape_error, device_error; value_error unless 0 < margin < 1/2; gradient_error if targets or weights are tracked.
template <class T, backend B>
tensor<T, B> binary_cross_entropy(const tensor<T, B>& probabilities, const tensor<T, B>& targets,
                                  const binary_cross_entropy_options<T, B>& o = {}) {
  constexpr const char* op = "binary_cross_entropy";
  detail::require_same_shape(op, "probabilities", probabilities.shape(), "targets", targets.shape());
  require_same_device(op, probabilities, targets, o.weight);
  if (!(o.margin > 0 && o.margin < 0.5)) throw_value_error(concat(op, ": margin must lie in (0, 1/2), got ", o.margin));
  reject_tracked(op, targets, o.weight);
  const auto c = clamp(probabilities, o.margin, 1 - o.margin);
  const auto l = -(targets * log(c) + (1 - targets) * log(1 - c));
  return detail::reduced(detail::weighted(op, l, o.weight), o.reduce);
}

}  // namespace tensorlab::inline v0::loss
