// expect: has_update<B, T>|has_update<partial, float>
#include <tensorlab/backend/concept.hpp>
#include <tensorlab/backend/reference.hpp>

namespace tl = tensorlab;

struct partial : tl::reference {
#ifndef TL_VALID
  static void update() = delete;
#endif
};

template <tl::backend B>
void needs_a_backend() {}

void call() { needs_a_backend<partial>(); }
