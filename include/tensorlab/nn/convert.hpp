#pragma once

#include <array>
#include <optional>
#include <tuple>
#include <vector>

#include <tensorlab/backend/concept.hpp>
#include <tensorlab/nn/module.hpp>
#include <tensorlab/nn/state_dict.hpp>

namespace tensorlab::inline v0::nn {

/// The type of module `M` with element type `U` and backend `B`; specialise it for templates of another form.
template <class M, class U, class B>
struct rebind {
  using type = M;
};
template <template <class, backend> class M, element T, backend B0, class U, class B>
struct rebind<M<T, B0>, U, B> {
  using type = M<U, B>;
};
template <class T, class B0, class U, class B>
struct rebind<parameter<T, B0>, U, B> {
  using type = parameter<U, B>;
};
template <class T, class B0, class U, class B>
struct rebind<buffer<T, B0>, U, B> {
  using type = buffer<std::conditional_t<std::floating_point<T>, U, T>, B>;
};
template <class M, class U, class B>
struct rebind<std::optional<M>, U, B> {
  using type = std::optional<typename rebind<M, U, B>::type>;
};
template <class M, class U, class B>
struct rebind<std::vector<M>, U, B> {
  using type = std::vector<typename rebind<M, U, B>::type>;
};
template <class M, std::size_t Count, class U, class B>
struct rebind<std::array<M, Count>, U, B> {
  using type = std::array<typename rebind<M, U, B>::type, Count>;
};
template <class... M, class U, class B>
struct rebind<std::tuple<M...>, U, B> {
  using type = std::tuple<typename rebind<M, U, B>::type...>;
};
template <class M, class U, class B>
using rebind_t = typename rebind<M, U, B>::type;

namespace detail {

template <class U, class B, class T, class B0>
tensor<U, B> moved_tensor(const tensor<T, B0>& t, int device) {
  const host_tensor h = to_host_tensor(t);
  const std::vector<U> values = elements_as<U>(h);
  return tensor<U, B>::from(std::span<const U>(values), t.shape(), device);
}

/// Fills `to`, the same record with other types, from `from`.
template <class To, class From>
void convert_into(To& to, const From& from, int device) {
  if constexpr (is_parameter<From>) {
    if (!from.defined()) return;
    to = To(moved_tensor<typename To::value_type, typename To::backend_type>(from, device));
    to.requires_grad(from.requires_grad());
  } else if constexpr (is_buffer<From>) {
    if (from.defined()) to = To(moved_tensor<typename To::value_type, typename To::backend_type>(from, device));
  } else if constexpr (is_optional<From>) {
    if (from) convert_into(to.emplace(), *from, device);
  } else if constexpr (is_sequence<From>) {
    if constexpr (requires { to.resize(from.size()); }) to.resize(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) convert_into(to[i], from[i], device);
  } else if constexpr (is_tuple<From>) {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (convert_into(std::get<K>(to), std::get<K>(from), device), ...);
    }
    (std::make_index_sequence<std::tuple_size_v<From>>());
  } else if constexpr (has_fields<From> && !std::is_same_v<To, From>) {
    constexpr auto source = From::fields();
    constexpr auto target = To::fields();
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (convert_into(to.*std::get<K>(target).member, from.*std::get<K>(source).member, device), ...);
    }
    (std::make_index_sequence<std::tuple_size_v<decltype(source)>>());
  } else {
    to = from;
  }
}

/// Puts the tensors of a module on one device.
template <class T, class B>
class device_mover final : public visitor<T, B> {
 public:
  explicit device_mover(int device) : device_(device) {}

  void on_parameter(const std::string&, parameter<T, B>& p) override {
    const bool trained = p.requires_grad();
    move(p);
    p.requires_grad(trained);
  }
  void on_buffer(const std::string&, buffer<T, B>& b) override { move(b); }
  void on_counter(const std::string&, buffer<std::int64_t, B>& b) override { move(b); }
  void on_quantized(const std::string&, buffer<std::int8_t, B>& b) override { move(b); }

 private:
  template <class Leaf>
  void move(Leaf& t) const {
    if (t.device() != device_) t = Leaf(moved_tensor<typename Leaf::value_type, B>(t, device_));
  }

  int device_;
};

}  // namespace detail

/// A copy of the module with element type `U` on backend `B`: `to<double>(net)`, `to<float, cuda>(net)`.
template <class U, backend B, class M>
rebind_t<M, U, B> to(const M& module, int device = 0) {
  rebind_t<M, U, B> out;
  detail::convert_into(out, module, device);
  if constexpr (std::is_same_v<rebind_t<M, U, B>, M>) {
    detail::device_mover<U, B> mover(device);
    visit(out, mover);
  }
  return out;
}
/// A copy of the module with element type `U` on its own backend.
template <class U, class M>
auto to(const M& module) {
  return to<U, backend_of<M>>(module);
}
/// A copy of the module on backend `B` with its own element type.
template <backend B, class M>
auto to_backend(const M& module, int device = 0) {
  return to<value_type_of<M>, B>(module, device);
}

}  // namespace tensorlab::inline v0::nn
