#pragma once

// TL_HD marks code that runs on the host and on the device: it is written once for both.
#if defined(__CUDACC__)
#define TL_HD __host__ __device__
#else
#define TL_HD
#endif

// Which optional backends this build has; the CMake components set them.
#if !defined(TENSORLAB_HAS_ONEDNN)
#define TENSORLAB_HAS_ONEDNN 0
#endif
#if !defined(TENSORLAB_HAS_CUDA)
#define TENSORLAB_HAS_CUDA 0
#endif
