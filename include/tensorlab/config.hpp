#pragma once

// TL_HD marks code that runs on the host and on the device: it is written once for both.
#if defined(__CUDACC__)
#define TL_HD __host__ __device__
#else
#define TL_HD
#endif

// TL_INLINE marks small functions over SIMD values: called for real, they would pass them through memory.
#if defined(__GNUC__) && !defined(__CUDACC__)
#define TL_INLINE [[gnu::always_inline]] inline
#else
#define TL_INLINE inline
#endif

// Which optional backends this build has; the CMake components set them.
#if !defined(TENSORLAB_HAS_ONEDNN)
#define TENSORLAB_HAS_ONEDNN 0
#endif
#if !defined(TENSORLAB_HAS_CUDA)
#define TENSORLAB_HAS_CUDA 0
#endif
