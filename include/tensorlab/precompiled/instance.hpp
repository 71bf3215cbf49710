#pragma once

// TL_INSTANCE(class array<float, cpu>): with TensorLab::precompiled linked, an instance that programs find compiled;
// without it, nothing.
#if !defined(TENSORLAB_PRECOMPILED)
#define TL_INSTANCE(...) static_assert(true)
#elif defined(TL_PRECOMPILE_HERE)
#define TL_INSTANCE(...) template __VA_ARGS__
#else
#define TL_INSTANCE(...) extern template __VA_ARGS__
#endif
