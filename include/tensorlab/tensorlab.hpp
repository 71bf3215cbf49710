#pragma once

/// Everything a training program usually needs, for examples and first steps. Programs that care about their compile
/// time include the headers they use. File formats come with TensorLab::io, which links libraries, and are included by
/// themselves: `tensorlab/io/module.hpp` has `io::save("digits.safetensors", net)` and `io::load`.

#include <tensorlab/version.hpp>

#include <tensorlab/autograd/autocast.hpp>
#include <tensorlab/autograd/bf16_gain.hpp>
#include <tensorlab/autograd/checkpoint.hpp>
#include <tensorlab/autograd/custom_op.hpp>
#include <tensorlab/autograd/grad.hpp>
#include <tensorlab/autograd/gradcheck.hpp>
#include <tensorlab/backend/reference.hpp>
#include <tensorlab/backend/with_device.hpp>

#include <tensorlab/ops/activation.hpp>
#include <tensorlab/ops/attention.hpp>
#include <tensorlab/ops/batch_norm_relu.hpp>
#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/cast.hpp>
#include <tensorlab/ops/conv.hpp>
#include <tensorlab/ops/conv_relu.hpp>
#include <tensorlab/ops/dropout.hpp>
#include <tensorlab/ops/graph.hpp>
#include <tensorlab/ops/index.hpp>
#include <tensorlab/ops/interpolate.hpp>
#include <tensorlab/ops/linalg.hpp>
#include <tensorlab/ops/norm.hpp>
#include <tensorlab/ops/pad.hpp>
#include <tensorlab/ops/pool.hpp>
#include <tensorlab/ops/reduce.hpp>
#include <tensorlab/ops/resample.hpp>
#include <tensorlab/ops/rnn.hpp>
#include <tensorlab/ops/scatter.hpp>
#include <tensorlab/ops/search.hpp>
#include <tensorlab/ops/shape.hpp>
#include <tensorlab/ops/similarity.hpp>
#include <tensorlab/ops/softmax.hpp>
#include <tensorlab/ops/sort.hpp>
#include <tensorlab/ops/unary.hpp>

#include <tensorlab/loss/bce.hpp>
#include <tensorlab/loss/cross_entropy.hpp>
#include <tensorlab/loss/regression.hpp>
#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/any.hpp>
#include <tensorlab/nn/attention_pool.hpp>
#include <tensorlab/nn/batch_norm.hpp>
#include <tensorlab/nn/conv1d.hpp>
#include <tensorlab/nn/conv2d.hpp>
#include <tensorlab/nn/conv_norm.hpp>
#include <tensorlab/nn/convert.hpp>
#include <tensorlab/nn/dropout.hpp>
#include <tensorlab/nn/embedding.hpp>
#include <tensorlab/nn/flatten.hpp>
#include <tensorlab/nn/gru.hpp>
#include <tensorlab/nn/layer_norm.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/lstm.hpp>
#include <tensorlab/nn/multi_head_attention.hpp>
#include <tensorlab/nn/pool.hpp>
#include <tensorlab/nn/sequential.hpp>
#include <tensorlab/nn/softmax.hpp>
#include <tensorlab/nn/state_dict.hpp>
#include <tensorlab/nn/summary.hpp>
#include <tensorlab/rule/fuse.hpp>

#include <tensorlab/data/loader.hpp>
#include <tensorlab/data/split.hpp>
#include <tensorlab/optim/adam.hpp>
#include <tensorlab/optim/clip.hpp>
#include <tensorlab/optim/ema.hpp>
#include <tensorlab/optim/rates.hpp>
#include <tensorlab/optim/rmsprop.hpp>
#include <tensorlab/optim/schedule.hpp>
#include <tensorlab/optim/sgd.hpp>
#include <tensorlab/train/fit.hpp>
