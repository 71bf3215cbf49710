#pragma once

// Which sanitizer this build has; g++ and clang say it in their own ways.
#if defined(__SANITIZE_ADDRESS__)
#define TL_TEST_ADDRESS_SANITIZER 1
#elif defined(__SANITIZE_THREAD__)
#define TL_TEST_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TL_TEST_ADDRESS_SANITIZER 1
#elif __has_feature(thread_sanitizer)
#define TL_TEST_THREAD_SANITIZER 1
#endif
#endif
