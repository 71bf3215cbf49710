// TensorLab::tensorlab alone: headers, no other library.
#include <tensorlab/version.hpp>

static_assert(TENSORLAB_VERSION_MAJOR >= 0);

int main() {}
