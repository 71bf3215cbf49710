#pragma once

#include <vector>

#include <tensorlab/ops/cat.hpp>

namespace tensorlab::inline v0 {

namespace detail {

/// The tape's node of split: the parts' gradients are put together once, not one embedding per part.
template <class T, class B>
class split_node final : public node {
 public:
  split_node(int axis, std::vector<shape> parts, int device)
      : node("split"), axis_(axis), device_(device), parts_(std::move(parts)) {}

  int outputs() const override { return static_cast<int>(parts_.size()); }
  void release() override { released_ = true; }
  void backward(const backward_context&, std::span<const std::shared_ptr<variable>> dy,
                std::span<std::shared_ptr<variable>> dx) override {
    if (released_)
      throw_gradient_error("split: second backward pass through a released graph; keep it with {.retain_graph = true}");
    std::vector<tensor<T, B>> g;
    for (std::size_t i = 0; i < parts_.size(); ++i)
      g.push_back(dy[i] ? tensor<T, B>(std::static_pointer_cast<tensor_body<T, B>>(dy[i]))
                        : tensor<T, B>::zeros(parts_[i], device_));
    dx[0] = cat(g, axis_).body();
  }

 private:
  int axis_, device_;
  bool released_ = false;
  std::vector<shape> parts_;
};

}  // namespace detail

/// The parts of `x` with the given extents along `axis`, as views. **Throws** shape_error unless `sizes` add up to it.
template <class T, backend B>
std::vector<tensor<T, B>> split(const tensor<T, B>& x, int axis, const std::vector<std::int64_t>& sizes) {
  const int a = normalize_axis("split", axis, x.rank());
  std::int64_t total = 0;
  bool valid = !sizes.empty();
  for (std::int64_t n : sizes) {
    valid = valid && n >= 0;
    total += n;
  }
  if (!valid || total != x.shape()[a])
    throw_shape_error(concat("split: ", sizes.size(), " sizes do not fill axis ", a, " of shape ", x.shape(), " (",
                             total, " vs ", x.shape()[a], ")"));
  std::vector<tensor<T, B>> parts;
  std::vector<shape> shapes;
  auto w = detail::window::whole(x.shape());
  for (std::int64_t n : sizes) {
    w.extent[a] = n;
    parts.push_back(tensor<T, B>(detail::window_of(x.array(), w)));
    shapes.push_back(w.extent);
    w.start[a] += n;
  }
  if constexpr (std::floating_point<T>) {
    if (recording(x)) {
      auto n = std::make_shared<detail::split_node<T, B>>(a, std::move(shapes), x.device());
      n->edges.push_back(x.source());
      for (std::size_t i = 0; i < parts.size(); ++i) {
        parts[i].body()->producer = n;
        parts[i].body()->output = static_cast<int>(i);
      }
    }
  }
  return parts;
}

/// `count` equal parts of `x` along `axis`, as views. **Throws** shape_error unless the extent divides by `count`.
template <class T, backend B>
std::vector<tensor<T, B>> chunk(const tensor<T, B>& x, int axis, std::int64_t count) {
  const int a = normalize_axis("chunk", axis, x.rank());
  if (count < 1 || x.shape()[a] % count != 0)
    throw_shape_error(concat("chunk: axis ", a, " of shape ", x.shape(), " has no ", count, " equal parts (",
                             x.shape()[a], " vs ", count, ")"));
  return split(x, a, std::vector<std::int64_t>(static_cast<std::size_t>(count), x.shape()[a] / count));
}

/// The elements of `x` along `axis`, each as a view without that dimension; none for an extent of 0.
template <class T, backend B>
std::vector<tensor<T, B>> unbind(const tensor<T, B>& x, int axis) {
  const int a = normalize_axis("unbind", axis, x.rank());
  if (x.shape()[a] == 0) return {};
  auto parts = chunk(x, a, x.shape()[a]);
  for (auto& p : parts) p = squeeze(p, a);
  return parts;
}

}  // namespace tensorlab::inline v0
