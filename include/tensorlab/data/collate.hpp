#pragma once

#include <cstring>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <tensorlab/autograd/tensor.hpp>

namespace tensorlab::inline v0::data {

namespace detail {

template <class S>
struct backend_of_sample {};
template <class T, class B>
struct backend_of_sample<tensor<T, B>> {
  using type = B;
};
template <class S, class... Rest>
struct first_backend : first_backend<Rest...> {};
template <class S, class... Rest>
requires requires { typename backend_of_sample<S>::type; }
struct first_backend<S, Rest...> : backend_of_sample<S> {};
template <class S>
struct first_backend<S> : backend_of_sample<S> {};
template <class S>
requires requires { typename backend_of_sample<S>::type; }
struct first_backend<S> : backend_of_sample<S> {};
template <class... S>
struct backend_of_sample<std::tuple<S...>> : first_backend<S...> {};
template <class A, class B>
struct backend_of_sample<std::pair<A, B>> : first_backend<A, B> {};

}  // namespace detail

/// Makes a batch of samples on backend `B`: what `operator()` returns for samples of a type is
///
/// | sample | batch |
/// |---|---|
/// | number | tensor [n] |
/// | tensor [...] | tensor [n, ...] |
/// | tuple or pair | tuple of the above, part by part |
/// | anything else, such as a string | std::vector of n |
///
/// Elements are gathered in host memory and reach a device in one copy. **Throws** shape_error if shapes differ.
template <class B>
struct stack {
  int device = 0;

  template <class S>
  auto operator()(std::span<const S> samples) const {
    return part(samples.size(), [&](std::size_t i) -> const S& { return samples[i]; });
  }

 private:
  template <class S>
  struct kind_of : std::integral_constant<int, element<S> ? 0 : 3> {};
  template <class T, class H>
  struct kind_of<tensor<T, H>> : std::integral_constant<int, 1> {};
  template <class... S>
  struct kind_of<std::tuple<S...>> : std::integral_constant<int, 2> {};
  template <class S, class U>
  struct kind_of<std::pair<S, U>> : std::integral_constant<int, 2> {};

  template <class At>
  auto part(std::size_t count, const At& at) const {
    using sample = std::remove_cvref_t<decltype(at(0))>;
    if constexpr (kind_of<sample>::value == 0) {
      const auto write = [&](sample* to) {
        for (std::size_t i = 0; i < count; ++i) to[i] = at(i);
      };
      return tensor<sample, B>::written({static_cast<std::int64_t>(count)}, write, device);
    } else if constexpr (kind_of<sample>::value == 1) {
      return rows<typename sample::value_type>(count, at);
    } else if constexpr (kind_of<sample>::value == 2) {
      return parts(count, at, std::make_index_sequence<std::tuple_size_v<sample>>());
    } else {
      std::vector<sample> out;
      out.reserve(count);
      for (std::size_t i = 0; i < count; ++i) out.push_back(at(i));
      return out;
    }
  }

  template <class At, std::size_t... K>
  auto parts(std::size_t count, const At& at, std::index_sequence<K...>) const {
    return std::make_tuple(part(count, [&](std::size_t i) -> decltype(auto) { return std::get<K>(at(i)); })...);
  }

  template <class T, class At>
  tensor<T, B> rows(std::size_t count, const At& at) const {
    const shape first = count == 0 ? shape{} : at(0).shape();
    for (std::size_t i = 1; i < count; ++i) {
      if (at(i).shape() != first) {
        throw_shape_error(concat("collate: shapes of the samples differ: sample 0 of the batch ", first, ", sample ", i,
                                 " ", at(i).shape()));
      }
    }
    shape s = first;
    s.insert(0, static_cast<std::int64_t>(count));
    const auto write = [&](T* to) {
      for (std::size_t i = 0; i < count; ++i, to += first.size()) at(i).array().copy_to(to);
    };
    return tensor<T, B>::written(s, write, device);
  }
};

/// The backend of the first tensor of a sample.
template <class Sample>
using backend_of = typename detail::backend_of_sample<Sample>::type;

}  // namespace tensorlab::inline v0::data
