#include <tensorlab/backend/simt/kernel/gemm.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

TEST_CASE("simt: a product is the sum over k, with bias and accumulation", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    // [[1, 2, 3], [4, 5, 6]] [[1, 0], [0, 1], [1, 1]] = [[4, 5], [10, 11]]; a lies by columns.
    const std::vector<float> a{1, 4, 2, 5, 3, 6}, b{1, 0, 0, 1, 1, 1}, bias{100, 200};
    std::vector<float> y(4, 1000.0f);
    kernel::gemm_body<float> body{
        kernel::make_nest({2, 2}, true, tl::strides{2, 1}, tl::strides{1, 0}, tl::strides{0, 1}, tl::strides{0, 1}),
        3,
        2,
        2,
        false,
        y.data(),
        a.data(),
        b.data(),
        nullptr};
    L::run("gemm", y.data(), 1, body);
    REQUIRE(y == std::vector<float>{4, 5, 10, 11});
    body.bias = bias.data();
    body.accumulate = true;
    L::run("gemm", y.data(), 1, body);
    REQUIRE(y == std::vector<float>{108, 210, 120, 222});
    body.k = 0;
    body.accumulate = false;
    L::run("gemm", y.data(), 1, body);
    REQUIRE(y == std::vector<float>{100, 200, 100, 200});
  });
}
