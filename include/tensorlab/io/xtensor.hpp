#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#endif

#include <tensorlab/autograd/tensor.hpp>

/// Exchange with xtensor, without a copy where the layout allows.
namespace tensorlab::inline v0::io {

namespace detail {

template <class T, class U, class B>
auto xtensor_view(const tensor<U, B>& x) {
  static_assert(B::host_accessible && std::is_arithmetic_v<U>, "as_xtensor: numbers in host memory");
  std::vector<std::size_t> extents;
  std::vector<std::ptrdiff_t> steps;
  for (int i = 0; i < x.rank(); ++i) {
    const std::int64_t step = x.shape()[i] == 1 ? 0 : x.strides()[i];
    if (step < 0) throw_shape_error(concat("as_xtensor: strides run backwards: ", x.strides(), "; use contiguous()"));
    extents.push_back(static_cast<std::size_t>(x.shape()[i]));
    steps.push_back(static_cast<std::ptrdiff_t>(step));
  }
  T* data = x.array().data();
  // xtensor wants the number of elements here even where the strides reach further or repeat.
  return xt::adapt(std::move(data), static_cast<std::size_t>(x.size()), xt::no_ownership(), std::move(extents),
                   std::move(steps));
}

}  // namespace detail

/// The elements of `x` as an xtensor expression to read, in place, whatever the strides; `x` outlives it.
template <class T, class B>
auto as_xtensor(const tensor<T, B>& x) {
  return detail::xtensor_view<const T>(x);
}
/// As as_xtensor(), for writing too; counts as an in-place write.
template <class T, class B>
auto as_mutable_xtensor(tensor<T, B>& x) {
  auto view = detail::xtensor_view<T>(x);
  if (x.array().storage()) x.array().storage()->bump_version();
  return view;
}

/// A tensor with the values of an xtensor expression; a container that is moved in gives up its memory, without a copy.
/// borrow_xtensor shares what stays where it is.
///
/// **Throws** shape_error for more than 8 dimensions.
template <class B = cpu, class Expression>
auto from_xtensor(Expression&& x) {
  using plain = std::remove_cvref_t<Expression>;
  using T = std::remove_cv_t<typename plain::value_type>;
  constexpr bool movable = requires(plain & p) {
    { p.storage().data() } -> std::same_as<T*>;
    p.strides();
    requires std::is_same_v<typename plain::temporary_type, plain>;
  }
  &&!std::is_lvalue_reference_v<Expression> && !std::is_const_v<Expression>;
  shape s;
  for (const auto d : x.shape()) s.push_back(static_cast<std::int64_t>(d));
  if constexpr (movable && B::host_accessible) {
    auto owner = std::make_shared<plain>(std::forward<Expression>(x));
    strides st;
    for (const auto d : owner->strides()) st.push_back(static_cast<std::int64_t>(d));
    return tensor<T, B>::borrow(owner->data(), s, st, owner);
  } else {
    const xt::xarray<T, xt::layout_type::row_major> values = x;
    return tensor<T, B>::from({values.data(), static_cast<std::size_t>(s.size())}, s);
  }
}

/// The elements of an xtensor container, adaptor or strided view as a tensor, in place, whatever the strides: writes
/// reach it; the memory outlives the tensor and its views.
///
/// **Throws** shape_error for more than 8 dimensions.
template <class B = cpu, class Container>
requires B::host_accessible && requires(Container& x) {
  { x.data() } -> std::same_as<typename Container::value_type*>;
  { x.strides().size() } -> std::convertible_to<std::size_t>;
  { x.data_offset() } -> std::convertible_to<std::size_t>;
}
tensor<typename Container::value_type, B> borrow_xtensor(Container& x) {
  shape s;
  strides st;
  for (const auto d : x.shape()) s.push_back(static_cast<std::int64_t>(d));
  for (const auto d : x.strides()) st.push_back(static_cast<std::int64_t>(d));
  return tensor<typename Container::value_type, B>::borrow(x.data() + x.data_offset(), s, st);
}

}  // namespace tensorlab::inline v0::io
