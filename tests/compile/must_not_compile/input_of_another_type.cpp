// expect: no match for call to|no matching function for call to object
#include <tensorlab/backend/reference.hpp>
#include <tensorlab/nn/linear.hpp>

namespace tl = tensorlab;

#ifdef TL_VALID
using input = float;
#else
using input = double;
#endif

auto forward(const tl::nn::linear<float, tl::reference>& layer, const tl::tensor<input, tl::reference>& x) {
  return layer(x);
}
