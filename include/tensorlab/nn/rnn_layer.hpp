#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <tensorlab/nn/init.hpp>
#include <tensorlab/nn/option_text.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/nn/visit.hpp>
#include <tensorlab/ops/rnn/sequence.hpp>

namespace tensorlab::inline v0::nn {

/// Weights of one recurrent layer in one direction, laid out as PyTorch's with G gates.
///
/// **Shapes**: weight_ih [G hidden, in], weight_hh [G hidden, hidden], bias_ih and bias_hh [G hidden].
template <class T, backend B>
struct rnn_layer {
  parameter<T, B> weight_ih, weight_hh;
  std::optional<parameter<T, B>> bias_ih, bias_hh;

  static constexpr auto fields() {
    return v0::fields("weight_ih", &rnn_layer::weight_ih, "weight_hh", &rnn_layer::weight_hh, "bias_ih",
                      &rnn_layer::bias_ih, "bias_hh", &rnn_layer::bias_hh);
  }
};

/// The settings that a stack of recurrent layers is built from.
struct rnn_layout {
  std::int64_t in, hidden, layers, gates;
  bool bidirectional, bias_ih, bias_hh;
};

namespace detail {

/// All values uniform in +-1 / sqrt(hidden), as PyTorch's default; layer 0 forward, layer 0 reverse, layer 1 forward,
/// ...
template <class T, class B>
std::vector<rnn_layer<T, B>> rnn_layers(const char* name, const rnn_layout& l, const random::stream& rng) {
  require_positive(name, {l.in, l.hidden, l.layers});
  const int directions = l.bidirectional ? 2 : 1;
  const std::int64_t rows = l.gates * l.hidden;
  const auto drawn = [&](const shape& s) { return parameter<T, B>(torch_uniform<T, B>(s, l.hidden, rng)); };
  std::vector<rnn_layer<T, B>> layers;
  for (std::int64_t i = 0; i < l.layers * directions; ++i) {
    rnn_layer<T, B> one;
    one.weight_ih = drawn({rows, i < directions ? l.in : directions * l.hidden});
    one.weight_hh = drawn({rows, l.hidden});
    if (l.bias_ih) one.bias_ih = drawn({rows});
    if (l.bias_hh) one.bias_hh = drawn({rows});
    layers.push_back(std::move(one));
  }
  return layers;
}

/// Calls `f(name, member)` for every weight under PyTorch's names: weight_ih_l0, weight_hh_l0, ..,
/// weight_ih_l0_reverse, ...
template <class T, class B, class F>
void for_each_rnn_field(std::vector<rnn_layer<T, B>>& layers, bool bidirectional, F&& f) {
  const std::size_t directions = bidirectional ? 2 : 1;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string suffix = concat("_l", i / directions, i % directions == 1 ? "_reverse" : "");
    f("weight_ih" + suffix, layers[i].weight_ih);
    f("weight_hh" + suffix, layers[i].weight_hh);
    f("bias_ih" + suffix, layers[i].bias_ih);
    f("bias_hh" + suffix, layers[i].bias_hh);
  }
}

template <class T, class B>
std::vector<rnn_weights<T, B>> rnn_handles(const std::vector<rnn_layer<T, B>>& layers) {
  std::vector<rnn_weights<T, B>> handles;
  for (const auto& l : layers)
    handles.push_back(
        {l.weight_ih.handle(), l.weight_hh.handle(), value_or_undefined(l.bias_ih), value_or_undefined(l.bias_hh)});
  return handles;
}

inline std::string rnn_text(const rnn_layout& l, bool bias, double dropout) {
  return concat("in=", l.in, ", hidden=", l.hidden, l.layers == 1 ? "" : concat(", layers=", l.layers),
                l.bidirectional ? ", bidirectional=true" : "", bias ? "" : ", bias=false",
                dropout == 0 ? "" : ", dropout=" + number_text(dropout));
}

}  // namespace detail

}  // namespace tensorlab::inline v0::nn
