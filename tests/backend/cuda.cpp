#include "support/backend.hpp"

#include <cuda_runtime_api.h>

#include <tensorlab/ops/activation.hpp>
#include <tensorlab/ops/conv.hpp>
#include <tensorlab/ops/linalg.hpp>
#include <tensorlab/train/record.hpp>

namespace {

using image = tl::tensor<float, tl::cuda>;

}  // namespace

TEST_CASE("cuda: the device answers", "[backend][cuda]") {
  REQUIRE(tl::cuda::device_count() > 0);
  REQUIRE(tl::cuda::usable());
  REQUIRE(!tl::cuda::usable(tl::cuda::device_count()));
  REQUIRE(tl::cuda::describe().find("compute capability") != std::string::npos);
  REQUIRE_THROWS_AS(tl::cuda::describe(tl::cuda::device_count()), tl::device_error);
}

TEST_CASE("cuda: a repeated step allocates nothing", "[backend][cuda]") {
  const auto step = [] {
    const auto x = test::uniform<float>({64, 32}, 1), w = test::uniform<float>({32, 16}, 2);
    return tl::matmul(x, w);
  };
  for (int i = 0; i < 2; ++i) step();
  const auto before = tl::cuda::memory();
  for (int i = 0; i < 5; ++i) step();
  const auto after = tl::cuda::memory();
  REQUIRE(after.requests > before.requests);
  REQUIRE(after.device_allocations == before.device_allocations);
  REQUIRE(after.live_bytes == before.live_bytes);
  tl::cuda::release_cached();
  REQUIRE(tl::cuda::memory().cached_bytes == 0);
}

TEST_CASE("cuda: too large a request is an error that says so", "[backend][cuda]") {
  REQUIRE_THROWS_AS(image::empty({std::int64_t{1} << 24, std::int64_t{1} << 24}), tl::backend_error);
  REQUIRE_NOTHROW(image::empty({16}));
}

TEST_CASE("cuda: cuDNN and the products agree, and repeat bit for bit", "[backend][cuda]") {
  const auto x = test::uniform<float>({4, 8, 13, 11}, 3), w = test::uniform<float>({16, 8, 3, 3}, 4);
  const auto run = [&](bool cudnn) {
    tl::cuda::use_cudnn(cudnn);
    auto a = image(x.array().clone()), b = image(w.array().clone());
    a.requires_grad(true);
    b.requires_grad(true);
    const auto y = tl::conv2d(a, b, {}, {.stride = {2, 1}, .padding = {1, 1}});
    y.backward(test::uniform<float>(y.shape(), 5));
    tl::cuda::use_cudnn(true);
    return std::vector<image>{stop_gradient(y), a.grad(), b.grad()};
  };
  const auto first = run(true), second = run(true), products = run(false), again = run(false);
  for (std::size_t i = 0; i < first.size(); ++i) {
    test::require_close(first[i], products[i], 4);
    REQUIRE(first[i].to_vector() == second[i].to_vector());
    REQUIRE(products[i].to_vector() == again[i].to_vector());
  }
}

TEST_CASE("cuda: the choice of a convolution's algorithm is made once", "[backend][cuda]") {
  const auto x = test::uniform<float>({2, 8, 9, 7}, 7), w = test::uniform<float>({16, 8, 3, 3}, 8);
  tl::conv2d(x, w, {}, {.padding = {1, 1}});
  const auto warm = tl::cuda::convolution_cache();
  REQUIRE(warm.size >= 1);
  REQUIRE(warm.size <= warm.capacity);
  for (int i = 0; i < 5; ++i) tl::conv2d(x, w, {}, {.padding = {1, 1}});
  const auto again = tl::cuda::convolution_cache();
  REQUIRE(again.size == warm.size);
  REQUIRE(again.misses == warm.misses);
  REQUIRE(again.hits == warm.hits + 5);
}

TEST_CASE("cuda: another stream for the length of a scope", "[backend][cuda]") {
  void* const own = tl::cuda::stream();
  REQUIRE(own != nullptr);
  {
    const tl::cuda::stream_scope scope(own);
    REQUIRE(tl::cuda::stream() == own);
    const auto x = test::uniform<float>({100}, 6);
    test::require_close(x + x, x * 2.0f);
  }
  REQUIRE(tl::cuda::stream() == own);
}

TEST_CASE("cuda: a recorded step allocates nothing and belongs to its stream", "[backend][cuda]") {
  const auto x = test::uniform<float>({32, 16}, 1), w = test::uniform<float>({16, 8}, 2);
  auto step = tl::train::record([&](const image& a) { return tl::relu(tl::matmul(a, w)) * 2.0; }, x);
  for (int i = 0; i < 3; ++i) step(x);
  REQUIRE(step.graphs() == 1);
  const auto before = tl::cuda::memory();
  for (int i = 0; i < 5; ++i) step(x);
  REQUIRE(tl::cuda::memory().requests == before.requests);
  REQUIRE(step(x).to_vector() == (tl::relu(tl::matmul(x, w)) * 2.0).to_vector());
  cudaStream_t other = nullptr;
  REQUIRE(cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking) == cudaSuccess);
  tl::cuda::synchronize();
  {
    const tl::cuda::stream_scope scope(other);
    REQUIRE_THROWS_WITH(step(x), Catch::Contains("another stream"));
  }
  REQUIRE_NOTHROW(step(x));
  tl::cuda::synchronize();
  REQUIRE(cudaStreamDestroy(other) == cudaSuccess);
}
