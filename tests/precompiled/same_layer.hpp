#pragma once

#include <vector>

#include <tensorlab/nn/module.hpp>
#include <tensorlab/nn/state_dict.hpp>

#include "support/catch.hpp"

namespace test {

/// Requires that a layer of the library and the same layer in double, which no library holds, give the same output and
/// the same gradient to every parameter; `run(module, x)` gives a tensor.
template <class Single, class Double, class Run>
void require_same_layer(Single single, Double exact, const tensorlab::shape& s, const Run& run) {
  std::vector<float> values(static_cast<std::size_t>(s.size()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>((7 * i) % 11) / 11 - 0.5f;
  const std::vector<double> same(values.begin(), values.end());
  const auto y = run(single, tensorlab::tensor<float>::from(values, s));
  const auto expected = run(exact, tensorlab::tensor<double>::from(same, s));
  const auto require_near = [](const std::vector<float>& a, const std::vector<double>& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) REQUIRE(static_cast<double>(a[i]) == Approx(b[i]).margin(1e-4));
  };
  require_near(y.to_vector(), expected.to_vector());
  sum(y).backward();
  sum(expected).backward();
  const auto parameters = tensorlab::nn::named_parameters(single);
  const auto exact_parameters = tensorlab::nn::named_parameters(exact);
  REQUIRE(!parameters.empty());
  REQUIRE(parameters.size() == exact_parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    INFO("gradient of " << parameters[i].name);
    require_near(parameters[i].value.grad().to_vector(), exact_parameters[i].value.grad().to_vector());
  }
}

}  // namespace test
