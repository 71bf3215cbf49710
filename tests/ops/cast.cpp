#include <tensorlab/ops/cast.hpp>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;

TEST_CASE("cast converts values", "[ops][cast]") {
  const auto x = T::from({1.9, -1.9, 0, 3}, {2, 2});
  REQUIRE(tl::cast<std::int64_t>(x).to_vector() == std::vector<std::int64_t>{1, -1, 0, 3});
  REQUIRE(tl::cast<float>(x).to_vector() == std::vector<float>{1.9f, -1.9f, 0, 3});
  REQUIRE(tl::cast<std::int32_t>(tl::cast<bool>(x)).to_vector() == std::vector<std::int32_t>{1, 1, 0, 1});
  REQUIRE(tl::cast<std::uint8_t>(tl::transpose(T::from({1, 2, 3, 4}, {2, 2}))).to_vector() ==
          std::vector<std::uint8_t>{1, 3, 2, 4});
  REQUIRE(tl::cast<double>(x).array().data() == x.array().data());
}

TEST_CASE("cast to 16 bits rounds to nearest even", "[ops][cast]") {
  // bf16 has 8 significant bits, half 11: 1 + 2^-8 and 1 + 2^-11 lie half way and go to the even 1.
  const auto x = tl::tensor<float, B>::from({1.f + 1.f / 256, 1.f + 3.f / 256, 1.f + 1.f / 2048, 70000.f}, {4});
  test::require_values(tl::cast<float>(tl::cast<tl::bf16>(x)), {1, 1 + 4.0 / 256, 1, 70144}, 0);
  const auto h = tl::cast<float>(tl::cast<tl::half>(x)).to_vector();
  REQUIRE(h[0] == 1.f + 1.f / 256);
  REQUIRE(h[2] == 1.f);
  REQUIRE(std::isinf(h[3]));
}

TEST_CASE("cast keeps the memory order", "[ops][cast]") {
  const auto x = tl::permute(test::uniform<float>({2, 3, 2, 4}, 1), {0, 3, 1, 2});
  REQUIRE(tl::cast<double>(x).strides() == x.strides());
}

TEST_CASE("every layout casts to what the reference backend gives", "[ops][cast]") {
  for (const auto& [layout, x] : test::layouts<float>(-100, 100)) {
    INFO(layout);
    const auto e = test::on_reference(x);
    test::require_close(tl::cast<double>(x), tl::cast<double>(e));
    test::require_close(tl::cast<float>(tl::cast<tl::half>(x)), tl::cast<float>(tl::cast<tl::half>(e)));
    test::require_close(tl::cast<float>(tl::cast<tl::bf16>(x)), tl::cast<float>(tl::cast<tl::bf16>(e)));
    REQUIRE(tl::cast<std::int32_t>(x).to_vector() == tl::cast<std::int32_t>(e).to_vector());
  }
}

TEST_CASE("the gradient of a cast has the type of its input", "[ops][cast]") {
  auto x = tl::tensor<float, B>::from({1, 2}, {2}).requires_grad(true);
  const auto y = tl::apply(tl::rule::square{}, tl::cast<double>(x));
  y.backward(T::from({1, 10}, {2}));
  REQUIRE(x.grad().to_vector() == std::vector<float>{2, 40});
}

TEST_CASE("cast to a type without gradient refuses a tracked input", "[ops][cast]") {
  const auto x = T::ones({2}).requires_grad(true);
  REQUIRE_THROWS_AS(tl::cast<std::int64_t>(x), tl::gradient_error);
  REQUIRE_THROWS_AS(tl::cast<tl::half>(x), tl::gradient_error);
  REQUIRE_THROWS_AS(tl::cast<bool>(x), tl::gradient_error);
  const tl::no_grad guard;
  REQUIRE_NOTHROW(tl::cast<bool>(x));
}
