#pragma once

#include <tensorlab/nn/batch_norm.hpp>
#include <tensorlab/nn/conv1d.hpp>
#include <tensorlab/nn/conv2d.hpp>
#include <tensorlab/nn/layer_norm.hpp>
#include <tensorlab/precompiled/linear.hpp>

namespace tensorlab::inline v0::nn {

TL_INSTANCE(struct conv1d<float, cpu>);
TL_INSTANCE(struct conv2d<float, cpu>);
TL_INSTANCE(struct batch_norm<float, cpu>);
TL_INSTANCE(struct layer_norm<float, cpu>);

}  // namespace tensorlab::inline v0::nn
