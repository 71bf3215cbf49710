#include <tensorlab/fwd.hpp>

#include <tensorlab/core/dtype.hpp>
#include <tensorlab/core/random.hpp>
#include <tensorlab/nn/parameter.hpp>

#include "support/backend.hpp"

namespace {

/// What a header that includes no more than the names can declare.
struct declared {
  tl::tensor<>* tensor;
  tl::parameter<>* parameter;
  tl::buffer<>* buffer;
  tl::random::stream* stream;
  tl::bf16* b;
  tl::half* h;
  tl::view<double>* view;
  tl::array<double, tl::reference>* array;
};

}  // namespace

TEST_CASE("names and their defaults are those of the types", "[fwd]") {
  STATIC_REQUIRE(std::is_same_v<tl::tensor<>, tl::tensor<float, tl::cpu>>);
  STATIC_REQUIRE(std::is_same_v<tl::shape, tl::dims>);
  STATIC_REQUIRE(std::is_same_v<tl::strides, tl::dims>);
  STATIC_REQUIRE(sizeof(tl::bf16) == 2);
  STATIC_REQUIRE(sizeof(tl::half) == 2);
  tl::tensor<> t = tl::tensor<>::ones({2});
  tl::parameter<> p(tl::tensor<>::zeros({2}));
  const tl::random::stream stream{3};
  const declared d{&t, &p, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
  REQUIRE(d.tensor->size() + d.parameter->size() == 4);
  REQUIRE(tl::tensor<>::uniform({1}, stream).to_vector()[0] >= 0);
}
