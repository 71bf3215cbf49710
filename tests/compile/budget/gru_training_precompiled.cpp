// The same program where TensorLab::precompiled is linked.
#define TENSORLAB_PRECOMPILED 1
#include <tensorlab/precompiled/recurrent.hpp>
#include <tensorlab/precompiled/training.hpp>

#include "gru_training.cpp"
