#pragma once

/// Recurrent layers: one direction, whole stacks, and the composites they are checked against.
#include <tensorlab/ops/rnn/gru.hpp>
#include <tensorlab/ops/rnn/lstm.hpp>
#include <tensorlab/ops/rnn/stack.hpp>
