// expect: no match for .operator\+.|invalid operands to binary expression
#include <tensorlab/backend/reference.hpp>
#include <tensorlab/ops/binary.hpp>

namespace tl = tensorlab;

#ifdef TL_VALID
using other = float;
#else
using other = double;
#endif

auto mixed(const tl::tensor<float, tl::reference>& a, const tl::tensor<other, tl::reference>& b) { return a + b; }
