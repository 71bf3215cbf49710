#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tensorlab/backend/cpu/int8_recurrent.hpp>
#include <tensorlab/nn/rnn_layer.hpp>
#include <tensorlab/quantized/packing.hpp>
#include <tensorlab/quantized/range.hpp>

namespace tensorlab::inline v0::quantized {

namespace detail {

/// The weights of one direction as its kernel reads them, gate by gate.
struct packed_rnn {
  byte_scale input;
  std::vector<std::unique_ptr<const int8_strips>> in, recurrent;
  std::vector<float> bias;      // [G hidden], added to the products of the input
  std::vector<float> hidden_n;  // [hidden] or empty: the hidden bias of a GRU's n
};

}  // namespace detail

/// 8-bit weights of one recurrent layer in one direction, laid out as nn::rnn_layer's with G gates.
///
/// **Shapes**: weight_ih [G hidden, in], weight_hh [G hidden, hidden], scale_ih, scale_hh and the biases [G hidden],
/// input_range [2]. An undefined bias is none.
struct rnn_layer {
  buffer<std::int8_t, cpu> weight_ih;
  buffer<float, cpu> scale_ih;
  buffer<std::int8_t, cpu> weight_hh;
  buffer<float, cpu> scale_hh, bias_ih, bias_hh, input_range;
  detail::packing<detail::packed_rnn> packed;

  static constexpr auto fields() {
    return v0::fields("weight_ih", &rnn_layer::weight_ih, "scale_ih", &rnn_layer::scale_ih, "weight_hh",
                      &rnn_layer::weight_hh, "scale_hh", &rnn_layer::scale_hh, "bias_ih", &rnn_layer::bias_ih,
                      "bias_hh", &rnn_layer::bias_hh, "input_range", &rnn_layer::input_range, "packed",
                      &rnn_layer::packed);
  }
};

namespace detail {

/// Layers to load a state into.
inline std::vector<rnn_layer> empty_rnn_layers(const char* name, const nn::rnn_layout& l) {
  nn::require_positive(name, {l.in, l.hidden, l.layers});
  const int directions = l.bidirectional ? 2 : 1;
  const std::int64_t rows = l.gates * l.hidden;
  std::vector<rnn_layer> layers;
  for (std::int64_t i = 0; i < l.layers * directions; ++i) {
    int8_matrix ih = zero_matrix(name, rows, i < directions ? l.in : directions * l.hidden),
                hh = zero_matrix(name, rows, l.hidden);
    layers.push_back({std::move(ih.values),
                      std::move(ih.scale),
                      std::move(hh.values),
                      std::move(hh.scale),
                      zero_bias(l.bias_ih, rows),
                      zero_bias(l.bias_hh, rows),
                      range_buffer({}),
                      {}});
  }
  return layers;
}

/// The 8-bit form of float layers; what enters those after the first are states, which lie in [-1, 1].
inline std::vector<rnn_layer> quantize_rnn_layers(const std::string& name,
                                                  const std::vector<nn::rnn_layer<float, cpu>>& from,
                                                  bool bidirectional, const range& first) {
  require_range(name, first);
  const std::size_t directions = bidirectional ? 2 : 1;
  std::vector<rnn_layer> layers;
  for (std::size_t i = 0; i < from.size(); ++i) {
    int8_matrix ih = quantize_rows(name, from[i].weight_ih), hh = quantize_rows(name, from[i].weight_hh);
    layers.push_back({std::move(ih.values),
                      std::move(ih.scale),
                      std::move(hh.values),
                      std::move(hh.scale),
                      copied_bias(name, from[i].bias_ih),
                      copied_bias(name, from[i].bias_hh),
                      range_buffer(i < directions ? first : range{-1, 1}),
                      {}});
  }
  return layers;
}

/// Calls `f(name, member)` for every weight: weight_ih_l0, scale_ih_l0, .., input_range_l1_reverse.
template <class F>
void for_each_rnn_field(std::vector<rnn_layer>& layers, bool bidirectional, F&& f) {
  const std::size_t directions = bidirectional ? 2 : 1;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string suffix = concat("_l", i / directions, i % directions == 1 ? "_reverse" : "");
    std::apply([&](const auto&... one) { (f(one.name + suffix, layers[i].*one.member), ...); }, rnn_layer::fields());
  }
}

/// Handles that share a layer's weights.
struct rnn_handles {
  tensor<std::int8_t, cpu> weight_ih, weight_hh;
  tensor<float, cpu> scale_ih, scale_hh, bias_ih, bias_hh, input_range;

  explicit rnn_handles(const rnn_layer& l)
      : weight_ih(l.weight_ih.handle()),
        weight_hh(l.weight_hh.handle()),
        scale_ih(l.scale_ih.handle()),
        scale_hh(l.scale_hh.handle()),
        bias_ih(l.bias_ih.handle()),
        bias_hh(l.bias_hh.handle()),
        input_range(l.input_range.handle()) {}
};

/// The bias that joins the products of the input; a GRU whose reset comes after the product keeps that of n apart.
inline std::shared_ptr<const packed_rnn> pack_rnn(const rnn_handles& l, const range& r, std::int64_t gates,
                                                  bool splits_last_bias) {
  auto p = std::make_shared<packed_rnn>();
  p->input = byte_scale_of(r);
  const std::int64_t hidden = l.weight_hh.dim(1), features = l.weight_ih.dim(1);
  for (std::int64_t g = 0; g < gates; ++g) {
    const auto strips = [&](const auto& w, const auto& scale, std::int64_t terms, const byte_scale& x) {
      return std::make_unique<const int8_strips>(w.span().data() + g * hidden * terms, scale.span().data() + g * hidden,
                                                 hidden, terms, x);
    };
    p->in.push_back(strips(l.weight_ih, l.scale_ih, features, p->input));
    p->recurrent.push_back(strips(l.weight_hh, l.scale_hh, hidden, v0::detail::state_scale));
  }
  p->bias.assign(static_cast<std::size_t>(gates * hidden), 0.0f);
  for (std::size_t i = 0; i < p->bias.size(); ++i) {
    if (l.bias_ih.defined()) p->bias[i] = l.bias_ih.span()[i];
    if (!l.bias_hh.defined()) continue;
    if (splits_last_bias && static_cast<std::int64_t>(i) >= (gates - 1) * hidden)
      p->hidden_n.push_back(l.bias_hh.span()[i]);
    else
      p->bias[i] += l.bias_hh.span()[i];
  }
  return p;
}

/// **Throws** shape_error unless the operands fit, gradient_error if one is tracked.
inline void check_rnn_operands(const char* layer, const nn::rnn_layout& l, const tensor<float, cpu>& x,
                               std::initializer_list<std::pair<const char*, const tensor<float, cpu>*>> states,
                               const tensor<bool, cpu>& mask) {
  require_untracked(layer, x);
  if (x.rank() != 3) throw_shape_error(concat(layer, ": expected input [N, T, I], got shape ", x.shape()));
  if (x.dim(2) != l.in)
    throw_shape_error(concat(layer, ": input features differ: input ", x.shape(), ", layer ", l.in, " (", x.dim(2),
                             " vs ", l.in, ")"));
  for (const auto& [name, state] : states)
    if (state->defined()) {
      require_untracked(layer, *state);
      v0::detail::check_rnn_shape(layer, name, state->shape(),
                                  {l.layers * (l.bidirectional ? 2 : 1), x.dim(0), l.hidden});
    }
  if (mask.defined()) v0::detail::check_rnn_shape(layer, "mask", mask.shape(), {x.dim(0), x.dim(1)});
}

/// A copy of a state, or zeros; `check(v)` sees each value of the former, in replays too.
template <class Check>
tensor<float, cpu> own_state(const nn::rnn_layout& l, std::int64_t batch, const tensor<float, cpu>& state,
                             const Check& check) {
  if (!state.defined()) return tensor<float, cpu>::zeros({l.layers * (l.bidirectional ? 2 : 1), batch, l.hidden});
  const tensor<float, cpu> own(state.array().clone_row_major());
  v0::perform([values = std::span<const float>(own.array().data(), static_cast<std::size_t>(own.size())), check] {
    for (float v : values) check(v);
  });
  return own;
}

/// A layer's own copy of its states [layers directions, N, hidden]. **Throws** value_error unless they lie in [-1, 1],
/// where those of a walk do.
inline tensor<float, cpu> own_unit_state(const char* layer, const nn::rnn_layout& l, std::int64_t batch,
                                         const tensor<float, cpu>& h) {
  return own_state(l, batch, h, [layer](float v) {
    if (!(std::abs(v) <= 1))
      throw_value_error(concat(layer, ": an initial state is ", v, "; 8-bit states lie in [-1, 1]"));
  });
}

/// A walk over these weights.
template <int Gates>
v0::detail::int8_walk<Gates> with_weights(v0::detail::int8_walk<Gates> walk, const packed_rnn& p) {
  walk.x_scale = p.input;
  for (std::size_t g = 0; g < Gates; ++g) {
    walk.in[g] = p.in[g].get();
    walk.recurrent[g] = p.recurrent[g].get();
    walk.bias[g] = p.bias.data() + static_cast<std::int64_t>(g) * walk.hidden;
  }
  return walk;
}

/// The layers one after the other: `run(walk, packed, index)` takes the walk of direction `index` over the weights'
/// packed form. Returns the last layer's outputs; `h` [layers directions, N, hidden] changes in place.
template <int Gates, class F>
tensor<float, cpu> run_rnn(const char* name, const nn::rnn_layout& l, const std::vector<rnn_layer>& layers,
                           bool splits_last_bias, const tensor<float, cpu>& x, const tensor<float, cpu>& h,
                           const tensor<bool, cpu>& mask, const F& run) {
  const std::int64_t batch = x.dim(0), steps = x.dim(1), directions = l.bidirectional ? 2 : 1;
  const auto valid = v0::detail::time_mask(mask);
  array<float, cpu> in = x.array();
  if (in.strides()[2] != 1) in = in.contiguous();
  for (std::size_t i = 0; i < layers.size();) {
    const auto y = array<float, cpu>::empty({batch, steps, directions * l.hidden});
    for (std::int64_t d = 0; d < directions; ++d, ++i) {
      const rnn_layer& one = layers[i];
      v0::detail::int8_walk<Gates> walk{};
      walk.walk = {steps, d == 1};
      walk.valid = {valid.cview()};
      walk.batch = batch;
      walk.features = in.dim(2);
      walk.hidden = l.hidden;
      walk.x = in.cview();
      walk.y = y.data() + d * l.hidden;
      walk.y_row = steps * directions * l.hidden;
      walk.y_step = directions * l.hidden;
      walk.h = h.array().data() + static_cast<std::int64_t>(i) * batch * l.hidden;
      one.packed.perform(
          blocks_of(one.scale_ih, one.scale_hh, one.bias_ih, one.bias_hh, one.input_range, one.weight_ih,
                    one.weight_hh),
          [name, splits_last_bias, from = rnn_handles(one)] {
            return pack_rnn(from, require_calibrated(name, from.input_range), Gates, splits_last_bias);
          },
          [walk, run, index = static_cast<std::int64_t>(i)](const packed_rnn& p) {
            run(with_weights(walk, p), p, index);
          });
    }
    in = y;
  }
  return tensor<float, cpu>(in);
}

}  // namespace detail

}  // namespace tensorlab::inline v0::quantized
