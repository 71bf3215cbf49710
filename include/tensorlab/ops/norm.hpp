#pragma once

#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/composite.hpp>
#include <tensorlab/ops/reduce.hpp>
#include <tensorlab/ops/shape.hpp>
#include <tensorlab/ops/unary.hpp>
#include <tensorlab/rule/norm.hpp>

namespace tensorlab::inline v0 {

/// How batch_norm treats its statistics.
struct batch_norm_options {
  bool training = false;  // normalise with the batch's statistics and update the running ones
  double momentum = 0.1;  // share of the batch in the new running statistics
  double eps = 1e-5;
};

namespace detail {

/// The dimensions a normalisation averages over, and gamma's and beta's shape with ones, so that it broadcasts to x.
struct norm_layout {
  dims axes;
  shape affine;
  double eps;
};

template <class T, class B>
struct normalized {
  tensor<T, B> y;
  array<T, B> mean, rstd;
};

/// (x - mean) / sqrt(var + eps) gamma + beta by ops.
template <class T, class B>
tensor<T, B> normalize_composite(const tensor<T, B>& x, const tensor<T, B>& gamma, const tensor<T, B>& beta,
                                 const norm_layout& l) {
  const auto centred = x - mean(x, l.axes, true);
  auto y = centred * rsqrt(mean(square(centred), l.axes, true) + l.eps);
  if (gamma.defined()) y = y * reshape(gamma, l.affine);
  if (beta.defined()) y = y + reshape(beta, l.affine);
  return y;
}

/// gamma or beta in its broadcast form, or nothing.
template <class T, class B>
array<T, B> affine_array(const tensor<T, B>& v, const norm_layout& l) {
  return v.defined() ? v.array().contiguous().restride(l.affine, row_major(l.affine)) : array<T, B>();
}
template <class T, class B>
view<const T> affine_view(const array<T, B>& a, const shape& s) {
  return a ? a.broadcast_to(s) : view<const T>{nullptr, s, dims::filled(s.rank(), 0)};
}

/// The gradients to x, gamma and beta that are needed.
template <class T, class B>
std::array<tensor<T, B>, 3> normalize_gradient(const backward_context& c, const tensor<T, B>& dy, const tensor<T, B>& x,
                                               const tensor<T, B>& gamma, const tensor<T, B>& beta,
                                               const norm_layout& l, const array<T, B>& m, const array<T, B>& r) {
  const shape& s = x.shape();
  const auto scale = affine_array(gamma, l);
  const view<const T> from = dy.array().cview(), in = x.array().cview(), factor = affine_view(scale, s),
                      mean = broadcast_view(m.cview(), s), rstd = broadcast_view(r.cview(), s);
  std::array<tensor<T, B>, 3> d;
  array<T, B> dx, dgamma, dbeta;
  view<T> to_gamma, to_beta;
  dims summed;
  if (c.needs(0)) dx = array<T, B>::empty_like(x.array());
  if (c.needs(1) || c.needs(2)) {
    for (int i = 0; i < s.rank(); ++i)
      if (l.affine[i] == 1) summed.push_back(i);
    dgamma = array<T, B>::full(l.affine, T(0), x.device());
    dbeta = dgamma.clone();
    to_gamma = reduction_view(dgamma.view(), s, summed);
    to_beta = reduction_view(dbeta.view(), s, summed);
  }
  bool together = false;
  if constexpr (requires { B::norm_backward_channels(dx.view(), to_gamma, to_beta, from, in, factor, mean, rstd); }) {
    together = dx && dgamma && summed == l.axes && x.size() != 0;
    if (together) B::norm_backward_channels(dx.view(), to_gamma, to_beta, from, in, factor, mean, rstd);
  }
  if (!together && x.size() != 0) {
    if (dx) B::norm_backward(dx.view(), from, in, factor, mean, rstd);
    if (dgamma) B::norm_backward_affine(to_gamma, to_beta, from, in, mean, rstd);
  }
  if (dx) d[0] = tensor<T, B>(dx);
  const shape flat = gamma.defined() ? gamma.shape() : beta.defined() ? beta.shape() : shape{};
  if (c.needs(1)) d[1] = tensor<T, B>(dgamma.restride(flat, row_major(flat)));
  if (c.needs(2)) d[2] = tensor<T, B>(dbeta.restride(flat, row_major(flat)));
  return d;
}

/// y = (x - mean) / sqrt(var + eps) gamma + beta as one node.
template <class T, class B>
normalized<T, B> normalize(const char* op, const tensor<T, B>& x, const tensor<T, B>& gamma, const tensor<T, B>& beta,
                           const norm_layout& l) {
  const shape kept = reduced_shape(x.shape(), l.axes, true);
  auto y = array<T, B>::empty_like(x.array());
  auto m = array<T, B>::empty(kept, x.device()), r = array<T, B>::empty(kept, x.device());
  if (x.size() != 0) {
    const auto scale = affine_array(gamma, l), shift = affine_array(beta, l);
    B::norm(y.view(), reduction_view(m.view(), x.shape(), l.axes), reduction_view(r.view(), x.shape(), l.axes),
            x.array().cview(), affine_view(scale, x.shape()), affine_view(shift, x.shape()), l.eps);
  }
  auto out = record(
      op, y,
      [l, m, r, x = save_for_backward(x), gamma = save_for_backward(gamma), beta = save_for_backward(beta)](
          const backward_context& c, const tensor<T, B>& dy) {
        const auto in = c.get(x), g = c.get(gamma), b = c.get(beta);
        if (recording(dy, in, g))
          return composite_gradient(c, std::array<tensor<T, B>, 3>{in, g, b},
                                    [&](const auto& v) { return sum(dy * normalize_composite(v[0], v[1], v[2], l)); });
        return normalize_gradient(c, dy, in, g, b, l, m, r);
      },
      x, gamma, beta);
  return {out, m, r};
}

inline void check_affine(const char* op, const char* what, const shape& v, const shape& expected) {
  if (v != expected)
    throw_shape_error(concat(op, ": ", what, " has another shape than the normalized dimensions: ", what, " ", v,
                             ", expected ", expected, " (", v.size(), " vs ", expected.size(), ")"));
}

/// What a batch_norm averages over, after a look at its operands.
template <class T, class B>
norm_layout check_batch_norm(const char* op, const tensor<T, B>& x, const tensor<T, B>& gamma, const tensor<T, B>& beta,
                             const tensor<T, B>& running_mean, const tensor<T, B>& running_var,
                             const batch_norm_options& o) {
  if (x.rank() < 2) throw_shape_error(concat(op, ": expected [N, C, ...], got shape ", x.shape()));
  const std::int64_t channels = x.dim(1), count = channels == 0 ? 0 : x.size() / channels;
  constexpr const char* names[] = {"gamma", "beta", "running_mean", "running_var"};
  const tensor<T, B>* vectors[] = {&gamma, &beta, &running_mean, &running_var};
  for (int i = 0; i < 4; ++i)
    if (vectors[i]->defined()) check_affine(op, names[i], vectors[i]->shape(), {channels});
  require_same_device(op, x, gamma, beta, running_mean, running_var);
  if (!o.training && (!running_mean.defined() || !running_var.defined()))
    throw_value_error(concat(op, ": running_mean and running_var are needed outside training"));
  if (o.training && count < 2)
    throw_shape_error(
        concat(op, ": training needs more than one value per channel: input ", x.shape(), " (", count, " vs 2)"));
  norm_layout l{{}, dims::filled(x.rank(), 1), o.eps};
  l.affine[1] = channels;
  for (int i = 0; i < x.rank(); ++i)
    if (i != 1) l.axes.push_back(i);
  return l;
}

/// A normalisation with fixed statistics as x scale + shift.
template <class T, class B>
struct norm_affine {
  tensor<T, B> scale, shift;  // [C]
};
template <class T, class B>
norm_affine<T, B> running_affine(const tensor<T, B>& gamma, const tensor<T, B>& beta, const tensor<T, B>& running_mean,
                                 const tensor<T, B>& running_var, double eps) {
  auto scale = rsqrt(running_var + eps);
  if (gamma.defined()) scale = scale * gamma;
  auto shift = -running_mean * scale;
  if (beta.defined()) shift = shift + beta;
  return {scale, shift};
}

/// Moves the running statistics towards those of a batch with `count` values per channel.
template <class T, class B>
void move_running_statistics(const tensor<T, B>& running_mean, const tensor<T, B>& running_var, const array<T, B>& mean,
                             const array<T, B>& rstd, std::int64_t count, const batch_norm_options& o) {
  if (!running_mean.defined() || !running_var.defined() || recomputing()) return;
  const no_grad guard;
  const double correction = static_cast<double>(count) / static_cast<double>(count - 1);
  const auto update = [&](const auto& rule, const tensor<T, B>& running, const array<T, B>& batch) {
    const view<T> v = running.array().view();
    B::map(rule, v, view<const T>(v), batch.restride(running.shape(), {1}).cview());
    running.array().storage()->bump_version();
  };
  update(rule::running_mean{o.momentum}, running_mean, mean);
  update(rule::running_variance{o.momentum, correction, o.eps}, running_var, rstd);
}

}  // namespace detail

/// y = (x - mean) / sqrt(var + eps) gamma + beta per channel.
///
/// In training mean and (biased) variance are the batch's, and the running ones move towards them in place:
/// running = (1 - momentum) running + momentum batch, with the unbiased variance; not while a checkpoint recomputes.
/// Otherwise they are the running ones. gamma, beta and (in training) both running tensors may be undefined.
/// **Shapes**: x [N, C], [N, C, L] or [N, C, H, W]; the others [C]. **Throws** shape_error, in training also for one
/// value per channel; device_error. Ioffe and Szegedy, "Batch normalization" (2015).
template <class T, backend B>
tensor<T, B> batch_norm(const tensor<T, B>& x, const tensor<T, B>& gamma, const tensor<T, B>& beta,
                        const tensor<T, B>& running_mean, const tensor<T, B>& running_var,
                        const batch_norm_options& o = {}) {
  const auto l = detail::check_batch_norm("batch_norm", x, gamma, beta, running_mean, running_var, o);
  if (!o.training) {
    const auto a = detail::running_affine(gamma, beta, running_mean, running_var, o.eps);
    return x * reshape(a.scale, l.affine) + reshape(a.shift, l.affine);
  }
  const auto n = detail::normalize("batch_norm", x, gamma, beta, l);
  detail::move_running_statistics(running_mean, running_var, n.mean, n.rstd, x.size() / x.dim(1), o);
  return n.y;
}

/// y = (x - mean) / sqrt(var + eps) gamma + beta over the trailing dimensions `normalized`, with the biased variance.
///
/// **Shapes**: x [..., normalized]; gamma and beta of shape `normalized`, or undefined. **Throws** shape_error,
/// device_error.
/// Ba et al., "Layer normalization" (2016).
template <class T, backend B>
tensor<T, B> layer_norm(const tensor<T, B>& x, const shape& normalized, const tensor<T, B>& gamma,
                        const tensor<T, B>& beta, double eps = 1e-5) {
  const int from = x.rank() - normalized.rank();
  if (normalized.rank() == 0 || from < 0)
    throw_shape_error(concat("layer_norm: ranks do not fit: input ", x.shape(), ", normalized ", normalized, " (",
                             x.rank(), " vs ", normalized.rank(), ")"));
  detail::norm_layout l{{}, dims::filled(x.rank(), 1), eps};
  for (int i = 0; i < normalized.rank(); ++i) {
    if (x.shape()[from + i] != normalized[i])
      throw_shape_error(concat("layer_norm: the last dimensions differ: input ", x.shape(), ", normalized ", normalized,
                               " (", x.shape()[from + i], " vs ", normalized[i], ")"));
    l.axes.push_back(from + i);
    l.affine[from + i] = normalized[i];
  }
  if (gamma.defined()) detail::check_affine("layer_norm", "gamma", gamma.shape(), normalized);
  if (beta.defined()) detail::check_affine("layer_norm", "beta", beta.shape(), normalized);
  require_same_device("layer_norm", x, gamma, beta);
  return detail::normalize("layer_norm", x, gamma, beta, l).y;
}
/// As above over the dimensions of gamma.
template <class T, backend B>
tensor<T, B> layer_norm(const tensor<T, B>& x, const tensor<T, B>& gamma, const tensor<T, B>& beta, double eps = 1e-5) {
  return layer_norm(x, gamma.shape(), gamma, beta, eps);
}

/// y = x g / max(|x| / sqrt(D), eps), |x| being the Euclidean norm along the last dimension of D elements.
///
/// **Shapes**: x [..., D], g [1] or [D]. **Throws** shape_error. Nguyen and Salazar, "Transformers without tears"
/// (2019).
template <class T, backend B>
tensor<T, B> scale_norm(const tensor<T, B>& x, const tensor<T, B>& g, double eps = 1e-5) {
  if (x.rank() == 0) throw_shape_error("scale_norm: expected [..., D], got a tensor of rank 0");
  require_same_device("scale_norm", x, g);
  // The square is bounded, not its root, whose slope at 0 is infinite.
  const auto mean_square = mean(square(x), {-1}, true);
  return x * rsqrt(clamp(mean_square, eps * eps, std::numeric_limits<double>::infinity())) * g;
}

}  // namespace tensorlab::inline v0
