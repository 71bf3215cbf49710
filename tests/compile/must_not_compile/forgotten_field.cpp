// expect: fields\(\) does not name every member of this record
#include <tensorlab/backend/reference.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/module.hpp>

namespace tl = tensorlab;

struct two_layers {
  tl::nn::linear<float, tl::reference> first, second;

  static constexpr auto fields() {
#ifdef TL_VALID
    return tl::fields("first", &two_layers::first, "second", &two_layers::second);
#else
    return tl::fields("first", &two_layers::first);
#endif
  }
};

std::int64_t parameters(two_layers& net) { return tl::nn::parameter_count(net); }
