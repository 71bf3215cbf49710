#pragma once

#include <tensorlab/nn/linear.hpp>
#include <tensorlab/precompiled/tensor.hpp>

namespace tensorlab::inline v0::nn {

TL_INSTANCE(struct linear<float, cpu>);

}  // namespace tensorlab::inline v0::nn
