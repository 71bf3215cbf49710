#pragma once

#include <tensorlab/data/loader.hpp>
#include <tensorlab/loss/regression.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/optim/adam.hpp>
#include <tensorlab/optim/sgd.hpp>

#include "support/backend.hpp"

/// A regression that a linear layer can learn exactly: y = 2 a - b + 0.5.
namespace toy {

using net = tl::nn::linear<float, B>;
using tensor = tl::tensor<float, B>;

inline net make_net(std::uint64_t seed = 1) { return net::init({.in = 2, .out = 1}, tl::random::stream{seed}); }

inline auto dataset(std::int64_t samples, std::uint64_t seed = 5) {
  const auto x = test::uniform<float>({samples, 2}, seed);
  const auto v = x.to_vector();
  std::vector<float> y;
  for (std::size_t i = 0; i < v.size(); i += 2) y.push_back(2 * v[i] - v[i + 1] + 0.5F);
  return tl::data::tensor_dataset(x, tensor::from(std::span<const float>(y), {samples, 1}));
}

inline auto loader(std::int64_t samples, std::int64_t batch, int workers = 0) {
  return tl::data::loader(dataset(samples), tl::data::shuffled{3}, {.batch = batch, .workers = workers});
}

/// A step of fit() for this net.
inline auto step(const net& n) {
  return [&n](const tensor& x, const tensor& y) { return tl::loss::mse(n(x), y); };
}

}  // namespace toy
