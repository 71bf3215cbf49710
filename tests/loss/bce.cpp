#include <tensorlab/loss/bce.hpp>

#include <tensorlab/autograd/gradcheck.hpp>
#include <tensorlab/ops/cast.hpp>

#include "loss/torch.hpp"

namespace loss = tl::loss;
using loss::reduction;
using T = tl::tensor<double, B>;
using inputs = std::vector<T>;

namespace {

T soft_targets() { return (test::golden_fill<double>({3, 4}, 2) + 1) / 2; }
T positive_factors() { return (test::golden_fill<double>({4}, 3) + 1) * 3; }

}  // namespace

TEST_CASE("bce_with_logits of known values", "[loss]") {
  const auto z = T::from({0, 2, -2}, {3}), y = T::from({1, 1, 0}, {3});
  const double two = std::log1p(std::exp(-2.0));
  test::require_values(loss::bce_with_logits(z, y, {.reduce = reduction::none}), {std::log(2.0), two, two});
  test::require_values(loss::bce_with_logits(z, y, {.pos_weight = T::scalar(3), .reduce = reduction::none}),
                       {3 * std::log(2.0), 3 * two, two});
  // No overflow, and the exact slope, far out.
  const auto far = tl::stop_gradient(T::from({1000, -1000, 1000, -1000}, {4})).requires_grad(true);
  const auto l = loss::bce_with_logits(far, T::from({1, 0, 0, 1}, {4}), {.reduce = reduction::sum});
  test::require_values(l, {2000});
  l.backward();
  test::require_values(far.grad(), {0, 0, 1, -1});
}

TEST_CASE("bce_with_logits is PyTorch's", "[loss]") {
  const T soft = soft_targets(), p = positive_factors(), w = test::golden_fill<double>({3, 4}, 4) + 1;
  const T hard = tl::cast<double>(tl::greater(soft, 0.6));
  test::require_torch_losses("bce", {3, 4},
                             [&](const T& x, reduction r) { return loss::bce_with_logits(x, soft, {.reduce = r}); });
  test::require_torch_losses("bce pos_weight", {3, 4}, [&](const T& x, reduction r) {
    return loss::bce_with_logits(x, hard, {.pos_weight = p, .reduce = r});
  });
  test::require_torch_losses("bce weight", {3, 4}, [&](const T& x, reduction r) {
    return loss::bce_with_logits(x, soft, {.pos_weight = p, .weight = w, .reduce = r});
  });
  test::require_torch_loss(
      "bce large", {3, 4}, [&](const T& x) { return loss::bce_with_logits(x, soft, {.pos_weight = p}); }, 200);
}

TEST_CASE("bce_with_logits is its composite", "[loss]") {
  const T y = soft_targets(), p = positive_factors();
  const auto fused = [&](const inputs& z) { return loss::bce_with_logits(z[0], y, {.pos_weight = p}); };
  const auto composite = [&](const inputs& z) {
    return -tl::mean(p * y * tl::log_sigmoid(z[0]) + (1 - y) * tl::log_sigmoid(-z[0]));
  };
  test::require_same_function<double>(fused, composite, {test::uniform<double>({3, 4}, 1, -5, 5)});
}

TEMPLATE_TEST_CASE("bce_with_logits is the reference's", "[loss]", float, double) {
  const auto y = test::uniform<TestType>({37, 5}, 2, 0, 1), p = test::uniform<TestType>({5}, 3, 0.5, 20);
  const auto y_ref = test::on_reference(y), p_ref = test::on_reference(p);
  const auto f = [&]<class Backend>(const std::vector<tl::tensor<TestType, Backend>>& z) {
    if constexpr (std::is_same_v<Backend, B>)
      return loss::bce_with_logits(z[0], y, {.pos_weight = p, .reduce = reduction::none});
    else
      return loss::bce_with_logits(z[0], y_ref, {.pos_weight = p_ref, .reduce = reduction::none});
  };
  test::require_same_as_reference<TestType>(f, {test::uniform<TestType>({37, 5}, 1, -9, 9)});
  test::require_same_as_reference<TestType>(f, {tl::transpose(test::uniform<TestType>({5, 37}, 1, -9, 9))});
}

TEST_CASE("bce_with_logits can be differentiated twice", "[loss]") {
  const T y = soft_targets(), p = positive_factors();
  const auto f = [&](const inputs& z) { return loss::bce_with_logits(z[0], y, {.pos_weight = p, .weight = p}); };
  const inputs z{test::uniform<double>({3, 4}, 1, -2, 2)};
  const auto first = tl::gradcheck(f, z), second = tl::gradcheck_twice(f, z);
  INFO(first.message << second.message);
  REQUIRE(first.ok);
  REQUIRE(second.ok);
}

TEST_CASE("binary_cross_entropy clips as Keras does", "[loss]") {
  const auto p = tl::stop_gradient(T::from({0.25, 0.5, 0, 1}, {4})).requires_grad(true);
  const auto y = T::from({1, 0.5, 1, 1}, {4});
  const auto l = loss::binary_cross_entropy(p, y, {.reduce = reduction::none});
  test::require_values(l, {std::log(4.0), std::log(2.0), -std::log(1e-7), -std::log(1 - 1e-7)});
  l.backward(T::ones({4}));
  test::require_values(p.grad(), {-4, 0, 0, 0});
  test::require_values(loss::binary_cross_entropy(p, y, {.weight = T::from({1, 0, 0, 0}, {4})}), {std::log(4.0) / 4});
  const auto f = [&](const inputs& x) { return loss::binary_cross_entropy(x[0], y, {.margin = 0.01}); };
  REQUIRE(tl::gradcheck(f, inputs{test::uniform<double>({4}, 3, 0.05, 0.95)}));
  // In float the clipped probability is not 1.
  const auto single = tl::tensor<float, B>::from({1, 0}, {2});
  REQUIRE(std::isfinite(loss::binary_cross_entropy(single, tl::tensor<float, B>::from({0, 1}, {2})).item()));
}

TEST_CASE("bce losses name what does not fit", "[loss]") {
  const auto z = T::ones({2, 3});
  REQUIRE_THROWS_WITH(loss::bce_with_logits(z, T::ones({3, 2})),
                      Catch::Equals("bce_with_logits: shapes differ: logits [2, 3], targets [3, 2] (6 vs 6)"));
  REQUIRE_THROWS_WITH(
      loss::bce_with_logits(z, z, {.pos_weight = T::ones({2})}),
      Catch::Equals(
          "bce_with_logits: pos_weight does not broadcast to logits: pos_weight [2], logits [2, 3] (2 vs 3)"));
  REQUIRE_THROWS_AS(loss::bce_with_logits(z, z, {.weight = T::ones({1, 2, 3})}), tl::shape_error);
  REQUIRE_THROWS_AS(loss::bce_with_logits(z, tl::stop_gradient(z).requires_grad(true)), tl::gradient_error);
  REQUIRE_THROWS_AS(loss::binary_cross_entropy(z, T::ones({2})), tl::shape_error);
  REQUIRE_THROWS_AS(loss::binary_cross_entropy(z, z, {.margin = 0.5}), tl::value_error);
}
