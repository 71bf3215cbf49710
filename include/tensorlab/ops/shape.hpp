#pragma once

/// Ops that move elements without computing: views, windows, joining, splitting, repeating.
#include <tensorlab/ops/arrange.hpp>
#include <tensorlab/ops/cat.hpp>
#include <tensorlab/ops/reshape.hpp>
#include <tensorlab/ops/slice.hpp>
#include <tensorlab/ops/split.hpp>
