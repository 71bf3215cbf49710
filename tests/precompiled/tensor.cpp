#include <tensorlab/precompiled/tensor.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using X = tl::tensor<>;

namespace {

void require_near(const X& got, const std::vector<double>& expected) {
  const auto values = got.to_vector();
  REQUIRE(values.size() == expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    INFO("element " << i);
    REQUIRE(values[i] == Approx(expected[i]).margin(1e-6));
  }
}

}  // namespace

TEST_CASE("the library's functions of one tensor give the ops' values", "[precompiled]") {
  const X x = X::from({-1, 4}, {2}), positive = X::from({1, 4}, {2});
  require_near(-x, {1, -4});
  require_near(exp(x), {0.36787944, 54.59815});
  require_near(log(positive), {0, 1.3862944});
  require_near(sqrt(positive), {1, 2});
  require_near(square(x), {1, 16});
  require_near(relu(x), {0, 4});
  require_near(sigmoid(x), {0.26894142, 0.98201379});
  require_near(tanh(x), {-0.76159416, 0.99932930});
  require_near(silu(x), {-0.26894142, 3.9280552});
  require_near(gelu(x), {-0.15865526, 3.9998733});
}

TEST_CASE("the library's functions of two tensors and of shapes give the ops' values", "[precompiled]") {
  const X a = X::from({1, 2, 3, 4}, {2, 2}), b = X::from({4, 3, 2, 1}, {2, 2});
  require_near(a + b, {5, 5, 5, 5});
  require_near(a - b, {-3, -1, 1, 3});
  require_near(a * b, {4, 6, 6, 4});
  require_near(a / b, {0.25, 0.66666667, 1.5, 4});
  require_near(matmul(a, b), {8, 5, 20, 13});
  require_near(linear(a, b, X::from({10, 20}, {2})), {20, 24, 34, 30});
  require_near(sum(a, tl::dims{0}, false), {4, 6});
  require_near(mean(a, tl::dims{1}, true), {1.5, 3.5});
  require_near(reshape(a, {4}), {1, 2, 3, 4});
  require_near(permute(a, {1, 0}), {1, 3, 2, 4});
  require_near(slice(a, 1, 1, 2, 1), {2, 4});
  require_near(select(a, 0, -1), {3, 4});
}
