#include <tensorlab/nn/conv_norm.hpp>

#include <tensorlab/nn/module.hpp>
#include <tensorlab/nn/summary.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

namespace {

using conv2d = nn::conv2d<double, B>;
using batch_norm = nn::batch_norm<double, B>;
using tensor = tl::tensor<double, B>;

template <class T = double, class Backend = B>
struct two_layers {
  nn::conv2d<T, Backend> conv;
  nn::batch_norm<T, Backend> norm;

  static constexpr auto fields() { return tl::fields("conv", &two_layers::conv, "norm", &two_layers::norm); }
  tl::tensor<T, Backend> operator()(const tl::tensor<T, Backend>& x) const {
    const nn::call_scope scope(*this);
    return nn::traced(*this, norm(conv(x)));
  }
};

template <class T = double, class Backend = B>
struct one_layer {
  nn::conv2d<T, Backend> conv;
  nn::batch_norm<T, Backend> norm;

  static constexpr auto fields() { return tl::fields("conv", &one_layer::conv, "norm", &one_layer::norm); }
  tl::tensor<T, Backend> operator()(const tl::tensor<T, Backend>& x) const {
    const nn::call_scope scope(*this);
    return nn::traced(*this, nn::conv_norm(conv, norm, x));
  }
};

template <class T = double, class Backend = B>
struct with_relu {
  nn::conv2d<T, Backend> conv;
  nn::batch_norm<T, Backend> norm;

  static constexpr auto fields() { return tl::fields("conv", &with_relu::conv, "norm", &with_relu::norm); }
  tl::tensor<T, Backend> operator()(const tl::tensor<T, Backend>& x) const {
    const nn::call_scope scope(*this);
    return nn::traced(*this, nn::conv_norm_relu(conv, norm, x));
  }
};

/// After some training steps, so that the running statistics are of some data.
template <class Block = two_layers<>>
Block trained(bool bias, bool affine) {
  const tl::random::stream rng{1};
  Block b{conv2d::init({.in = 2, .out = 3, .kernel = 3, .stride = 2, .padding = 1, .bias = bias}, rng),
          batch_norm::init({.features = 3, .affine = affine})};
  if (affine) {
    b.norm.weight = tl::parameter<double, B>(tensor::from({0.5, 2, -1}, {3}));
    b.norm.bias = tl::parameter<double, B>(tensor::from({0.25, -1, 3}, {3}));
  }
  for (std::uint64_t step = 0; step < 3; ++step) b(test::uniform<double>({4, 2, 5, 6}, step, -1, 3));
  return b;
}

/// The laws of a module, and a summary like that of the two layers.
template <class Block>
void require_module() {
  auto b = trained<Block>(false, true);
  auto parts = trained(false, true);
  const std::vector<std::string> names{"conv.weight",       "norm.weight",      "norm.bias",
                                       "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"};
  const auto shapes = [](auto& module) {
    const std::string text = nn::summary(module, [](auto& m) { m(test::uniform<double>({2, 2, 4, 3}, 1)); });
    return text.substr(text.find("conv"));  // without the block's name
  };
  for (const bool training : {true, false}) {
    nn::set_training(b, training);
    nn::set_training(parts, training);
    test::check_module(b, {{2, 2, 4, 3}}, names);
    REQUIRE(shapes(b) == shapes(parts));
  }
}

}  // namespace

TEST_CASE("a normalisation folds into its convolution", "[nn]") {
  // w' = w 3 / sqrt(3 + 1), b' = (b - 5) 3 / 2 + 7.
  const tl::random::stream rng{1};
  auto conv = conv2d::init({.in = 1, .out = 1, .kernel = 1}, rng);
  auto norm = batch_norm::init({.features = 1, .eps = 1});
  conv.weight = tl::parameter<double, B>(tensor::full({1, 1, 1, 1}, 2));
  conv.bias = tl::parameter<double, B>(tensor::full({1}, 4));
  norm.weight = tl::parameter<double, B>(tensor::full({1}, 3));
  norm.bias = tl::parameter<double, B>(tensor::full({1}, 7));
  norm.running_mean.handle().assign(tensor::full({1}, 5));
  norm.running_var.handle().assign(tensor::full({1}, 3));
  nn::eval(norm);
  const auto x = tensor::from({-5, 1}, {2, 1, 1, 1});
  test::require_values(nn::conv_norm(conv, norm, x), {-9.5, 8.5});
  test::require_values(nn::conv_norm_relu(conv, norm, x), {0, 8.5});
  test::require_values(nn::conv_norm_relu(conv, norm, x, tensor::from({10, -10}, {2, 1, 1, 1})), {0.5, 0});
}

TEST_CASE("conv_norm is the normalisation of the convolution in training and in evaluation", "[nn]") {
  const auto x = test::uniform<double>({3, 2, 5, 6}, 7), residual = test::uniform<double>({3, 3, 3, 3}, 8);
  for (const bool bias : {false, true})
    for (const bool affine : {false, true})
      for (const bool training : {false, true}) {
        INFO((bias ? "bias, " : "") << (affine ? "affine, " : "") << (training ? "training" : "evaluation"));
        const auto outputs = [&](const auto& f) {
          auto b = trained(bias, affine);
          nn::set_training(b, training);
          return f(b);
        };
        const auto parts = outputs([&](const auto& b) { return b.norm(b.conv(x)); });
        test::require_close(outputs([&](const auto& b) { return nn::conv_norm(b.conv, b.norm, x); }), parts, 16);
        test::require_close(outputs([&](const auto& b) { return nn::conv_norm_relu(b.conv, b.norm, x); }),
                            tl::relu(parts), 16);
        test::require_close(outputs([&](const auto& b) { return nn::conv_norm_relu(b.conv, b.norm, x, residual); }),
                            tl::relu(parts + residual), 16);
      }
}

TEST_CASE("a record with conv_norm keeps the laws of a module", "[nn]") {
  require_module<one_layer<>>();
  require_module<with_relu<>>();
}

TEST_CASE("conv_norm names what does not fit", "[nn]") {
  const auto b = trained(false, true);
  const auto other = batch_norm::init({.features = 4});
  const auto x = test::uniform<double>({2, 2, 4, 3}, 1);
  REQUIRE_THROWS_WITH(nn::conv_norm(b.conv, other, x),
                      "conv_norm: the normalisation is of other channels than the convolution's: weight [3, 2, 3, 3], "
                      "features 4 (3 vs 4)");
  REQUIRE_THROWS_AS(nn::conv_norm_relu(b.conv, b.norm, x, x), tl::shape_error);
}
