#pragma once

// Whether this build has the address sanitizer, which g++ and clang say in their own ways.
#if defined(__SANITIZE_ADDRESS__)
#define TL_TEST_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TL_TEST_ADDRESS_SANITIZER 1
#endif
#endif
