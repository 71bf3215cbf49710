#include <tensorlab/train/step_result.hpp>

#include <tensorlab/backend/reference.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace detail = tl::train::detail;
using X = tl::tensor<float, tl::reference>;

TEST_CASE("means count samples, not batches", "[train]") {
  detail::running_means means;
  means.add(1, {{"f1", 0.5}}, 30);
  means.add(4, {}, 10);
  REQUIRE(means.samples() == 40);
  tl::train::values out{{"epoch", 1}};
  means.write_to(out, "val_");
  REQUIRE(out == tl::train::values{{"epoch", 1}, {"val_loss", 1.75}, {"val_f1", 0.5}});
  tl::train::values none;
  detail::running_means{}.write_to(none, "");
  REQUIRE(none.empty());
}

TEST_CASE("a batch's samples are its first tensor's first extent, unless the step tells", "[train]") {
  const X x = X::ones({5, 2}), scalar = X::ones({});
  REQUIRE(detail::samples_in(x) == 5);
  REQUIRE(detail::samples_in(scalar) == 1);
  REQUIRE(detail::samples_in(std::tuple(x, scalar)) == 5);
  REQUIRE(detail::samples_in(std::vector<int>(7)) == 7);
  const tl::train::step_result<float, tl::reference> silent{scalar, {}}, told{scalar, {}, 3};
  REQUIRE(detail::samples_of(scalar, x) == 5);
  REQUIRE(detail::samples_of(silent, x) == 5);
  REQUIRE(detail::samples_of(told, x) == 3);
  struct opaque {};
  REQUIRE(detail::samples_of(told, opaque{}) == 3);
  REQUIRE_THROWS_AS(detail::samples_of(silent, opaque{}), tl::value_error);
}

TEST_CASE("a step takes a batch or its parts", "[train]") {
  std::pair<int, int> batch{3, 4};
  const auto whole = [](const std::pair<int, int>& p) { return p.first; };
  const auto parts = [](int a, int b) { return a * b; };
  REQUIRE(detail::call_step(whole, batch) == 3);
  REQUIRE(detail::call_step(parts, batch) == 12);
}
