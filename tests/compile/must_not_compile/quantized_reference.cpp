// expect: only layers of float on the cpu backend have an 8-bit form
#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/backend/reference.hpp>
#include <tensorlab/quantized/quantize.hpp>

namespace tl = tensorlab;

#ifdef TL_VALID
using backend = tl::cpu;
#else
using backend = tl::reference;
#endif

auto quantized(const tl::nn::sequential<tl::nn::linear<float, backend>>& net) {
  return tl::quantized::quantize(net, {{"0", {-1, 1}}});
}
