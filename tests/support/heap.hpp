#pragma once

#include <cstdint>

namespace test {

/// How often this thread has called operator new; stays 0 under a sanitizer, whose own operators are in place.
std::uint64_t heap_requests();

}  // namespace test
