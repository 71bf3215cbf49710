#include <tensorlab/version.hpp>

static_assert(TENSORLAB_HAS_ONEDNN == 0 || TENSORLAB_HAS_ONEDNN == 1);

int main() {}
