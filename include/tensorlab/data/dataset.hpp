#pragma once

#include <concepts>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <tensorlab/autograd/tensor.hpp>
#include <tensorlab/core/random.hpp>

namespace tensorlab::inline v0::data {

namespace detail {

template <class D>
concept plain_dataset = requires(const D& d, std::int64_t i) {
  d.get(i);
};
template <class D>
concept random_dataset = requires(const D& d, std::int64_t i, const random::stream& rng) {
  d.get(i, rng);
};

}  // namespace detail

/// A finite list of samples: `size()`, and `get(i)` for 0 <= i < size(), or `get(i, stream)` where the sample depends
/// on chance. A sample is a tensor in host memory, a number, or a tuple of those; with an own collate function any
/// type.
///
/// `get` is const and called by several threads at once.
template <class D>
concept dataset = requires(const D& d) {
  { d.size() } -> std::convertible_to<std::int64_t>;
}
&&(detail::plain_dataset<D> || detail::random_dataset<D>);

/// Sample `i`; `rng` goes to data sets that ask for it.
template <dataset D>
decltype(auto) get_sample(const D& d, std::int64_t i, const random::stream& rng) {
  if constexpr (detail::random_dataset<D>)
    return d.get(i, rng);
  else
    return d.get(i);
}

/// The type of a data set's samples.
template <dataset D>
using sample_of =
    std::remove_cvref_t<decltype(get_sample(std::declval<const D&>(), 0, std::declval<random::stream>()))>;

/// Samples are the rows of tensors: sample i is `(X[i], Y[i], ...)`, views of rank one less; with one tensor just
/// `X[i]`.
template <class... Tensors>
class tensor_dataset {
  static_assert(sizeof...(Tensors) > 0 && (Tensors::backend_type::host_accessible && ...),
                "tensor_dataset: one or more tensors in host memory");

 public:
  /// **Throws** shape_error if a tensor has rank 0 or the first extents differ.
  explicit tensor_dataset(Tensors... tensors) : tensors_(std::move(tensors)...) {
    const shape& first = std::get<0>(tensors_).shape();
    std::apply([&](const auto&... t) { (check(first, t.shape()), ...); }, tensors_);
  }

  std::int64_t size() const { return std::get<0>(tensors_).shape()[0]; }

  auto get(std::int64_t i) const {
    if constexpr (sizeof...(Tensors) == 1)
      return row(std::get<0>(tensors_), i);
    else
      return std::apply([&](const auto&... t) { return std::make_tuple(row(t, i)...); }, tensors_);
  }

  const std::tuple<Tensors...>& tensors() const { return tensors_; }

 private:
  static void check(const shape& first, const shape& s) {
    if (s.rank() == 0 || first.rank() == 0) throw_shape_error("tensor_dataset: a tensor of rank 0 has no rows");
    if (s[0] != first[0]) {
      throw_shape_error(concat("tensor_dataset: numbers of rows differ: first ", first, ", other ", s, " (", first[0],
                               " vs ", s[0], ")"));
    }
  }

  template <class T, class B>
  static tensor<T, B> row(const tensor<T, B>& x, std::int64_t i) {
    const auto& a = x.array();
    shape s = a.shape();
    strides st = a.strides();
    const std::int64_t step = st[0];
    s.erase(0);
    st.erase(0);
    return tensor<T, B>(a.restride(s, st, i * step));
  }

  std::tuple<Tensors...> tensors_;
};

/// Some samples of another data set, in the order of `indices`; an index may occur more than once.
template <dataset D>
class subset {
 public:
  /// **Throws** value_error for an index outside the data set.
  subset(D source, std::vector<std::int64_t> indices) : source_(std::move(source)), indices_(std::move(indices)) {
    const std::int64_t count = source_.size();
    for (std::int64_t i : indices_) {
      if (i < 0 || i >= count)
        throw_value_error(concat("subset: index ", i, " is outside a data set of ", count, " samples"));
    }
  }

  std::int64_t size() const { return static_cast<std::int64_t>(indices_.size()); }
  auto get(std::int64_t i) const requires detail::plain_dataset<D> {
    return source_.get(indices_[static_cast<std::size_t>(i)]);
  }
  auto get(std::int64_t i, const random::stream& rng) const requires detail::random_dataset<D> {
    return source_.get(indices_[static_cast<std::size_t>(i)], rng);
  }

  const std::vector<std::int64_t>& indices() const { return indices_; }

 private:
  D source_;
  std::vector<std::int64_t> indices_;
};

/// A data set whose samples are those of another one after a function: `f(sample)` or `f(sample, stream)`.
template <dataset D, class F>
class mapped {
  static constexpr bool random =
      detail::random_dataset<D> || std::is_invocable_v<const F&, sample_of<D>, const v0::random::stream&>;

 public:
  mapped(D source, F f) : source_(std::move(source)), f_(std::move(f)) {}

  std::int64_t size() const { return source_.size(); }
  auto get(std::int64_t i) const requires(!random) { return f_(source_.get(i)); }
  auto get(std::int64_t i, const v0::random::stream& rng) const requires random {
    if constexpr (std::is_invocable_v<const F&, sample_of<D>, const v0::random::stream&>)
      return f_(get_sample(source_, i, rng), rng);
    else
      return f_(get_sample(source_, i, rng));
  }

 private:
  D source_;
  F f_;
};

/// `mapped(dataset, f)`: the samples of `source` after `f`, which is const-callable from several threads at once.
template <dataset D, class F>
mapped<D, F> map(D source, F f) {
  return {std::move(source), std::move(f)};
}

/// A data set that lives elsewhere and outlives this handle: for those that are costly or impossible to copy.
template <dataset D>
class borrowed {
 public:
  explicit borrowed(const D& source) : source_(&source) {}

  std::int64_t size() const { return source_->size(); }
  decltype(auto) get(std::int64_t i) const requires detail::plain_dataset<D> { return source_->get(i); }
  decltype(auto) get(std::int64_t i, const random::stream& rng) const requires detail::random_dataset<D> {
    return source_->get(i, rng);
  }

 private:
  const D* source_;
};

}  // namespace tensorlab::inline v0::data
