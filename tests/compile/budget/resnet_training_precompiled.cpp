// The same program where TensorLab::precompiled is linked.
#define TENSORLAB_PRECOMPILED 1
#include <tensorlab/precompiled/convolutional.hpp>
#include <tensorlab/precompiled/training.hpp>

#include "resnet_training.cpp"
