#pragma once

#include <memory>
#include <string>
#include <utility>

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/visit.hpp>

namespace tensorlab::inline v0::nn {

/// A module of any type that maps one tensor to one: for networks that a configuration puts together.
///
/// Copying is deep. An empty one throws value_error when called. It keeps its element type and backend: build it anew
/// and load its state to convert it.
template <class T = float, class B = cpu>
class any {
 public:
  using value_type = T;
  using backend_type = B;
  using module_tag = void;

  any() = default;
  template <class M>
  requires(!std::same_as<std::remove_cvref_t<M>, any>) && requires(const M& m, const tensor<T, B>& x) {
    { m(x) } -> std::convertible_to<tensor<T, B>>;
  }
  explicit any(M module) : held_(std::make_unique<model<M>>(std::move(module))) {}
  any(const any& other) : held_(other.held_ ? other.held_->clone() : nullptr) {}
  any(any&&) noexcept = default;
  any& operator=(any other) noexcept {
    held_ = std::move(other.held_);
    return *this;
  }

  explicit operator bool() const { return held_ != nullptr; }
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    if (!held_) throw_value_error("any: an empty module was called");
    return held_->forward(x);
  }
  void visit_leaves(visitor<T, B>& v, const std::string& path) {
    if (held_) held_->walk(v, path);
  }

 private:
  struct held_module {
    virtual ~held_module() = default;
    virtual tensor<T, B> forward(const tensor<T, B>& x) const = 0;
    virtual void walk(visitor<T, B>& v, const std::string& path) = 0;
    virtual std::unique_ptr<held_module> clone() const = 0;
  };
  template <class M>
  struct model final : held_module {
    explicit model(M m) : module(std::move(m)) {}
    tensor<T, B> forward(const tensor<T, B>& x) const override {
      const call_scope scope(module);
      return module(x);
    }
    void walk(visitor<T, B>& v, const std::string& path) override { visit(module, v, path); }
    std::unique_ptr<held_module> clone() const override { return std::make_unique<model>(module); }
    M module;
  };

  std::unique_ptr<held_module> held_;
};

}  // namespace tensorlab::inline v0::nn
