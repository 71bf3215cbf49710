// expect: the operands live on different backends: copy one of them
#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/backend/reference.hpp>
#include <tensorlab/ops/linalg.hpp>

namespace tl = tensorlab;

#ifdef TL_VALID
using other = tl::cpu;
#else
using other = tl::reference;
#endif

auto mixed(const tl::tensor<float, tl::cpu>& a, const tl::tensor<float, other>& b) { return tl::matmul(a, b); }
