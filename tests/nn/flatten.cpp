#include <tensorlab/nn/flatten.hpp>

#include "support/backend.hpp"

namespace nn = tl::nn;

TEST_CASE("flatten joins dimensions in row-major order", "[nn]") {
  const auto x = test::uniform<float>({2, 3, 4, 5}, 1);
  REQUIRE(nn::flatten{}(x).shape() == tl::shape{2, 60});
  REQUIRE(nn::flatten{{.first = 0}}(x).shape() == tl::shape{120});
  REQUIRE(nn::flatten{{.first = 1, .last = 2}}(x).shape() == tl::shape{2, 12, 5});
  REQUIRE(nn::flatten{{.first = -2}}(x).shape() == tl::shape{2, 3, 20});
  const auto turned = tl::permute(x, {0, 2, 3, 1});
  REQUIRE(nn::flatten{}(turned).to_vector() == turned.to_vector());
  REQUIRE_THROWS_AS(nn::flatten{{.first = 4}}(x), tl::shape_error);
}
