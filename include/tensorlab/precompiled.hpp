#pragma once

/// The common types on cpu, compiled once: with TensorLab::precompiled linked, including this header declares these
/// instances, so that no translation unit compiles them again. Its parts can be included alone.
#include <tensorlab/precompiled/convolutional.hpp>
#include <tensorlab/precompiled/recurrent.hpp>
#include <tensorlab/precompiled/training.hpp>
#include <tensorlab/tensorlab.hpp>
