#pragma once

#include <tensorlab/nn/sequential.hpp>
#include <tensorlab/quantized/calibrate.hpp>
#include <tensorlab/quantized/gru.hpp>
#include <tensorlab/quantized/linear.hpp>
#include <tensorlab/quantized/lstm.hpp>

namespace tensorlab::inline v0::quantized {

namespace detail {

/// Where the parts of a network find their ranges; none make layers to load a state into.
struct ranges_by_path {
  const calibration* found = nullptr;

  template <class Quantized, class M>
  Quantized layer(const M& from, const std::string& path) const {
    if (found == nullptr) return Quantized::init(from.opt);
    const auto at = found->find(path);
    if (at == found->end())
      throw_value_error(concat("quantize: layer '", path, "' was not called while the network was calibrated"));
    return quantize(from, at->second, concat("quantize: layer '", path, "'"));
  }
};

}  // namespace detail

/// The 8-bit form of module `M` and how it is made: what has none is copied. Specialise it for a record of your own
/// whose members have one.
template <class M>
struct form {
  using type = M;
  static type make(const M& from, const detail::ranges_by_path&, const std::string&) { return from; }
};
template <class M>
using form_t = typename form<M>::type;

namespace detail {

template <class M, class Quantized>
struct layer_form {
  static_assert(std::is_same_v<nn::value_type_of<M>, float> && std::is_same_v<nn::backend_of<M>, cpu>,
                "quantize: only layers of float on the cpu backend have an 8-bit form");
  using type = Quantized;
  static type make(const M& from, const ranges_by_path& ranges, const std::string& path) {
    return ranges.layer<Quantized>(from, path);
  }
};

}  // namespace detail

template <class T, class B>
struct form<nn::linear<T, B>> : detail::layer_form<nn::linear<T, B>, linear> {};
template <class T, class B>
struct form<nn::gru<T, B>> : detail::layer_form<nn::gru<T, B>, gru> {};
template <class T, class B>
struct form<nn::lstm<T, B>> : detail::layer_form<nn::lstm<T, B>, lstm> {};
template <class... Ms>
struct form<nn::sequential<Ms...>> {
  using type = nn::sequential<form_t<Ms>...>;
  static type make(const nn::sequential<Ms...>& from, const detail::ranges_by_path& ranges, const std::string& path) {
    return [&]<std::size_t... K>(std::index_sequence<K...>) {
      return type(form<Ms>::make(std::get<K>(from.layers), ranges, nn::detail::join_path(path, std::to_string(K)))...);
    }
    (std::index_sequence_for<Ms...>());
  }
};
template <class M>
struct form<nn::residual<M>> {
  using type = nn::residual<form_t<M>>;
  static type make(const nn::residual<M>& from, const detail::ranges_by_path& ranges, const std::string& path) {
    return {form<M>::make(from.block, ranges, nn::detail::join_path(path, "block"))};
  }
};
template <class M>
struct form<std::vector<M>> {
  using type = std::vector<form_t<M>>;
  static type make(const std::vector<M>& from, const detail::ranges_by_path& ranges, const std::string& path) {
    type out;
    for (const M& one : from)
      out.push_back(form<M>::make(one, ranges, nn::detail::join_path(path, std::to_string(out.size()))));
    return out;
  }
};

/// The 8-bit form of a network: its linear, LSTM and GRU layers, also those in `sequential`, `residual` and vectors;
/// all else, also layers inside records of other kinds (see form), is copied as it is.
///
/// **Throws** value_error for a layer that the calibration does not know, weights or biases that are not finite, and
/// more than 32768 inputs.
template <class M>
form_t<M> quantize(const M& net, const calibration& ranges) {
  static_assert(!std::is_same_v<form_t<M>, M>, "quantize: no part of this module has an 8-bit form");
  return form<M>::make(net, {&ranges}, "");
}

/// A network of the same layers in 8-bit form to load a state into, which brings the ranges: until then a call throws
/// value_error.
template <class M>
form_t<M> quantize(const M& net) {
  static_assert(!std::is_same_v<form_t<M>, M>, "quantize: no part of this module has an 8-bit form");
  return form<M>::make(net, {}, "");
}

}  // namespace tensorlab::inline v0::quantized
