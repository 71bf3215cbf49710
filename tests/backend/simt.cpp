#include <tensorlab/backend/simt.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using launcher = tl::simt_kernel::serial_launcher;

TEST_CASE("simt: the serial launcher runs a body once, whatever number of groups is useful", "[backend][simt]") {
  int runs = 0;
  launcher::run("test", nullptr, 1000, [&](auto& g) { runs += g.size() * static_cast<int>(g.count()); });
  REQUIRE(runs == 1);
}

TEST_CASE("simt: scratch memory is aligned and apart from other scratch memory", "[backend][simt]") {
  const launcher::scratch a(nullptr, 3 * sizeof(double)), b(nullptr, 1), c(nullptr, 40), none(nullptr, 0);
  for (const void* p : {a.data(), b.data(), c.data(), none.data()})
    REQUIRE(reinterpret_cast<std::uintptr_t>(p) % 64 == 0);
  double* const d = static_cast<double*>(a.data());
  d[0] = d[2] = 1.5;
  *static_cast<char*>(b.data()) = 7;
  REQUIRE(d[0] + d[2] == 3);
}

TEST_CASE("simt: primitives of every kind answer in host memory", "[backend][simt]") {
  STATIC_REQUIRE(tl::backend<tl::simt>);
  STATIC_REQUIRE(tl::simt::host_accessible);
  STATIC_REQUIRE(tl::simt::prefers_channels_last);
  REQUIRE(std::string(tl::simt::name) == "simt");
  const tl::shape s{2, 2};
  auto* const memory = static_cast<double*>(tl::simt::allocate(8 * sizeof(double), 0));
  const tl::view<double> x{memory, s, {2, 1}}, y{memory + 4, s, {2, 1}};
  const tl::view<const double> in = x;
  const auto values = [&] { return std::vector<double>(memory + 4, memory + 8); };
  tl::simt::generate(tl::rule::iota<double>{1, 1}, x);
  tl::simt::gemm(y, in, in, tl::gemm_epilogue<double>{});
  REQUIRE(values() == std::vector<double>{7, 10, 15, 22});
  tl::simt::cumulate(tl::rule::sum{}, y, in, 0, true);
  REQUIRE(values() == std::vector<double>{4, 6, 3, 4});
  tl::simt::map(tl::rule::neg{}, y, in);
  REQUIRE(values() == std::vector<double>{-1, -2, -3, -4});
  tl::simt::deallocate(memory, 8 * sizeof(double), 0);
}
