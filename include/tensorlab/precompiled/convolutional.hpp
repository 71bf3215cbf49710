#pragma once

#include <tensorlab/nn/batch_norm.hpp>
#include <tensorlab/nn/conv1d.hpp>
#include <tensorlab/nn/conv2d.hpp>
#include <tensorlab/nn/layer_norm.hpp>
#include <tensorlab/ops/conv_relu.hpp>
#include <tensorlab/precompiled/linear.hpp>

namespace tensorlab::inline v0 {

// The layers' members are inline: without these, each caller instantiates the ops behind them.
TL_INSTANCE(tensor<float, cpu> conv1d(const tensor<float, cpu>&, const tensor<float, cpu>&, const tensor<float, cpu>&,
                                      const conv1d_options&));
TL_INSTANCE(tensor<float, cpu> conv2d(const tensor<float, cpu>&, const tensor<float, cpu>&, const tensor<float, cpu>&,
                                      const conv2d_options&));
TL_INSTANCE(tensor<float, cpu> conv2d_relu(const tensor<float, cpu>&, const tensor<float, cpu>&,
                                           const tensor<float, cpu>&, const tensor<float, cpu>&,
                                           const conv2d_options&));
TL_INSTANCE(tensor<float, cpu> batch_norm(const tensor<float, cpu>&, const tensor<float, cpu>&,
                                          const tensor<float, cpu>&, const tensor<float, cpu>&,
                                          const tensor<float, cpu>&, const batch_norm_options&));
TL_INSTANCE(tensor<float, cpu> batch_norm_relu(const tensor<float, cpu>&, const tensor<float, cpu>&,
                                               const tensor<float, cpu>&, const tensor<float, cpu>&,
                                               const tensor<float, cpu>&, const batch_norm_options&,
                                               const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> layer_norm(const tensor<float, cpu>&, const shape&, const tensor<float, cpu>&,
                                          const tensor<float, cpu>&, double));

namespace nn {

TL_INSTANCE(struct conv1d<float, cpu>);
TL_INSTANCE(struct conv2d<float, cpu>);
TL_INSTANCE(struct batch_norm<float, cpu>);
TL_INSTANCE(struct layer_norm<float, cpu>);

}  // namespace nn

}  // namespace tensorlab::inline v0
