// expect: a parameter of another element type or backend than the module's
#include <tensorlab/backend/reference.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/module.hpp>

namespace tl = tensorlab;

#ifdef TL_VALID
using other = float;
#else
using other = double;
#endif

struct two_layers {
  tl::nn::linear<float, tl::reference> first;
  tl::nn::linear<other, tl::reference> second;

  static constexpr auto fields() { return tl::fields("first", &two_layers::first, "second", &two_layers::second); }
};

std::int64_t parameters(two_layers& net) { return tl::nn::parameter_count(net); }
