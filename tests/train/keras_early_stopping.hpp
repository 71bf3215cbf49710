#pragma once

#include <map>
#include <string>
#include <vector>

// Written by tests/golden/make_optim.py with PyTorch 2.15.0 and Keras 3.15.1. Do not edit.

inline const std::map<std::string, std::vector<double>>& keras_early_stopping() {
  static const std::map<std::string, std::vector<double>> table{
      {"patience 2", {8, 5}}, {"patience 3", {9, 5}},   {"patience 4 min_delta", {10, 5}},
      {"patience 0", {3, 1}}, {"patience 15", {0, 15}}, {"greater patience 3", {9, 5}},
  };
  return table;
}
