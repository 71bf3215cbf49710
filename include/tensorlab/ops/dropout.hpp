#pragma once

#include <concepts>

#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/rule/drop.hpp>

namespace tensorlab::inline v0 {

namespace detail {

inline void require_probability(const char* op, double p) {
  if (!(p >= 0 && p < 1)) throw_value_error(concat(op, ": the probability must lie in [0, 1), got ", p));
}

/// The mask of one call of dropout: where its draw began, from which it is computed wherever it is needed.
template <class T, class B>
struct coins {
  array<std::int64_t, B> drawn;
  T keep, scale;

  rule::drawn_mask<T> mask() const { return {drawn.cview().data, keep, scale}; }
};

/// Draws a coin for each element of x.
template <class T, class B>
coins<T, B> toss(const tensor<T, B>& x, double p, const random::stream& rng) {
  const auto drawn = array<std::int64_t, B>::empty({2}, x.device());
  perform_draw("dropout", rng, [&rng, blocks = random::blocks_for<T>(x.size()), to = drawn.view()] {
    const std::uint64_t first = rng.take(blocks);
    B::generate(rule::draw{rng.seed(), first}, to);
  });
  return {drawn, static_cast<T>(1 - p), static_cast<T>(1 / (1 - p))};
}

/// x times the coins' mask, whose gradient is the same of dy.
template <class T, class B>
tensor<T, B> drop(const tensor<T, B>& x, const coins<T, B>& c) {
  const auto onto = [](const coins<T, B>& from, const array<T, B>& y, const array<T, B>& v) {
    B::generate(rule::drop<rule::copy, T>{from.mask()}, y.view(), v.cview());
  };
  const auto y = array<T, B>::empty_like(x.array());
  onto(c, y, x.array());
  return record(
      "dropout", y,
      [c, onto](const backward_context& context, const tensor<T, B>& dy) {
        if (!is_spare(context, dy)) return drop(dy, c);
        const array<T, B> dx = dy.array();
        onto(c, dx, dx);
        return unrecorded("dropout", dx);
      },
      x);
}

/// The kernels of one rule before a dropout.
template <class T, class B>
struct drop_kernels {
  const unary_kernels<T, B>& rule;
  void (*map)(const rule_box&, const array<T, B>& y, const array<T, B>& x);
  void (*drop)(const rule_box&, const coins<T, B>&, const array<T, B>& y, const array<T, B>& x);
  void (*chain)(const rule_box&, const coins<T, B>&, const array<T, B>& dx, const array<T, B>& dy,
                const array<T, B>& x);
};

template <class R, class T, class B>
inline constexpr drop_kernels<T, B> drop_kernels_of{
    kernels_of<R, T, B>,
    [](const rule_box& r, const array<T, B>& y, const array<T, B>& x) { B::map(r.as<R>(), y.view(), x.cview()); },
    [](const rule_box& r, const coins<T, B>& c, const array<T, B>& y, const array<T, B>& x) {
      B::generate(rule::drop<R, T>{c.mask(), r.as<R>()}, y.view(), x.cview());
    },
    [](const rule_box& r, const coins<T, B>& c, const array<T, B>& dx, const array<T, B>& dy, const array<T, B>& x) {
      B::generate(rule::drop_chain<R, T>{c.mask(), r.as<R>()}, dx.view(), dy.cview(), x.cview());
    }};

/// dx = dy c f'(x); as its two parts where the backward pass is recorded.
template <class T, class B>
tensor<T, B> drop_chain_on(const backward_context& context, const drop_kernels<T, B>& k, const rule_box& rule,
                           const coins<T, B>& c, const tensor<T, B>& dy, const tensor<T, B>& x) {
  if (context.create_graph()) {
    if (k.rule.saves != save::output) return chain_apply(k.rule, rule, drop(dy, c), x);
    const auto y = array<T, B>::empty_like(x.array());
    k.map(rule, y, x.array());
    return chain_apply(k.rule, rule, drop(dy, c), record_unary(k.rule, rule, y, x));
  }
  const bool in_place = is_spare(context, dy) && dy.strides() == dense_like(x.shape(), x.strides());
  const auto dx = in_place ? dy.array() : array<T, B>::empty_like(x.array());
  k.chain(rule, c, dx, dy.array(), x.array());
  return unrecorded("dropout", dx);
}

/// Records y = f(x) c for a rule with these kernels.
template <class T, class B>
tensor<T, B> drop_after(const drop_kernels<T, B>& k, const rule_box& rule, const tensor<T, B>& x,
                        const coins<T, B>& c) {
  const auto y = array<T, B>::empty_like(x.array());
  k.drop(rule, c, y, x.array());
  return record(
      "dropout", y,
      [&k, rule, c, x = save_for_backward(x)](const backward_context& context, const tensor<T, B>& dy) {
        return drop_chain_on(context, k, rule, c, dy, context.get(x));
      },
      x);
}

/// x times a mask that broadcasts to it and is no variable; keeps the mask alone.
template <class T, class B>
tensor<T, B> apply_mask(const char* op, const tensor<T, B>& x, const array<T, B>& mask) {
  auto y = array<T, B>::empty_like(x.array());
  B::map(rule::mul{}, y.view(), x.array().cview(), mask.broadcast_to(x.shape()));
  return record(
      op, y, [op, mask](const backward_context&, const tensor<T, B>& dy) { return apply_mask(op, dy, mask); }, x);
}

}  // namespace detail

/// y = x / (1 - p) where an independent coin keeps the element (probability 1 - p), else 0; for training only.
///
/// Draws from `rng`; the same mask on every backend. The backward pass computes it again, so no mask is kept. p = 0
/// returns x and draws nothing. **Throws** value_error unless 0 <= p < 1. Srivastava et al., "Dropout" (2014), in the
/// inverted form.
template <class T, backend B>
tensor<T, B> dropout(const tensor<T, B>& x, double p, const random::stream& rng) {
  detail::require_probability("dropout", p);
  return p == 0 ? x : detail::drop(x, detail::toss(x, p, rng));
}

/// `dropout(apply(rule, x), p, rng)` in one pass over memory, and one back: `dropout(rule::relu{}, x, 0.1, rng)`.
///
/// The same bits as in two, but for rounding in the gradient of rules without `df`, whose sums of two products a
/// compiler may contract either way. Keeps x. On cuda the rules of rule/activation.hpp have kernels, and those that a
/// program names in `emit_dropout` (cuda/instances.cuh). **Throws** value_error unless 0 <= p < 1.
template <differentiable_rule R, std::floating_point T, backend B>
tensor<T, B> dropout(const R& rule, const tensor<T, B>& x, double p, const random::stream& rng) {
  detail::require_probability("dropout", p);
  if (p == 0) return apply(rule, x);
  return detail::drop_after(detail::drop_kernels_of<R, T, B>, detail::rule_box::of(rule), x, detail::toss(x, p, rng));
}

/// As dropout with one coin per sample: x [N, ...] is kept, divided by 1 - p, or zeroed as a whole.
///
/// Huang et al., "Deep networks with stochastic depth" (2016). **Throws** value_error unless 0 <= p < 1, shape_error
/// for rank 0.
template <class T, backend B>
tensor<T, B> drop_path(const tensor<T, B>& x, double p, const random::stream& rng) {
  if (x.rank() == 0) throw_shape_error("drop_path: expected [N, ...], got a tensor of rank 0");
  detail::require_probability("drop_path", p);
  if (p == 0) return x;
  shape s = dims::filled(x.rank(), 1);
  s[0] = x.dim(0);
  const auto mask = array<T, B>::empty(s, x.device());
  detail::perform_draw("drop_path", rng, [&rng, p, to = mask.view()] {
    const std::uint64_t first = rng.take(random::blocks_for<T>(to.size()));
    B::generate(rule::keep_mask<T>{rng.seed(), first, static_cast<T>(1 - p), static_cast<T>(1 / (1 - p))}, to);
  });
  return detail::apply_mask("drop_path", x, mask);
}

}  // namespace tensorlab::inline v0
