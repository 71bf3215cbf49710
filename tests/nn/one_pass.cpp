#include <tensorlab/nn/one_pass.hpp>

#include <tensorlab/nn/dropout.hpp>
#include <tensorlab/nn/sequential.hpp>

#include "support/backend.hpp"

namespace nn = tl::nn;

namespace {

using tensor = tl::tensor<float, B>;

struct own_rule {
  static constexpr auto name = "own_rule";
  static constexpr tl::save saves = tl::save::none;
  template <class T>
  T f(const T& x) const {
    return x;
  }
};

static_assert(nn::has_one_pass<nn::relu, nn::dropout, tensor>);
static_assert(!nn::has_one_pass<nn::dropout, nn::relu, tensor>);
static_assert(!nn::has_one_pass<nn::tanh, nn::dropout, tensor>);
static_assert(!nn::has_one_pass<nn::mish, nn::dropout, tensor>);
static_assert(!nn::has_one_pass<nn::relu, nn::drop_path, tensor>);
// Its kernels on cuda are the program's, which need not have them.
static_assert(!nn::has_one_pass<nn::activation<own_rule>, nn::dropout, tensor>);

/// Layers that tell how they were called.
struct first {
  int* calls;
  tensor operator()(const tensor& x) const {
    ++*calls;
    return x;
  }
};
struct second : first {
  bool joins = false;
};

}  // namespace

namespace tensorlab::inline v0::nn {

template <>
struct one_pass<first, second> {
  static bool applies(const first&, const second& s) { return s.joins; }
  static ::tensor call(const first&, const second& s, const ::tensor& x) {
    *s.calls += 100;
    return x;
  }
};

}  // namespace tensorlab::inline v0::nn

TEST_CASE("a sequential calls two layers at once where that applies", "[nn]") {
  int calls = 0;
  const auto x = tensor::ones({2});
  const auto calls_of = [&](const auto& net) {
    calls = 0;
    REQUIRE(net(x).to_vector() == x.to_vector());
    return calls;
  };
  const first a{&calls};
  const second b{{&calls}, true}, apart{{&calls}, false};
  REQUIRE(calls_of(nn::sequential{a, b}) == 100);
  REQUIRE(calls_of(nn::sequential{a, apart}) == 2);
  REQUIRE(calls_of(nn::sequential{b, a, b, a}) == 102);
  REQUIRE(calls_of(nn::sequential{a, a}) == 2);
}
