#include "support/heap.hpp"

#include <cstdlib>
#include <new>

#include "support/sanitizer.hpp"

namespace {

thread_local std::uint64_t requests = 0;

}  // namespace

std::uint64_t test::heap_requests() { return requests; }

#if !defined(TL_TEST_ADDRESS_SANITIZER) && !defined(TL_TEST_THREAD_SANITIZER)
void* operator new(std::size_t bytes) {
  ++requests;
  if (void* const p = std::malloc(bytes == 0 ? 1 : bytes)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
#endif
