#include <tensorlab/backend/concept.hpp>

#include <string>

#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/backend/cuda.hpp>
#include <tensorlab/backend/reference.hpp>
#include <tensorlab/backend/simt.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;

namespace {

struct may_throw : tl::reference {
  static void deallocate(void*, std::size_t, int) {}
};
struct nameless : tl::reference {
  static constexpr int name = 0;
};
struct without_bins : tl::reference {
  static void bucketize() = delete;
};
struct without_gradient : tl::reference {
  static void conv_dw() = delete;
};
struct without_softmax : tl::reference {
  static void softmax() = delete;
};
struct without_sort : tl::reference {
  static void sort() = delete;
};
struct without_generate : tl::reference {
  static void generate() = delete;
};

}  // namespace

TEST_CASE("a backend has every primitive", "[backend]") {
  STATIC_REQUIRE(tl::backend<tl::reference>);
  STATIC_REQUIRE(tl::backend<tl::cpu>);
  STATIC_REQUIRE(tl::backend<tl::simt>);
  STATIC_REQUIRE(tl::backend<tl::cuda>);
  STATIC_REQUIRE_FALSE(tl::backend<int>);
  STATIC_REQUIRE_FALSE(tl::backend<may_throw>);
  STATIC_REQUIRE_FALSE(tl::backend<nameless>);
  STATIC_REQUIRE_FALSE(tl::backend<without_bins>);
  STATIC_REQUIRE_FALSE(tl::backend<without_gradient>);
  STATIC_REQUIRE_FALSE(tl::backend<without_softmax>);
  STATIC_REQUIRE_FALSE(tl::backend<without_sort>);
  STATIC_REQUIRE_FALSE(tl::backend<without_generate>);
}

TEST_CASE("backends say who they are and whether the host sees their memory", "[backend]") {
  REQUIRE(std::string(tl::reference::name) == "reference");
  REQUIRE(std::string(tl::cpu::name) == "cpu");
  REQUIRE(std::string(tl::simt::name) == "simt");
  REQUIRE(std::string(tl::cuda::name) == "cuda");
  STATIC_REQUIRE((tl::reference::host_accessible && tl::cpu::host_accessible && tl::simt::host_accessible));
  STATIC_REQUIRE_FALSE(tl::cuda::host_accessible);
}
