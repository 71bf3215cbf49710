#include "support/heap.hpp"

#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TL_COUNTS_HEAP 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TL_COUNTS_HEAP 0
#else
#define TL_COUNTS_HEAP 1
#endif
#else
#define TL_COUNTS_HEAP 1
#endif

namespace {

thread_local std::uint64_t requests = 0;

}  // namespace

std::uint64_t test::heap_requests() { return requests; }

#if TL_COUNTS_HEAP
void* operator new(std::size_t bytes) {
  ++requests;
  if (void* const p = std::malloc(bytes == 0 ? 1 : bytes)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
#endif
