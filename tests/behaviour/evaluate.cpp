#include <tensorlab/behaviour/evaluate.hpp>

#include <tensorlab/loss/bce.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace behaviour = tl::behaviour;

namespace {

behaviour::predictions four() {
  return {2, {0.9f, 0.2f, 0.6f, 0.7f, 0.1f, 0.4f, 0.3f, 0.1f}, {1, 0, 0, 1, 1, 1, 0, 0}};
}

}  // namespace

TEST_CASE("thresholds are chosen per class", "[behaviour]") {
  const auto t = behaviour::best_thresholds(four());
  // class 0 scores .9+ .6- .1+ .3-: F1 is 2/3 at .9 and at .1, the lowest wins; class 1 .2- .7+ .4+ .1-: 1 at .4
  REQUIRE(t[0] == Approx(0.1));
  REQUIRE(t[1] == Approx(0.4));
}

TEST_CASE("the report names every class and the means", "[behaviour]") {
  const std::string text = behaviour::report_table(four(), {"walk", "run"}, {0.5, 0.4});
  REQUIRE_THAT(
      text, Catch::Contains("walk") && Catch::Contains("run") && Catch::Contains("micro F1") && Catch::Contains("mAP"));
}

TEST_CASE("predictions come in the order asked for, with the mean loss", "[behaviour]") {
  const auto x = behaviour::host<float>::from({0, 1, 2, 3, 4, 5}, {3, 2});
  const auto y = behaviour::host<float>::from({0, 1, 1, 0, 1, 1}, {3, 2});
  const auto model = [](const auto& v) { return v; };  // the logits are the inputs
  const auto loss_of = [](const auto& z, const auto& t) { return tl::loss::bce_with_logits(z, t); };
  const auto e = behaviour::predict<tl::reference>(model, tl::data::tensor_dataset{x, y}, {2, 0}, 1, loss_of);
  REQUIRE(e.said.classes == 2);
  REQUIRE(e.said.labels == std::vector<std::uint8_t>{1, 1, 0, 1});
  REQUIRE(e.said.probabilities[0] == Approx(1 / (1 + std::exp(-4.0))));
  REQUIRE(e.said.probabilities[2] == Approx(0.5));
  const auto softplus = [](double v) { return std::log1p(std::exp(v)); };
  // windows 2 (z 4, 5, both positive) and 0 (z 0 negative, z 1 positive)
  REQUIRE(e.loss == Approx((softplus(-4) + softplus(-5) + softplus(0) + softplus(-1)) / 4));
}
