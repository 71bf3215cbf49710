#pragma once

#include <map>
#include <string>
#include <vector>

// Written by tests/golden/make_nn.py with PyTorch 2.15.0. Do not edit.

inline const std::map<std::string, std::vector<std::string>>& torch_names() {
  static const std::map<std::string, std::vector<std::string>> table{
      {"linear", {"weight", "bias"}},
      {"linear without bias", {"weight"}},
      {"conv1d", {"weight", "bias"}},
      {"conv2d", {"weight", "bias"}},
      {"conv2d without bias", {"weight"}},
      {"batch_norm1d", {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}},
      {"batch_norm2d", {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}},
      {"batch_norm2d eval", {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}},
      {"batch_norm average", {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}},
      {"layer_norm", {"weight", "bias"}},
      {"embedding", {"weight"}},
      {"sequential", {"0.weight", "0.bias", "3.weight", "3.bias"}},
      {"lstm", {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"}},
      {"lstm stack",
       {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse",
        "bias_ih_l0_reverse", "bias_hh_l0_reverse", "weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1",
        "weight_ih_l1_reverse", "weight_hh_l1_reverse", "bias_ih_l1_reverse", "bias_hh_l1_reverse"}},
      {"lstm without bias", {"weight_ih_l0", "weight_hh_l0"}},
      {"lstm state", {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"}},
      {"gru", {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"}},
      {"gru stack",
       {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse",
        "bias_ih_l0_reverse", "bias_hh_l0_reverse", "weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1",
        "weight_ih_l1_reverse", "weight_hh_l1_reverse", "bias_ih_l1_reverse", "bias_hh_l1_reverse"}},
      {"gru state", {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"}},
      {"attention", {"in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"}},
      {"attention cross", {"in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"}},
      {"attention causal", {"in_proj_weight", "out_proj.weight"}},
  };
  return table;
}
