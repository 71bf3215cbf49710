#pragma once

#include <cstdint>

namespace tensorlab::inline v0 {

class dims;
using shape = dims;
using strides = dims;

struct bf16;
struct half;

struct reference;
struct cpu;
struct simt;
struct cuda;

template <class T>
struct view;
template <class T, class B>
class array;
template <class T = float, class B = cpu>
class tensor;
template <class T = float, class B = cpu>
class parameter;
template <class T = float, class B = cpu>
class buffer;

namespace random {
class stream;
}

}  // namespace tensorlab::inline v0
