#pragma once

#include <utility>

#include <tensorlab/backend/cuda/kernels.cuh>
#include <tensorlab/rule/activation.hpp>
#include <tensorlab/rule/drop.hpp>
#include <tensorlab/rule/generate.hpp>
#include <tensorlab/rule/loss.hpp>
#include <tensorlab/rule/norm.hpp>
#include <tensorlab/rule/reduce.hpp>
#include <tensorlab/rule/rnn.hpp>
#include <tensorlab/rule/unary.hpp>
#include <tensorlab/rule/update.hpp>

/// Instantiates kernels by pack expansion over lists of rules and types: naming a function's address emits it.
///
/// For rules of your own, a .cu file with
/// `[[gnu::used]] void mine() { tensorlab::cuda_kernel::emit_differentiable(floats, type_list<my_rule>{}); }`, where
/// `floats` is `type_list<float>{}` for example, makes `apply(my_rule{}, x)` and both its derivatives run on cuda.
namespace tensorlab::inline v0::cuda_kernel {

template <class... F>
void emit(F*... function) {
  const void* volatile addresses[] = {reinterpret_cast<const void*>(function)..., nullptr};
  (void)addresses;
}

template <class T, std::size_t>
using repeat = T;

/// `map` of a rule whose `f` takes one to five values of type T.
template <class R, class U, class T, std::size_t Arity = 1>
void emit_map() {
  const auto has_arity = []<std::size_t... At>(std::index_sequence<At...>) {
    return requires(const R& r, repeat<T, At>... v) { r.f(v...); };
  };
  if constexpr (has_arity(std::make_index_sequence<Arity>{})) {
    []<std::size_t... At>(std::index_sequence<At...>) { emit(&map<R, U, repeat<T, At>...>); }
    (std::make_index_sequence<Arity>{});
  } else {
    static_assert(Arity < 5);
    emit_map<R, U, T, Arity + 1>();
  }
}

template <class... T, class... R>
void emit_maps(type_list<T...>, type_list<R...>) {
  (..., []<class V>(type_list<V>) { (emit_map<R, V, V>(), ...); }(type_list<T>{}));
}

/// A differentiable rule with both its derivatives.
template <class... T, class... R>
void emit_differentiable(type_list<T...> types, type_list<R...>) {
  emit_maps(types, type_list<R..., chain<R>..., chain2<R>...>{});
}

/// Dropout after a differentiable rule, with its first derivative.
template <class... T, class... R>
void emit_dropout(type_list<T...>, type_list<R...>) {
  (..., []<class V>(type_list<V>) {
    emit(&generate<rule::drop<R, V>, V, V>..., &generate<rule::drop_chain<R, V>, V, V, V>...);
  }(type_list<T>{}));
}

template <class... T, class... R>
void emit_comparisons(type_list<T...>, type_list<R...>) {
  (..., []<class V>(type_list<V>) { (emit_map<R, bool, V>(), ...); }(type_list<T>{}));
}

template <class To, class From>
void emit_conversion() {
  if constexpr (!std::is_same_v<To, From>) emit(&map<rule::convert<To>, To, From>);
}
template <class... From, class... To>
void emit_conversions(type_list<From...>, type_list<To...>) {
  (..., []<class U>(type_list<U>) { (emit_conversion<U, From>(), ...); }(type_list<To>{}));
}

template <class... T>
void emit_moves(type_list<T...>) {
  emit(&map<rule::copy, T, T>...);
  emit(&map<rule::fill<T>, T>...);
  emit(&map<rule::where, T, bool, T, T>...);
  emit(&gather<T>...);
}

template <class... T, class... R>
void emit_updates(type_list<T...>, type_list<R...>) {
  (..., []<class V>(type_list<V>) { emit(&update<R, V>...); }(type_list<T>{}));
}

template <class... T, class... Reduce, class... Arg, class... Cumulate>
void emit_reductions(type_list<T...>, type_list<Reduce...>, type_list<Arg...>, type_list<Cumulate...>) {
  (..., []<class V>(type_list<V>) {
    emit(&reduce<Reduce, V>...);
    emit(&arg_reduce<Arg, V>...);
    emit(&cumulate<Cumulate, V>...);
  }(type_list<T>{}));
  emit(&sort<T>...);
  emit(&scatter_add<T>...);
  emit(&bucketize<T>...);
}

template <class... T>
void emit_layers(type_list<T...>) {
  emit(&gemm<T>..., &conv<T>..., &conv_dx<T>..., &conv_dw<T>..., &pool<T>..., &pool_dx<T>...);
  emit(&norm<T>..., &norm_backward<T>..., &norm_backward_affine<T>..., &softmax<T>..., &softmax_backward<T>...);
}

}  // namespace tensorlab::inline v0::cuda_kernel
