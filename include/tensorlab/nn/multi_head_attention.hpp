#pragma once

#include <optional>
#include <string>

#include <tensorlab/nn/dropout.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/ops/attention.hpp>

namespace tensorlab::inline v0::nn {

/// Settings of multi-head attention.
struct multi_head_attention_options {
  std::int64_t in = 0, heads = 1;
  std::int64_t key = 0, value = 0;  // sizes of a head's keys and values; 0: in / heads
  bool bias = true;
  double dropout = 0;  // on the attention weights, in training
};
inline std::string to_string(const multi_head_attention_options& o) {
  return concat("in=", o.in, ", heads=", o.heads, o.key == 0 ? "" : concat(", key=", o.key),
                o.value == 0 ? "" : concat(", value=", o.value), o.bias ? "" : ", bias=false",
                o.dropout == 0 ? "" : ", dropout=" + detail::number_text(o.dropout));
}

/// Attention of several heads side by side: y = W_o [head_1 .. head_h] + b_o, head_i = softmax(q_i k_i^T / sqrt(key))
/// v_i, with q, k and v linear in the inputs.
///
/// Parameters are named and laid out as PyTorch's: the rows of in_proj_weight are those of all heads' q, then k, then
/// v.
/// **Shapes**: in_proj_weight [heads (2 key + value), in], in_proj_bias [heads (2 key + value)], out_proj [in, heads
/// value]. Vaswani et al., "Attention is all you need" (2017).
template <class T = float, backend B = cpu>
struct multi_head_attention {
  parameter<T, B> in_proj_weight;
  std::optional<parameter<T, B>> in_proj_bias;
  linear<T, B> out_proj;
  multi_head_attention_options opt;
  random::stream rng;
  nn::mode mode;

  static constexpr auto fields() {
    using self = multi_head_attention;
    return v0::fields("in_proj_weight", &self::in_proj_weight, "in_proj_bias", &self::in_proj_bias, "out_proj",
                      &self::out_proj, "opt", &self::opt, "rng", &self::rng, "mode", &self::mode);
  }

  /// PyTorch's default: in_proj_weight by Glorot's rule as one matrix, out_proj.weight uniform in +-1 / sqrt(heads
  /// value), all biases 0. **Throws** value_error.
  static multi_head_attention init(const multi_head_attention_options& o, const random::stream& rng) {
    require_positive("multi_head_attention", {o.in, o.heads});
    detail::require_dropout("multi_head_attention", o.dropout);
    if (o.key == 0 || o.value == 0) require_divisible("multi_head_attention", {o.in}, o.heads);
    multi_head_attention a;
    a.opt = o;
    const shape s{2 * a.keys() + a.values(), o.in};
    a.in_proj_weight = parameter<T, B>(glorot_uniform<T, B>(s, fans_of(s), rng));
    if (o.bias) a.in_proj_bias = parameter<T, B>(tensor<T, B>::zeros({s[0]}));
    a.out_proj = linear<T, B>::init({a.values(), o.in, o.bias}, rng);
    if (o.bias) a.out_proj.bias = parameter<T, B>(tensor<T, B>::zeros({o.in}));
    a.rng = detail::own_stream(rng);
    return a;
  }

  /// Self-attention: x [N, T, in] -> [N, T, in]. `mask` is as below. **Throws** shape_error.
  tensor<T, B> operator()(const tensor<T, B>& x, const tensor<bool, B>& mask = {}) const {
    const call_scope scope(*this);
    const auto parts =
        split(v0::linear(x, in_proj_weight.handle(), value_or_undefined(in_proj_bias)), -1, {keys(), keys(), values()});
    return attend(parts[0], parts[1], parts[2], mask);
  }
  /// Attention of `query` [N, Tq, in] to `key` and `value` [N, Tk, in] -> [N, Tq, in]. `mask` is true where a query may
  /// see a key; it broadcasts to [N, heads, Tq, Tk]. **Throws** shape_error.
  tensor<T, B> operator()(const tensor<T, B>& query, const tensor<T, B>& key, const tensor<T, B>& value,
                          const tensor<bool, B>& mask = {}) const {
    const call_scope scope(*this);
    return attend(projected(query, 0, keys()), projected(key, keys(), keys()), projected(value, 2 * keys(), values()),
                  mask);
  }

 private:
  std::int64_t keys() const { return opt.heads * (opt.key == 0 ? opt.in / opt.heads : opt.key); }
  std::int64_t values() const { return opt.heads * (opt.value == 0 ? opt.in / opt.heads : opt.value); }
  tensor<T, B> projected(const tensor<T, B>& x, std::int64_t first, std::int64_t rows) const {
    return v0::linear(x, narrow(in_proj_weight.handle(), 0, first, rows),
                      in_proj_bias ? narrow(in_proj_bias->handle(), 0, first, rows) : tensor<T, B>());
  }
  tensor<T, B> attend(const tensor<T, B>& q, const tensor<T, B>& k, const tensor<T, B>& v,
                      const tensor<bool, B>& mask) const {
    const auto y =
        scaled_dot_product_attention(split_heads(q, opt.heads), split_heads(k, opt.heads), split_heads(v, opt.heads),
                                     {.mask = mask, .dropout = mode.training ? opt.dropout : 0, .stream = &rng});
    return traced(*this, out_proj(merge_heads(y)));
  }
};

}  // namespace tensorlab::inline v0::nn
