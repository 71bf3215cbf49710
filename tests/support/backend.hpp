#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <tensorlab/autograd/tensor.hpp>
#include <tensorlab/backend/reference.hpp>

#include "support/catch.hpp"
#include "support/reference.hpp"

#define TL_TEST_cpu 1
#define TL_TEST_simt 2
#define TL_TEST_cuda 3
#define TL_TEST_reference 4
#define TL_TEST_JOIN(a, b) a##b
#define TL_TEST_KIND(x) TL_TEST_JOIN(TL_TEST_, x)

#if TL_TEST_KIND(TL_TEST_BACKEND) == TL_TEST_cpu
#include <tensorlab/backend/cpu.hpp>
#elif TL_TEST_KIND(TL_TEST_BACKEND) == TL_TEST_simt
#include <tensorlab/backend/simt.hpp>
#elif TL_TEST_KIND(TL_TEST_BACKEND) == TL_TEST_cuda
#include <tensorlab/backend/cuda.hpp>
#endif

namespace tl = tensorlab;

/// The backend this executable tests.
using B = tl::TL_TEST_BACKEND;

namespace test {

/// The one table of tolerances: relative to the largest expected magnitude, per element type.
template <class T>
constexpr double tolerance() {
  if constexpr (std::same_as<T, double>) return 1e-12;
  if constexpr (std::same_as<T, float>) return 4e-6;
  return 0;
}

/// Uniform values in [lo, hi) on backend `Backend`; the same for the same seed on every backend.
template <class T, class Backend = B>
tl::tensor<T, Backend> uniform(const tl::shape& s, std::uint64_t seed, double lo = -1, double hi = 1) {
  const tl::random::stream rng{seed};
  if constexpr (std::floating_point<T>) {
    return tl::tensor<T, Backend>::uniform(s, rng, static_cast<T>(lo), static_cast<T>(hi));
  } else {
    std::vector<T> v(static_cast<std::size_t>(s.size()));
    for (T& x : v) x = static_cast<T>(std::floor(rng.uniform(lo, hi)));
    return tl::tensor<T, Backend>::from(std::span<const T>(v), s);
  }
}

/// A copy on the reference backend, same values and shape, row-major.
template <class T, class Backend>
tl::tensor<T, tl::reference> on_reference(const tl::tensor<T, Backend>& x) {
  auto out = tl::tensor<T, tl::reference>::empty(x.shape());
  x.array().copy_to(out.array().data());
  return out;
}

/// A copy on `Backend` with the values of a tensor of another one.
template <class Backend, class T, class From>
tl::tensor<T, Backend> on_backend(const tl::tensor<T, From>& x) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(x.size()) * sizeof(T) + 1);
  x.array().copy_to(reinterpret_cast<T*>(bytes.data()));
  return tl::tensor<T, Backend>::from({reinterpret_cast<const T*>(bytes.data()), static_cast<std::size_t>(x.size())},
                                      x.shape());
}

/// Checks shapes and, element by element, |got - expected| <= tolerance * max(1, largest |expected|).
/// Infinities and NaN must be in the same places.
template <class T, class B1, class B2>
void require_close(const tl::tensor<T, B1>& got, const tl::tensor<T, B2>& expected, double factor = 1) {
  REQUIRE(tl::to_string(got.shape()) == tl::to_string(expected.shape()));
  const auto g = on_reference(got), e = on_reference(expected);
  const std::size_t n = static_cast<std::size_t>(g.size());
  double scale = 1;
  for (std::size_t i = 0; i < n; ++i) {
    const double v = std::abs(static_cast<double>(e.span()[i]));
    if (std::isfinite(v)) scale = (std::max)(scale, v);
  }
  const double bound = tolerance<T>() * scale * factor;
  for (std::size_t i = 0; i < n; ++i) {
    const auto a = static_cast<double>(g.span()[i]), b = static_cast<double>(e.span()[i]);
    const bool same = a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= bound;
    if (!same) {
      INFO("element " << i << " of shape " << tl::to_string(got.shape()) << ": got " << a << ", expected " << b);
      REQUIRE(same);
    }
  }
  REQUIRE(true);
}

/// Checks against literals, in row-major order.
template <class T, class Backend>
void require_values(const tl::tensor<T, Backend>& got, std::initializer_list<double> expected,
                    double tol = tolerance<T>() * 4) {
  REQUIRE(static_cast<std::size_t>(got.size()) == expected.size());
  const auto g = on_reference(got);
  std::size_t i = 0;
  for (double e : expected) {
    INFO("element " << i);
    REQUIRE(std::abs(static_cast<double>(g.span()[i++]) - e) <= tol * (std::max)(1.0, std::abs(e)));
  }
}

}  // namespace test
