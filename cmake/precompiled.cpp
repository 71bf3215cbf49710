// The instances that precompiled.hpp declares.

#define TL_PRECOMPILE_HERE  // the target defines TENSORLAB_PRECOMPILED
#include <tensorlab/precompiled.hpp>
