#include <tensorlab/precompiled.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;

#if !defined(TENSORLAB_PRECOMPILED)
#error "this program is to link TensorLab::precompiled"
#endif

namespace {

struct classifier {
  tl::nn::gru<> gru;
  tl::nn::linear<> head;
  static constexpr auto fields() { return tl::fields("gru", &classifier::gru, "head", &classifier::head); }
  tl::tensor<> operator()(const tl::tensor<>& x) const { return head(tl::select(gru(x).output, 1, -1)); }
};

}  // namespace

TEST_CASE("a whole training step runs on instances that the library holds", "[precompiled]") {
  using X = tl::tensor<>;
  const tl::random::stream rng{3};
  tl::nn::gru<> gru = tl::nn::gru<>::init({.in = 2, .hidden = 3}, rng);
  tl::nn::linear<> head = tl::nn::linear<>::init({.in = 3, .out = 2}, rng);
  const X x = X::uniform({4, 5, 2}, rng, -1, 1);
  const auto labels = tl::tensor<std::int64_t>::from({0, 1, 1, 0}, {4});
  std::vector<X> leaves;
  for (const auto& p : tl::nn::named_parameters(gru)) leaves.push_back(p.value);
  tl::optim::adam<> adam(gru, {.lr = 0.05});
  const auto loss = [&] { return tl::loss::cross_entropy(head(tl::select(gru(x).output, 1, -1)), labels); };
  const float before = loss().item();
  for (int step = 0; step < 60; ++step) {
    adam.zero_grad();
    loss().backward();
    adam.step();
  }
  REQUIRE(loss().item() < before / 2);
}
