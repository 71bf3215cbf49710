#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include <tensorlab/autograd/tensor.hpp>

namespace tensorlab::inline v0 {

/// A module's trained tensor. Copying it copies the elements, so a copied module is another model.
template <class T, class B>
class parameter final : public tensor<T, B> {
 public:
  parameter() = default;
  /// Takes over `value` as a leaf that collects a gradient.
  explicit parameter(const tensor<T, B>& value) : tensor<T, B>(value.array()) { this->requires_grad(true); }
  parameter(const parameter& other) : tensor<T, B>(copied(other)) {}
  parameter(parameter&&) noexcept = default;
  parameter& operator=(const parameter& other) {
    if (this != &other) static_cast<tensor<T, B>&>(*this) = copied(other);
    return *this;
  }
  parameter& operator=(parameter&&) noexcept = default;
  ~parameter() = default;

  /// A handle that shares elements and gradient: how weights are tied.
  tensor<T, B> handle() const { return *this; }

 private:
  static tensor<T, B> copied(const parameter& other) {
    if (!other.defined()) return {};
    tensor<T, B> t(other.array().clone());
    t.requires_grad(other.requires_grad());
    return t;
  }
};

/// A module's tensor that is saved but not trained, such as running statistics. Copying it copies the elements.
template <class T, class B>
class buffer final : public tensor<T, B> {
 public:
  buffer() = default;
  explicit buffer(const tensor<T, B>& value) : tensor<T, B>(value.array()) {}
  buffer(const buffer& other) : tensor<T, B>(copied(other)) {}
  buffer(buffer&&) noexcept = default;
  buffer& operator=(const buffer& other) {
    if (this != &other) static_cast<tensor<T, B>&>(*this) = copied(other);
    return *this;
  }
  buffer& operator=(buffer&&) noexcept = default;
  ~buffer() = default;

  /// A handle that shares the elements; writes through it change the buffer.
  tensor<T, B> handle() const { return *this; }

 private:
  static tensor<T, B> copied(const buffer& other) {
    return other.defined() ? tensor<T, B>(other.array().clone()) : tensor<T, B>();
  }
};

/// The parameter, or an undefined tensor where a module has none.
template <class T, class B>
tensor<T, B> value_or_undefined(const std::optional<parameter<T, B>>& p) {
  return p ? p->handle() : tensor<T, B>();
}

namespace nn {

/// Whether a module behaves as in training (dropout, batch statistics) or as in evaluation.
struct mode {
  bool training = true;
};

}  // namespace nn

}  // namespace tensorlab::inline v0
