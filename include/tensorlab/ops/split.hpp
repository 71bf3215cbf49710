#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <vector>

#include <tensorlab/ops/cat.hpp>

namespace tensorlab::inline v0 {

namespace detail {

/// The backward pass of split: the parts' gradients are put together once, not one embedding per part.
template <class T, class B>
class split_rule final : public backward_rule<T, B> {
 public:
  explicit split_rule(int axis) : axis_(axis) {}
  void run(const backward_context&, std::span<const tensor<T, B>> dy, const tensor<T, B>&,
           std::span<std::shared_ptr<variable>> dx) override {
    dx[0] = cat(dy, axis_).body();
  }

 private:
  int axis_;
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
  std::vector<array<T, B>> arrays;
  auto w = detail::window::whole(x.shape());
  for (std::int64_t n : sizes) {
    w.extent[a] = n;
    arrays.push_back(detail::window_of(x.array(), w));
    w.start[a] += n;
  }
  std::vector<tensor<T, B>> parts(arrays.begin(), arrays.end());
  if constexpr (std::floating_point<T>) {
    if (recording(x))
      detail::attach<T, B>("split", arrays, parts, std::make_unique<detail::split_rule<T, B>>(a), false, {x.source()});
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
