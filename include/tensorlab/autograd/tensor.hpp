#pragma once

#include <array>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tensorlab/autograd/backward.hpp>
#include <tensorlab/backend/array.hpp>
#include <tensorlab/core/random.hpp>
#include <tensorlab/rule/generate.hpp>

namespace tensorlab::inline v0 {

namespace detail {

[[noreturn, gnu::cold, gnu::noinline]] inline void throw_undefined() {
  throw_gradient_error("tensor: an undefined tensor was used");
}

[[noreturn, gnu::cold, gnu::noinline]] inline void throw_other_device(const char* name, const char* backend, int a,
                                                                      int b) {
  throw_device_error(concat(name, ": operands on different devices: ", backend, ":", a, ", ", backend, ":", b));
}

/// What handles of one tensor share.
template <class T, class B>
class tensor_body final : public variable {
 public:
  explicit tensor_body(array<T, B> v) : value(std::move(v)) {}

  const shape& extents() const override { return value.shape(); }
  const void* memory() const override { return value.storage() ? value.storage()->data() : nullptr; }
  std::shared_ptr<variable> plus(const variable& other) const override;
  bool add(const variable& other) override;
  void accumulate(std::shared_ptr<variable> g, bool keep_tape) override;
  /// Whether the elements are dense and no other tensor's.
  bool owns_elements() const {
    return value.storage().use_count() == 1 && !value.storage()->is_borrowed() &&
           dense_like(value.shape(), value.strides()) == value.strides();
  }

  array<T, B> value;
};

}  // namespace detail

/// An n-dimensional array of `T` on backend `B` that remembers how it was computed where a gradient is asked for.
///
/// A tensor is a cheap handle: copies share elements, gradient and tape. Rank is dynamic, at most 8; strides are
/// explicit, so views cost nothing. A default-constructed tensor is undefined: `defined()` is false.
template <class T, class B>
class tensor {
  static_assert(element<T>, "tensor: element types are float, double, bf16, half, int64, int32, uint8 and bool");

 public:
  using value_type = T;
  using backend_type = B;
  using body_type = detail::tensor_body<T, B>;

  tensor() = default;
  explicit tensor(v0::array<T, B> value) : body_(std::make_shared<body_type>(std::move(value))) {}
  explicit tensor(std::shared_ptr<body_type> body) : body_(std::move(body)) {}

  /// Elements are not initialised.
  static tensor empty(const v0::shape& s, int device = 0) { return tensor(v0::array<T, B>::empty(s, device)); }
  static tensor full(const v0::shape& s, T value, int device = 0) {
    return tensor(v0::array<T, B>::full(s, value, device));
  }
  static tensor zeros(const v0::shape& s, int device = 0) { return full(s, T(0), device); }
  static tensor ones(const v0::shape& s, int device = 0) { return full(s, T(1), device); }
  /// A tensor of rank 0.
  static tensor scalar(T value, int device = 0) { return full({}, value, device); }
  /// Host values in row-major order. **Throws** shape_error if their number is not the shape's size.
  static tensor from(std::span<const T> values, const v0::shape& s, int device = 0) {
    return tensor(v0::array<T, B>::from_host(values, s, device));
  }
  static tensor from(std::initializer_list<T> values, const v0::shape& s, int device = 0) {
    return from(std::span<const T>(values.begin(), values.size()), s, device);
  }
  /// Elements that `write(T*)` puts into host memory in row-major order: in place, or to be copied to a device once.
  template <class F>
  static tensor written(const v0::shape& s, const F& write, int device = 0) {
    detail::require_host_values("written");
    tensor t = empty(s, device);
    const auto count = static_cast<std::size_t>(s.size());
    if (count == 0) return t;
    if constexpr (B::host_accessible) {
      write(t.array().data());
    } else {
      const std::unique_ptr<T[]> staged(new T[count]);
      write(staged.get());
      B::copy_from_host(t.array().data(), staged.get(), count * sizeof(T), device);
    }
    return t;
  }
  /// start, start + step, ...: `count` values.
  static tensor arange(std::int64_t count, T start = T(0), T step = T(1), int device = 0) {
    tensor t = empty({count}, device);
    B::generate(rule::iota<T>{start, step}, t.array().view());
    return t;
  }
  /// Independent uniform values in [lo, hi); the same numbers on every backend.
  static tensor uniform(const v0::shape& s, const random::stream& rng, T lo = T(0), T hi = T(1), int device = 0) {
    tensor t = empty(s, device);
    detail::perform_draw("uniform", rng, [&rng, lo, hi, to = t.array().view()] {
      B::generate(rule::uniform<T>{rng.seed(), rng.take(random::blocks_for<T>(to.size())), lo, hi}, to);
    });
    return t;
  }
  /// Independent normal values; drawn on the host in double, so the same numbers on every backend.
  static tensor normal(const v0::shape& s, const random::stream& rng, T mean = T(0), T stddev = T(1), int device = 0) {
    std::vector<T> values(static_cast<std::size_t>(s.size()));
    for (T& v : values) v = static_cast<T>(static_cast<double>(mean) + static_cast<double>(stddev) * rng.normal());
    return from(std::span<const T>(values), s, device);
  }
  /// Elements that belong to somebody else, in row-major order: no copy. `owner`, if given, is kept alive.
  static tensor borrow(std::span<T> memory, const v0::shape& s,
                       std::shared_ptr<void> owner = nullptr) requires B::host_accessible {
    if (static_cast<std::int64_t>(memory.size()) != s.size())
      throw_shape_error(concat("tensor: ", memory.size(), " values do not fill shape ", s));
    return borrow(memory.data(), s, row_major(s), std::move(owner));
  }
  static tensor borrow(T* memory, const v0::shape& s, const v0::strides& st,
                       std::shared_ptr<void> owner = nullptr) requires B::host_accessible {
    auto block = std::make_shared<storage>(memory, static_cast<std::size_t>(s.size()) * sizeof(T), 0, nullptr);
    if (owner) block->keep_alive(std::move(owner));
    return tensor(v0::array<T, B>(std::move(block), 0, s, st));
  }

  bool defined() const { return body_ != nullptr; }
  const v0::array<T, B>& array() const {
    if (!body_) detail::throw_undefined();
    return body_->value;
  }
  const v0::shape& shape() const { return array().shape(); }
  const v0::strides& strides() const { return array().strides(); }
  int rank() const { return shape().rank(); }
  /// Extent of dimension `axis`, counted from the end if negative.
  std::int64_t dim(int axis) const { return shape()[normalize_axis("dim", axis, rank())]; }
  std::int64_t size() const { return shape().size(); }
  int device() const { return array().device(); }
  bool is_contiguous() const { return array().is_row_major(); }

  /// The extents as an array to unpack: `auto [n, t, c] = x.dims<3>("gru: input")`. **Throws** shape_error.
  template <int Rank>
  std::array<std::int64_t, Rank> dims(const char* what) const {
    if (rank() != Rank) throw_shape_error(concat(what, ": expected rank ", Rank, ", got shape ", shape()));
    std::array<std::int64_t, Rank> d;
    for (int i = 0; i < Rank; ++i) d[static_cast<std::size_t>(i)] = shape()[i];
    return d;
  }

  /// The only element. **Throws** shape_error if there are more or none.
  T item() const {
    detail::require_host_values("item");
    if (size() != 1) throw_shape_error(concat("item: shape ", shape(), " does not have exactly one element"));
    T value;
    array().copy_to(&value);
    return value;
  }
  /// The elements in row-major order.
  std::vector<T> to_vector() const requires(!std::same_as<T, bool>) { return array().to_host(); }
  /// Direct access to row-major host memory. **Throws** shape_error if the layout is another.
  std::span<const T> span() const requires B::host_accessible {
    detail::require_host_values("span");
    require_contiguous();
    return {array().data(), static_cast<std::size_t>(size())};
  }
  /// As span(), for writing; counts as an in-place write.
  std::span<T> mutable_span() requires B::host_accessible {
    detail::require_host_values("mutable_span");
    require_contiguous();
    if (body_->value.storage()) body_->value.storage()->bump_version();
    return {array().data(), static_cast<std::size_t>(size())};
  }

  /// Overwrites the elements with those of `from` (same shape) in place.
  ///
  /// **Throws** gradient_error when recording and this tensor is tracked: the tape would not see the write;
  /// shape_error, device_error.
  void assign(const tensor& from) {
    writable("assign");
    if (from.shape() != shape())
      throw_shape_error(concat("assign: shapes differ: to ", shape(), ", from ", from.shape()));
    same_device("assign", from);
    B::map(rule::copy{}, body_->value.view(), from.array().cview());
  }
  void fill(T value) {
    writable("fill");
    B::map(rule::fill<T>{value}, body_->value.view());
  }

  bool requires_grad() const { return body_ && body_->requires_grad; }
  /// True when ops on this tensor are recorded.
  bool tracked() const { return body_ && (body_->requires_grad || body_->producer); }
  /// Marks a leaf as one that collects a gradient, or not. **Throws** gradient_error for a computed tensor.
  tensor& requires_grad(bool on) {
    static_assert(std::floating_point<T>, "requires_grad: only float and double tensors have gradients");
    array();
    if (body_->producer)
      throw_gradient_error("requires_grad: only leaves collect gradients; use stop_gradient() first");
    body_->requires_grad = on;
    return *this;
  }
  /// The gradient collected so far; undefined if there is none.
  tensor grad() const {
    return body_ && body_->gradient ? tensor(std::static_pointer_cast<body_type>(body_->gradient)) : tensor();
  }
  void set_grad(const tensor& g) { variable::set_gradient(body_, g.body_); }
  void zero_grad() {
    if (body_) variable::set_gradient(body_, nullptr);
  }

  /// Adds d(this)/d(leaf) to every leaf's gradient. **Throws** gradient_error unless this is a tracked scalar.
  void backward(const backward_options& options = {}) const {
    if (size() != 1) throw_gradient_error(concat("backward: a gradient must be given for a tensor of shape ", shape()));
    backward(full(shape(), T(1), device()), options);
  }
  /// As above, with the gradient to start from.
  void backward(const tensor& gradient, const backward_options& options = {}) const {
    if (!tracked()) throw_gradient_error("backward: this tensor was not computed from a leaf that requires a gradient");
    if (gradient.shape() != shape())
      throw_shape_error(concat("backward: gradient ", gradient.shape(), " for a tensor of shape ", shape()));
    same_device("backward", gradient);
    const detail::backward_root root{source(), gradient.body_};
    detail::backward_walk(options, {}).run({&root, 1});
  }

  /// Calls `f(gradient)` whenever a gradient of this tensor is computed; a tensor that it returns takes the gradient's
  /// place.
  ///
  /// A leaf's is called once per pass with the whole gradient: by backward() before the leaf collects it, by grad()
  /// before it is returned, if the leaf is among its inputs. **Throws** gradient_error if this tensor is not tracked.
  template <class F>
  void on_gradient(F f) {
    if (!tracked()) throw_gradient_error("on_gradient: this tensor is not tracked");
    struct hook final : gradient_hook {
      explicit hook(F g) : call(std::move(g)) {}
      std::shared_ptr<variable> operator()(const std::shared_ptr<variable>& g) override {
        const tensor before(std::static_pointer_cast<body_type>(g));
        if constexpr (std::is_void_v<decltype(call(before))>) {
          call(before);
          return g;
        } else {
          return call(before).body();
        }
      }
      F call;
    };
    auto h = std::make_shared<hook>(std::move(f));
    if (body_->producer)
      body_->producer->hooks.emplace_back(body_->output, std::move(h));
    else
      body_->hooks.push_back(std::move(h));
  }

  const std::shared_ptr<body_type>& body() const { return body_; }
  /// Where this tensor's gradient goes.
  edge source() const { return body_ ? source_of(body_) : edge{}; }

 private:
  void require_contiguous() const {
    if (!is_contiguous())
      throw_shape_error(
          concat("span: shape ", shape(), " with strides ", strides(), " is not row-major; use contiguous()"));
  }
  void same_device(const char* op, const tensor& other) const {
    if (other.device() != device()) detail::throw_other_device(op, B::name, device(), other.device());
  }
  void writable(const char* op) {
    array();
    if (grad_enabled() && tracked())
      throw_gradient_error(concat(op, ": in-place write to a tracked tensor; write under no_grad"));
    if (const capture* const c = capture::current()) [[unlikely]]
      detail::require_no_constant(*c, op, body_->value.data());
    if (body_->value.storage()) body_->value.storage()->bump_version();
  }

  std::shared_ptr<body_type> body_;
};

/// The same elements, cut from the tape.
template <class T, class B>
tensor<T, B> stop_gradient(const tensor<T, B>& x) {
  return tensor<T, B>(x.array());
}

namespace detail {

template <class T, class B>
std::shared_ptr<variable> tensor_body<T, B>::plus(const variable& other) const {
  if constexpr (std::floating_point<T>) {
    // Both are gradients of one tensor, so their types are the same.
    const auto& that = static_cast<const tensor_body&>(other);
    auto sum = std::make_shared<tensor_body>(array<T, B>::empty_like(value));
    B::map(rule::add{}, sum->value.view(), value.cview(), that.value.cview());
    return sum;
  } else {
    return nullptr;
  }
}

template <class T, class B>
bool tensor_body<T, B>::add(const variable& other) {
  if constexpr (std::floating_point<T>) {
    if (!owns_elements()) return false;
    const view<T> to = value.view();
    B::map(rule::add{}, to, view<const T>(to), static_cast<const tensor_body&>(other).value.cview());
    return true;
  } else {
    return false;
  }
}

template <class T, class B>
void tensor_body<T, B>::accumulate(std::shared_ptr<variable> g, bool keep_tape) {
  if constexpr (std::floating_point<T>) {
    if (gradient) {
      gradient = sum_of(gradient, g);
      return;
    }
    const auto& in = static_cast<const tensor_body&>(*g);
    // A gradient that shares its elements with another tensor, or with a program's memory, would change with them.
    const bool own = g.use_count() == 1 && in.owns_elements() && in.value.strides() == value.strides();
    if (keep_tape || own) {
      gradient = std::move(g);
      return;
    }
    auto copy = array<T, B>::empty_like(value);
    B::map(rule::copy{}, copy.view(), in.value.cview());
    gradient = std::make_shared<tensor_body>(std::move(copy));
  }
}

}  // namespace detail

}  // namespace tensorlab::inline v0
