// expect: leaves of a const module cannot be handed out
#include <tensorlab/backend/reference.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/module.hpp>

namespace tl = tensorlab;

#ifdef TL_VALID
using module = tl::nn::linear<float, tl::reference>;
#else
using module = const tl::nn::linear<float, tl::reference>;
#endif

auto parameters_of(module& net) { return tl::nn::named_parameters(net); }
