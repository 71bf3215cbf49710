#pragma once

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/convert.hpp>
#include <tensorlab/nn/one_pass.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/nn/visit.hpp>

namespace tensorlab::inline v0::nn {

/// Layers one after the other; their paths are their numbers. `sequential net{linear<>::init(..), relu{}, ..}`.
///
/// An error in a layer is told with the layer's number before it (nn/call_scope.hpp). An activation and a dropout after
/// it are one pass over memory in training (nn/one_pass.hpp).
template <class... Ms>
struct sequential {
  std::tuple<Ms...> layers;

  using module_tag = void;
  using value_type = typename detail::first_types<Ms...>::value_type;
  using backend_type = typename detail::first_types<Ms...>::backend_type;

  sequential() = default;
  explicit sequential(Ms... ms) requires(sizeof...(Ms) > 0) : layers(std::move(ms)...) {}

  template <class F>
  void for_each_field(F&& f) {
    std::apply(
        [&](auto&... one) {
          int i = 0;
          (f(std::to_string(i++), one), ...);
        },
        layers);
  }
  static constexpr auto fields() { return v0::fields("layers", &sequential::layers); }

  template <class X>
  auto operator()(const X& x) const {
    const call_scope scope(*this);
    return traced(*this, from<0>(x));
  }

 private:
  template <std::size_t Index>
  using layer = std::tuple_element_t<Index, std::tuple<Ms...>>;

  template <std::size_t Index, class X>
  static constexpr bool joins() {
    if constexpr (Index + 1 < sizeof...(Ms))
      return has_one_pass<layer<Index>, layer<Index + 1>, X>;
    else
      return false;
  }

  template <std::size_t Index, class X>
  auto from(const X& x) const {
    if constexpr (Index == sizeof...(Ms)) {
      return x;
    } else {
      if constexpr (joins<Index, X>())
        if (one_pass<layer<Index>, layer<Index + 1>>::applies(std::get<Index>(layers), std::get<Index + 1>(layers)))
          return from<Index + 2>(call_both<Index>(x));
      return from<Index + 1>(call<Index>(x));
    }
  }
  template <std::size_t Index, class X>
  auto call(const X& x) const {
    const call_scope scope(std::get<Index>(layers), static_cast<int>(Index));
    return std::get<Index>(layers)(x);
  }
  template <std::size_t Index, class X>
  X call_both(const X& x) const {
    const auto& second = std::get<Index + 1>(layers);
    const call_scope scope(second, static_cast<int>(Index + 1));
    return one_pass<layer<Index>, layer<Index + 1>>::call(std::get<Index>(layers), second, x);
  }
};

template <class... Ms, class U, class B>
struct rebind<sequential<Ms...>, U, B> {
  using type = sequential<typename rebind<Ms, U, B>::type...>;
};

/// Modules of one type whose record calls them as it likes; their paths are their numbers: `list<linear<>> heads;`. For
/// modules of several types a record has fields, or a `list<any<>>`.
template <class M>
using list = std::vector<M>;

/// x + f(x): a block around which its input passes unchanged.
template <class M>
struct residual {
  M block;

  static constexpr auto fields() { return v0::fields("block", &residual::block); }

  template <class X>
  auto operator()(const X& x) const {
    const call_scope scope(*this);
    return traced(*this, block(x) + x);
  }
};

template <class M, class U, class B>
struct rebind<residual<M>, U, B> {
  using type = residual<typename rebind<M, U, B>::type>;
};

}  // namespace tensorlab::inline v0::nn
