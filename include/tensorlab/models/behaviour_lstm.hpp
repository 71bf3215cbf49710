#pragma once

#include <cstdint>
#include <string>

#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/attention_pool.hpp>
#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/conv1d.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/lstm.hpp>
#include <tensorlab/nn/sequential.hpp>
#include <tensorlab/ops/shape.hpp>

namespace tensorlab::inline v0::models {

/// Sizes of a behaviour network.
struct behaviour_lstm_options {
  std::int64_t features = 169;  // F, numbers per frame
  std::int64_t classes = 8;     // C, labels
  std::int64_t hidden = 128;    // per direction
  std::int64_t layers = 2;
  double dropout = 0.1;  // between the LSTM's layers, in training
};
inline std::string to_string(const behaviour_lstm_options& o) {
  return concat("features=", o.features, ", classes=", o.classes, ", hidden=", o.hidden, ", layers=", o.layers);
}

/// Several labels for a window of poses: a convolution over time, a bidirectional LSTM, attention pooling, a linear
/// head.
///
/// **Shapes**: x [N, T, F] -> logits [N, C]. With 169 features and 8 classes it has 789,605 parameters; its state-dict
/// names are those of the PyTorch program it follows (`pre.0.weight`, `lstm.weight_ih_l0`, `pool.w.weight`,
/// `head.weight`).
template <class T = float, backend B = cpu>
struct behaviour_lstm {
  nn::sequential<nn::conv1d<T, B>, nn::relu> pre;
  nn::lstm<T, B> lstm;
  nn::attention_pool<T, B> pool;
  nn::linear<T, B> head;
  behaviour_lstm_options opt;

  static constexpr auto fields() {
    return v0::fields("pre", &behaviour_lstm::pre, "lstm", &behaviour_lstm::lstm, "pool", &behaviour_lstm::pool, "head",
                      &behaviour_lstm::head, "opt", &behaviour_lstm::opt);
  }

  static behaviour_lstm init(const behaviour_lstm_options& o, const random::stream& rng) {
    nn::require_positive("behaviour_lstm", {o.features, o.classes, o.hidden, o.layers});
    behaviour_lstm m;
    m.opt = o;
    m.pre = nn::sequential{
        nn::conv1d<T, B>::init({.in = o.features, .out = o.features, .kernel = 3, .padding = 1}, rng), nn::relu{}};
    m.lstm = nn::lstm<T, B>::init(
        {.in = o.features, .hidden = o.hidden, .layers = o.layers, .bidirectional = true, .dropout = o.dropout}, rng);
    m.pool = nn::attention_pool<T, B>::init({.in = 2 * o.hidden}, rng);
    m.head = nn::linear<T, B>::init({.in = 2 * o.hidden, .out = o.classes}, rng);
    return m;
  }

  /// **Throws** shape_error unless x is [N, T, features].
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const nn::call_scope scope(*this);
    const auto [n, t, f] = x.template dims<3>("behaviour_lstm: input");
    if (f != opt.features)
      throw_shape_error(concat("behaviour_lstm: features differ: input ", x.shape(), ", model ", opt.features, " (", f,
                               " vs ", opt.features, ")"));
    const auto smoothed = transpose(pre(transpose(x, 1, 2)), 1, 2);  // [N, T, F]
    return nn::traced(*this, head(pool(lstm(smoothed).output)));
  }
};

}  // namespace tensorlab::inline v0::models
