// expect: no match for .operator\+.|invalid operands to binary expression
#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/backend/reference.hpp>
#include <tensorlab/ops/binary.hpp>

namespace tl = tensorlab;

#ifdef TL_VALID
using other = tl::cpu;
#else
using other = tl::reference;
#endif

auto mixed(const tl::tensor<float, tl::cpu>& a, const tl::tensor<float, other>& b) { return a + b; }
