#pragma once

#include <string>
#include <vector>

#include <tensorlab/autograd/gradcheck.hpp>
#include <tensorlab/nn/convert.hpp>
#include <tensorlab/nn/module.hpp>
#include <tensorlab/nn/state_dict.hpp>

#include "support/backend.hpp"

namespace test {

template <class M>
std::vector<std::string> state_names(M& module) {
  std::vector<std::string> names;
  for (const auto& [name, value] : tl::nn::state_dict(module)) names.push_back(name);
  return names;
}

/// Puts tensors, which may be tracked, in the place of a module's parameters, in their order.
template <class T, class Backend>
struct parameter_replacer final : tl::nn::visitor<T, Backend> {
  explicit parameter_replacer(const tl::tensor<T, Backend>* from) : next(from) {}
  void on_parameter(const std::string&, tl::parameter<T, Backend>& p) override {
    static_cast<tl::tensor<T, Backend>&>(p) = *next++;
  }
  const tl::tensor<T, Backend>* next;
};

/// How a check calls a module: its inputs in order.
struct call_module {
  template <class M, class T, class Backend>
  tl::tensor<T, Backend> operator()(const M& m, const std::vector<tl::tensor<T, Backend>>& x) const {
    return m(x[0]);
  }
};

/// The laws that every module keeps, in the mode it is in: the gradient to every parameter and input, deep copies,
/// exact state, conversion to other types and backends and back, no recording under no_grad, determinism in evaluation,
/// and the reference backend's outputs. `run(module, inputs)` gives one tensor for any element type and backend.
template <class M, class Run = call_module>
void check_module(const M& original, const std::vector<tl::shape>& inputs, const std::vector<std::string>& names,
                  const Run& run = {}, const tl::gradcheck_options& options = {}) {
  using T = tl::tensor<double, B>;
  static_assert(std::is_same_v<tl::nn::value_type_of<M>, double>, "check_module: gradients are checked in double");
  M module = original;
  std::vector<T> x;
  for (const tl::shape& s : inputs) x.push_back(uniform<double>(s, 17 + x.size()));
  // A copy has its own random streams and statistics, so every call starts from the same state.
  const auto call = [&](M copy) { return run(copy, x); };

  INFO("module " << tl::nn::detail::type_name<M>());
  REQUIRE(state_names(module) == names);

  {
    std::vector<T> leaves;
    for (const auto& p : tl::nn::named_parameters(module)) leaves.push_back(p.value);
    const std::size_t count = leaves.size();
    leaves.insert(leaves.end(), x.begin(), x.end());
    const auto result = tl::gradcheck(
        [&](const std::vector<T>& v) {
          M copy = module;
          parameter_replacer<double, B> replace(v.data());
          tl::nn::visit(copy, replace);
          return run(copy, std::vector<T>(v.begin() + static_cast<std::ptrdiff_t>(count), v.end()));
        },
        leaves, options);
    INFO(result.message << " (the module has " << count << " parameters)");
    REQUIRE(result.ok);
  }

  const auto before = tl::nn::state_dict(module);
  const T y = stop_gradient(call(module));
  {
    M copy = module;
    for (auto& p : tl::nn::named_parameters(copy)) {
      const tl::no_grad guard;
      p.value.fill(0.25);
    }
    REQUIRE(tl::nn::state_dict(module) == before);
    tl::nn::load_state_dict(copy, before);
    REQUIRE(tl::nn::state_dict(copy) == before);
    require_close(stop_gradient(call(copy)), y, 0);
  }
  {
    M there_and_back = tl::nn::to_backend<B>(tl::nn::to_backend<tl::reference>(module));
    REQUIRE(tl::nn::state_dict(there_and_back) == before);
    require_close(stop_gradient(call(there_and_back)), y, 0);
  }
  {
    auto single = tl::nn::to<float>(module);
    std::vector<tl::tensor<float, B>> single_x;
    for (const T& one : x) single_x.push_back(tl::tensor<float, B>(one.array().template cast<float>()));
    // Other random numbers are drawn in float, so in training only the shape is comparable.
    const auto single_y = stop_gradient(run(single, single_x));
    REQUIRE(tl::to_string(single_y.shape()) == tl::to_string(y.shape()));
    tl::nn::eval(single);
    auto on_ref = tl::nn::to_backend<tl::reference>(single);
    std::vector<tl::tensor<float, tl::reference>> ref_x;
    for (const auto& one : single_x) ref_x.push_back(on_reference(one));
    require_close(stop_gradient(run(single, single_x)), stop_gradient(run(on_ref, ref_x)), 8);
  }
  {
    const tl::no_grad guard;
    REQUIRE_FALSE(call(module).tracked());
  }
  M quiet = module;
  tl::nn::eval(quiet);
  const auto first = stop_gradient(run(quiet, x));
  require_close(stop_gradient(run(quiet, x)), first, 0);
}

}  // namespace test
