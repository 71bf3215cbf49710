// TensorLab::tensorlab alone: the headers and the reference backend, no other library.

#include <tensorlab/backend/reference.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/version.hpp>

namespace tl = tensorlab;

int main() {
  const auto layer = tl::nn::linear<double, tl::reference>::init({.in = 3, .out = 2}, tl::random::stream{1});
  const auto y = layer(tl::tensor<double, tl::reference>::ones({4, 3}));
  return y.shape() == tl::shape{4, 2} ? 0 : 1;
}
