#pragma once

#include <memory>
#include <span>
#include <vector>

#include <tensorlab/backend/storage.hpp>
#include <tensorlab/backend/view.hpp>
#include <tensorlab/core/dtype.hpp>
#include <tensorlab/rule/binary.hpp>

namespace tensorlab::inline v0 {

/// A strided n-dimensional array in a backend's memory, without gradient. Copies share the storage.
template <class T, class B>
class array {
 public:
  using value_type = T;
  using backend_type = B;

  array() = default;
  array(std::shared_ptr<v0::storage> s, std::int64_t offset, const v0::shape& sh, const v0::strides& st)
      : storage_(std::move(s)), offset_(offset), shape_(sh), strides_(st) {}

  /// Uninitialised, with the given memory order. **Throws** shape_error for a negative extent.
  static array empty(const v0::shape& s, const v0::strides& st, int device = 0) {
    for (std::int64_t d : s)
      if (d < 0) throw_shape_error(concat("array: negative extent in shape ", s));
    const auto bytes = static_cast<std::size_t>(s.size()) * sizeof(T);
    return {detail::make_storage(bytes, device, &B::allocate, &B::deallocate), 0, s, st};
  }
  static array empty(const v0::shape& s, int device = 0) { return empty(s, row_major(s), device); }
  /// Uninitialised, of shape `s` in the memory order of `like`.
  template <class U>
  static array empty_like(const array<U, B>& like) {
    return empty(like.shape(), dense_like(like.shape(), like.strides()), like.device());
  }
  static array full(const v0::shape& s, T value, int device = 0) {
    array a = empty(s, device);
    B::map(rule::fill<T>{value}, a.view());
    return a;
  }

  /// Host elements in row-major order.
  static array from_host(std::span<const T> values, const v0::shape& s, int device = 0) {
    if (static_cast<std::int64_t>(values.size()) != s.size())
      throw_shape_error(concat("array: ", values.size(), " values do not fill shape ", s));
    array a = empty(s, device);
    B::copy_from_host(a.data(), values.data(), values.size() * sizeof(T), device);
    return a;
  }

  explicit operator bool() const { return storage_ != nullptr; }
  const v0::shape& shape() const { return shape_; }
  const v0::strides& strides() const { return strides_; }
  int rank() const { return shape_.rank(); }
  std::int64_t dim(int i) const { return shape_[i]; }
  std::int64_t size() const { return shape_.size(); }
  int device() const { return storage_ ? storage_->device() : 0; }
  std::int64_t offset() const { return offset_; }
  const std::shared_ptr<v0::storage>& storage() const { return storage_; }
  bool is_row_major() const { return v0::is_row_major(shape_, strides_); }

  T* data() const { return storage_ ? static_cast<T*>(storage_->data()) + offset_ : nullptr; }
  v0::view<T> view() const { return {data(), shape_, strides_}; }
  v0::view<const T> cview() const { return {data(), shape_, strides_}; }
  v0::view<const T> broadcast_to(const v0::shape& s) const { return broadcast_view(cview(), s); }

  /// The same elements under another shape and strides, sharing the storage.
  array restride(const v0::shape& s, const v0::strides& st, std::int64_t offset_change = 0) const {
    return {storage_, offset_ + offset_change, s, st};
  }

  /// This array if it is row-major, else a row-major copy.
  array contiguous() const { return is_row_major() ? *this : clone_row_major(); }
  /// A dense copy in the same memory order.
  array clone() const {
    array out = empty_like(*this);
    B::map(rule::copy{}, out.view(), cview());
    return out;
  }
  array clone_row_major() const {
    array out = empty(shape_, device());
    B::map(rule::copy{}, out.view(), cview());
    return out;
  }
  template <class U>
  array<U, B> cast() const {
    auto out = array<U, B>::empty_like(*this);
    B::map(rule::convert<U>{}, out.view(), cview());
    return out;
  }

  /// Host copies of the elements in row-major order.
  std::vector<T> to_host() const requires(!std::same_as<T, bool>) {
    std::vector<T> out(static_cast<std::size_t>(size()));
    copy_to(out.data());
    return out;
  }
  /// Writes the elements in row-major order to `host`, which holds `size()` of them.
  void copy_to(T* host) const {
    const array c = contiguous();
    B::copy_to_host(host, c.data(), static_cast<std::size_t>(size()) * sizeof(T), device());
  }

 private:
  std::shared_ptr<v0::storage> storage_;
  std::int64_t offset_ = 0;
  v0::shape shape_;
  v0::strides strides_;
};

}  // namespace tensorlab::inline v0
