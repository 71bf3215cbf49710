#pragma once

#include <tensorlab/nn/attention_pool.hpp>
#include <tensorlab/nn/gru.hpp>
#include <tensorlab/nn/lstm.hpp>
#include <tensorlab/precompiled/linear.hpp>

namespace tensorlab::inline v0::nn {

TL_INSTANCE(struct lstm<float, cpu>);
TL_INSTANCE(struct gru<float, cpu>);
TL_INSTANCE(struct attention_pool<float, cpu>);

}  // namespace tensorlab::inline v0::nn
