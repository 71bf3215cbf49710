#include <tensorlab/optim/grad_norm.hpp>

#include <cmath>

#include "optim/five.hpp"

namespace optim = tl::optim;

TEST_CASE("the norm of gradients is that of all their elements together", "[optim]") {
  auto net = five<double>::init();
  REQUIRE(optim::grad_norm(tl::nn::named_parameters(net)) == 0);
  net.d.set_grad(tl::tensor<double, B>::full({1}, 3));
  net.e.set_grad(tl::tensor<double, B>::from({-4, 0, 0, 0, 0}, {5, 1}));
  REQUIRE(optim::grad_norm(tl::nn::named_parameters(net)) == 5);
  net.a.set_grad(tl::tensor<double, B>::full({3, 4}, std::nan("")));
  REQUIRE(std::isnan(optim::grad_norm(tl::nn::named_parameters(net))));
}

TEST_CASE("a norm starts again with other arrays", "[optim]") {
  const auto of = [](std::initializer_list<float> v) {
    return tl::tensor<float, B>::from(v, {static_cast<std::int64_t>(v.size())}).array();
  };
  optim::detail::common_norm<float, B> norm;
  REQUIRE(norm.value() == 0);
  norm.add(of({}));
  REQUIRE(norm.value() == 0);
  for (int i = 0; i < 2; ++i) {
    norm.clear();
    norm.add(of({2, 3}));
    norm.add(of({6}));
    REQUIRE(norm.value() == 7);
  }
  norm.clear();
  norm.add(of({-2}));
  REQUIRE(norm.value() == 2);
}
