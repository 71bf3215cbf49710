#pragma once

#include <tensorlab/nn/attention_pool.hpp>
#include <tensorlab/nn/gru.hpp>
#include <tensorlab/nn/lstm.hpp>
#include <tensorlab/precompiled/linear.hpp>

namespace tensorlab::inline v0 {

// The layers' members are inline: without these two, each caller instantiates the ops behind them.
TL_INSTANCE(lstm_result<float, cpu> lstm(const tensor<float, cpu>&, const lstm_state<float, cpu>&,
                                         const std::vector<rnn_weights<float, cpu>>&, const rnn_options<cpu>&));
TL_INSTANCE(gru_result<float, cpu> gru(const tensor<float, cpu>&, const tensor<float, cpu>&,
                                       const std::vector<rnn_weights<float, cpu>>&, const rnn_options<cpu>&,
                                       gru_reset));

namespace nn {

TL_INSTANCE(struct lstm<float, cpu>);
TL_INSTANCE(struct gru<float, cpu>);
TL_INSTANCE(struct attention_pool<float, cpu>);

}  // namespace nn

}  // namespace tensorlab::inline v0
