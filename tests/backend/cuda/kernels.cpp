#include <tensorlab/backend/cuda/kernels.hpp>

#include <string>

#include "support/catch.hpp"

namespace {

namespace tl = tensorlab;

/// What the last call of a kernel was given.
struct {
  std::string kernel;
  const void* y;
  const void* x;
  tl::shape shape;
  std::uint64_t value;
} called;

}  // namespace

namespace tensorlab::inline v0::cuda_kernel {

template <>
void map<rule::copy, std::uint16_t, std::uint16_t>(const rule::copy&, const view<std::uint16_t>& y,
                                                   const view<const std::uint16_t>& x) {
  called = {"copy 16", y.data, x.data, y.shape, 0};
}
template <>
void map<rule::copy, std::uint64_t, std::uint64_t>(const rule::copy&, const view<std::uint64_t>& y,
                                                   const view<const std::uint64_t>& x) {
  called = {"copy 64", y.data, x.data, y.shape, 0};
}
template <>
void map<rule::fill<std::uint32_t>, std::uint32_t>(const rule::fill<std::uint32_t>& rule,
                                                   const view<std::uint32_t>& y) {
  called = {"fill 32", y.data, nullptr, y.shape, rule.c};
}
template <>
void map<rule::where, std::uint32_t, bool, std::uint32_t, std::uint32_t>(const rule::where&,
                                                                         const view<std::uint32_t>& y,
                                                                         const view<const bool>&,
                                                                         const view<const std::uint32_t>& a,
                                                                         const view<const std::uint32_t>&) {
  called = {"where 32", y.data, a.data, y.shape, 0};
}
template <>
void map<rule::add, float, float, float>(const rule::add&, const view<float>& y, const view<const float>& a,
                                         const view<const float>&) {
  called = {"add float", y.data, a.data, y.shape, 0};
}

}  // namespace tensorlab::inline v0::cuda_kernel

TEST_CASE("cuda: elements are moved as integers of their size", "[backend][cuda]") {
  namespace kernel = tl::cuda_kernel;
  STATIC_REQUIRE(std::is_same_v<kernel::bits<double>, std::uint64_t>);
  STATIC_REQUIRE(std::is_same_v<kernel::bits<std::int32_t>, std::uint32_t>);
  STATIC_REQUIRE(std::is_same_v<kernel::bits<tl::half>, std::uint16_t>);
  STATIC_REQUIRE(std::is_same_v<kernel::bits<bool>, std::uint8_t>);
  float memory[6] = {};
  const auto v = kernel::as_bits(tl::view<float>{memory, {2, 3}, {1, 2}});
  REQUIRE(static_cast<const void*>(v.data) == memory);
  REQUIRE(v.shape == tl::shape{2, 3});
  REQUIRE(v.strides == tl::strides{1, 2});
}

TEST_CASE("cuda: rules that only move elements share a kernel for each size", "[backend][cuda]") {
  using tl::cuda_kernel::dispatch_map;
  const tl::shape s{3};
  const tl::strides st{1};
  tl::half h[3];
  dispatch_map(tl::rule::copy{}, tl::view<tl::half>{h, s, st}, tl::view<const tl::half>{h + 1, s, st});
  REQUIRE(called.kernel == "copy 16");
  REQUIRE(called.y == h);
  REQUIRE(called.x == h + 1);
  std::int64_t i[3];
  dispatch_map(tl::rule::convert<std::int64_t>{}, tl::view<std::int64_t>{i, s, st},
               tl::view<const std::int64_t>{i, s, st});
  REQUIRE(called.kernel == "copy 64");
  float f[3];
  const tl::view<float> y{f, s, st};
  dispatch_map(tl::rule::fill<float>{1.0f}, y);
  REQUIRE(called.kernel == "fill 32");
  REQUIRE(called.value == 0x3f800000);  // the bits of 1.0f
  bool c[3];
  dispatch_map(tl::rule::where{}, y, tl::view<const bool>{c, s, st}, tl::view<const float>{f + 1, s, st},
               tl::view<const float>{f, s, st});
  REQUIRE(called.kernel == "where 32");
  REQUIRE(called.x == f + 1);
  dispatch_map(tl::rule::add{}, y, tl::view<const float>(y), tl::view<const float>(y));
  REQUIRE(called.kernel == "add float");
}
