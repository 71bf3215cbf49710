#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <Eigen/Core>
#include <tensorlab/autograd/tensor.hpp>

/// Exchange with Eigen, without a copy where the layout allows.
namespace tensorlab::inline v0::io {

/// A rank 2 tensor as Eigen sees it, in place; `T` const for reading.
template <class T>
using eigen_matrix_map = Eigen::Map<
    std::conditional_t<std::is_const_v<T>,
                       const Eigen::Matrix<std::remove_const_t<T>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>,
                       Eigen::Matrix<std::remove_const_t<T>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>,
    Eigen::Unaligned, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;
/// A rank 1 tensor as Eigen sees it, in place; `T` const for reading.
template <class T>
using eigen_vector_map = Eigen::Map<std::conditional_t<std::is_const_v<T>, const Eigen::VectorX<std::remove_const_t<T>>,
                                                       Eigen::VectorX<std::remove_const_t<T>>>,
                                    Eigen::Unaligned, Eigen::InnerStride<>>;

namespace detail {

template <class T, class U, class B>
eigen_matrix_map<T> eigen_map(const tensor<U, B>& x) {
  static_assert(B::host_accessible && std::is_arithmetic_v<U>, "as_eigen: numbers in host memory");
  if (x.rank() != 1 && x.rank() != 2)
    throw_shape_error(concat("as_eigen: expected rank 1 or 2, got shape ", x.shape()));
  const bool column = x.rank() == 1;
  return {x.array().data(), x.shape()[0], column ? 1 : x.shape()[1],
          Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>(x.strides()[0], column ? 1 : x.strides()[1])};
}
template <class T, class U, class B>
eigen_vector_map<T> eigen_vector(const tensor<U, B>& x) {
  static_assert(B::host_accessible && std::is_arithmetic_v<U>, "as_eigen_vector: numbers in host memory");
  if (x.rank() != 1) throw_shape_error(concat("as_eigen_vector: expected rank 1, got shape ", x.shape()));
  return {x.array().data(), x.shape()[0], Eigen::InnerStride<>(x.strides()[0])};
}
template <class T, class B>
void note_write(const tensor<T, B>& x) {
  if (x.array().storage()) x.array().storage()->bump_version();
}

template <class Derived>
shape eigen_shape(const Eigen::DenseBase<Derived>& m) {
  if constexpr (Derived::IsVectorAtCompileTime)
    return {m.size()};
  else
    return {m.rows(), m.cols()};
}
template <class Derived>
strides eigen_strides(const Derived& m) {
  if constexpr (Derived::IsVectorAtCompileTime)
    return {m.innerStride()};
  else
    return {m.rowStride(), m.colStride()};
}

}  // namespace detail

/// The elements of `x` for Eigen to read, in place; `x` outlives the map.
///
/// **Shapes**: [r, c] is an r x c matrix, [n] an n x 1 matrix. **Throws** shape_error for another rank.
template <class T, class B>
eigen_matrix_map<const T> as_eigen(const tensor<T, B>& x) {
  return detail::eigen_map<const T>(x);
}
/// As as_eigen(), for writing too; counts as an in-place write.
template <class T, class B>
eigen_matrix_map<T> as_mutable_eigen(tensor<T, B>& x) {
  auto map = detail::eigen_map<T>(x);
  detail::note_write(x);
  return map;
}
/// A tensor [n] as a column vector, in place. **Throws** shape_error for another rank.
template <class T, class B>
eigen_vector_map<const T> as_eigen_vector(const tensor<T, B>& x) {
  return detail::eigen_vector<const T>(x);
}
/// As as_eigen_vector(), for writing too; counts as an in-place write.
template <class T, class B>
eigen_vector_map<T> as_mutable_eigen_vector(tensor<T, B>& x) {
  auto map = detail::eigen_vector<T>(x);
  detail::note_write(x);
  return map;
}

/// A tensor with the values of an Eigen expression; a matrix or array that is moved in gives up its memory, without a
/// copy. borrow_eigen shares what stays where it is.
///
/// **Shapes**: [rows, cols], or [size] for a vector type.
template <class B = cpu, class Expression>
auto from_eigen(Expression&& m) {
  using plain = std::remove_cvref_t<Expression>;
  using T = typename plain::Scalar;
  constexpr bool movable = std::is_base_of_v<Eigen::PlainObjectBase<plain>, plain> &&
                           !std::is_lvalue_reference_v<Expression> && !std::is_const_v<Expression>;
  const shape s = detail::eigen_shape(m);
  if constexpr (movable && B::host_accessible) {
    auto owner = std::make_shared<plain>(std::forward<Expression>(m));
    return tensor<T, B>::borrow(owner->data(), s, detail::eigen_strides(*owner), owner);
  } else {
    const Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> values = m.derived().array();
    return tensor<T, B>::from({values.data(), static_cast<std::size_t>(values.size())}, s);
  }
}

/// The elements of an Eigen object as a tensor, in place: writes reach it; it outlives the tensor and its views.
template <class B = cpu, class Derived>
requires B::host_accessible tensor<typename Derived::Scalar, B> borrow_eigen(Eigen::PlainObjectBase<Derived>& m) {
  return tensor<typename Derived::Scalar, B>::borrow(m.data(), detail::eigen_shape(m),
                                                     detail::eigen_strides(m.derived()));
}
/// As above of the memory that a map shows, whatever its strides; the map itself need not live on.
template <class B = cpu, class Plain, int Options, class Stride>
requires(B::host_accessible &&
         !std::is_const_v<Plain>) tensor<typename Plain::Scalar, B> borrow_eigen(Eigen::Map<Plain, Options, Stride> m) {
  return tensor<typename Plain::Scalar, B>::borrow(m.data(), detail::eigen_shape(m), detail::eigen_strides(m));
}
/// As above of what a reference, such as one to a block of a matrix, refers to.
template <class B = cpu, class Plain, int Options, class Stride>
requires(B::host_accessible &&
         !std::is_const_v<Plain>) tensor<typename Plain::Scalar, B> borrow_eigen(Eigen::Ref<Plain, Options, Stride> m) {
  return tensor<typename Plain::Scalar, B>::borrow(m.data(), detail::eigen_shape(m), detail::eigen_strides(m));
}

}  // namespace tensorlab::inline v0::io
