#include <tensorlab/ops/pad.hpp>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using test::tensors;

TEST_CASE("pad surrounds with a value", "[ops][pad]") {
  const auto x = T::from({1, 2, 3, 4}, {2, 2});
  test::require_values(tl::pad(x, {{1, 0}, {0, 2}}, -1), {-1, -1, -1, -1, 1, 2, -1, -1, 3, 4, -1, -1});
  test::require_values(tl::pad(tl::transpose(x), {{0, 0}, {1, 0}}), {0, 1, 3, 0, 2, 4});
  test::require_values(tl::pad(x, {{0, 0}, {0, 0}}), {1, 2, 3, 4});
  test::require_values(tl::pad(T::empty({0}), {{1, 2}}, 7), {7, 7, 7});
  REQUIRE(tl::pad(T::scalar(3), {}).item() == 3);
  REQUIRE(tl::pad(tl::tensor<std::int64_t, B>::arange(2), {{1, 0}}, 9).to_vector() ==
          std::vector<std::int64_t>{9, 0, 1});
}

TEST_CASE("pad keeps channels last", "[ops][pad]") {
  const auto x = tl::permute(test::uniform<float>({2, 3, 2, 4}, 1), {0, 3, 1, 2});
  const auto y = tl::pad(x, {{0, 0}, {0, 0}, {1, 1}, {1, 2}});
  REQUIRE(y.strides() == tl::channels_last(y.shape()));
  test::require_close(y, tl::pad(test::on_reference(x), {{0, 0}, {0, 0}, {1, 1}, {1, 2}}));
}

TEST_CASE("gradient of pad", "[ops][pad]") {
  test::require_gradients(
      [](const tensors& v) {
        return tl::pad(v[0], {{1, 0}, {2, 1}}, 3);
      },
      {test::uniform<double>({2, 3}, 1)});
}

TEST_CASE("pad errors", "[ops][pad]") {
  REQUIRE_THROWS_WITH(tl::pad(T::ones({2, 3}), {{1, 1}}), Catch::Equals("pad: 1 pairs for shape [2, 3] (1 vs 2)"));
  REQUIRE_THROWS_WITH(tl::pad(T::ones({2, 3}), {{0, 0}, {1, -1}}),
                      Catch::Equals("pad: negative padding of dimension 1 of shape [2, 3] (1, -1)"));
}
