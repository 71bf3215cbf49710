#include <tensorlab/precompiled/training.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using X = tl::tensor<>;

namespace {

struct single {
  tl::parameter<> p;
  static constexpr auto fields() { return tl::fields("p", &single::p); }
};

/// A parameter of 1 after a step down the slope of 2.
template <class Optimiser, class Options>
float after_step(const Options& options) {
  single m{tl::parameter<>(X::ones({1}))};
  Optimiser descent{m, options};
  (m.p * 2.0f).backward();
  descent.step();
  return m.p.to_vector()[0];
}

}  // namespace

TEST_CASE("the library's losses give the templates' values", "[precompiled]") {
  // -ln(e^1 / (e^0 + e^1)) and ln(1 + e^-2)
  const X logits = X::from({0, 1}, {1, 2});
  REQUIRE(tl::loss::cross_entropy(logits, tl::tensor<std::int64_t>::from({1}, {1})).item() == Approx(0.31326169));
  REQUIRE(tl::loss::bce_with_logits(X::from({2}, {1}), X::ones({1})).item() == Approx(0.12692801));
}

TEST_CASE("the library's optimisers take the templates' steps", "[precompiled]") {
  REQUIRE(after_step<tl::optim::sgd<float, tl::cpu>>(tl::optim::sgd_options{.lr = 0.25}) == 0.5f);
  // The first step of Adam is lr, whatever the slope; AdamW's takes lr times the decay off the parameter before it.
  REQUIRE(after_step<tl::optim::adam<float, tl::cpu>>(tl::optim::adam_options{.lr = 0.25}) == Approx(0.75));
  REQUIRE(after_step<tl::optim::adamw<float, tl::cpu>>(tl::optim::adamw_options{.lr = 0.25, .weight_decay = 0.4}) ==
          Approx(0.65));
}
