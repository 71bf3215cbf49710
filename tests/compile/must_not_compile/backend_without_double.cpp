// expect: T = double|computes<partial, double>
#include <tensorlab/backend/concept.hpp>
#include <tensorlab/backend/reference.hpp>

namespace tl = tensorlab;

struct partial : tl::reference {
#ifndef TL_VALID
  static void conv_dx(tl::view<float>, tl::view<const float>, tl::view<const float>, const tl::window_geometry&) {}
#endif
};

template <tl::backend B>
void needs_a_backend() {}

void call() { needs_a_backend<partial>(); }
