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

#if defined(TENSORLAB_PRECOMPILED)

// The library and the program that links it must agree on the width of packs: a program with other processor flags
// (-march, on its own target alone) looks for a name that the library does not have.
#if defined(__AVX512F__) && defined(__OPTIMIZE__)
#define TL_COMPILED_FOR library_compiled_for_avx512
#elif defined(__AVX2__)
#define TL_COMPILED_FOR library_compiled_for_avx2
#elif defined(__AVX__)
#define TL_COMPILED_FOR library_compiled_for_avx
#else
#define TL_COMPILED_FOR library_compiled_for_the_base_processor
#endif

namespace tensorlab::inline v0::detail {

extern const char TL_COMPILED_FOR;
#if defined(TL_PRECOMPILE_HERE)
const char TL_COMPILED_FOR = 0;
#else
[[gnu::used]] inline const char* const library_compiled_for = &TL_COMPILED_FOR;
#endif

}  // namespace tensorlab::inline v0::detail

#undef TL_COMPILED_FOR

#endif
