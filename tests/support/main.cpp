// The test programs' main: Catch2's session, and a last line that says how many cases passed, failed and were skipped.

#if __has_include(<catch2/catch_test_macros.hpp>)
#include "support/catch.hpp"

#include <catch2/catch_session.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/interfaces/catch_interfaces_registry_hub.hpp>
#include <catch2/internal/catch_test_case_registry_impl.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
using listener_base = Catch::EventListenerBase;
#else
#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"
using listener_base = Catch::TestEventListenerBase;
#endif

#include <cstdlib>
#include <iostream>

namespace {

std::size_t passed = 0, failed = 0, skipped = 0;
bool skipping = false;
std::string running;

struct counter : listener_base {
  using listener_base::listener_base;

  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    listener_base::testCaseStarting(info);
    running = info.name;
  }
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    listener_base::testCaseEnded(stats);
    if (stats.totals.testCases.failed != 0) {
      ++failed;
    } else if (skipping) {
      ++skipped;
    } else {
      ++passed;
    }
    skipping = false;
  }
};

}  // namespace

CATCH_REGISTER_LISTENER(counter)

void test::skip(const std::string& reason) {
  std::cout << "skipped: " << running << ": " << reason << '\n';
  skipping = true;
#if defined(SKIP)
  SKIP(reason);
  std::abort();
#else
  // Version 2 has no skipping. A test that ends with this exception, and no failed assertion before it, has not failed.
  throw Catch::TestFailureException{};
#endif
}

std::string test::data_folder() {
  const char* folder = std::getenv("TENSORLAB_DATA");
  if (folder == nullptr || *folder == '\0') test::skip("TENSORLAB_DATA names no folder of data sets");
  return folder;
}

int main(int argc, char* argv[]) {
  Catch::Session session;
  if (const int error = session.applyCommandLine(argc, argv); error != 0) return error;
  int result = 0;
  const std::string obstacle = test::obstacle != nullptr ? test::obstacle() : std::string{};
  if (!obstacle.empty()) {
    std::cout << "skipped: every test: " << obstacle << '\n';
    skipped = Catch::getRegistryHub().getTestCaseRegistry().getAllTests().size();
  } else {
    result = session.run();
  }
  if (passed + failed + skipped != 0) {
    std::string name = argv[0];
    name.erase(0, name.find_last_of('/') + 1);
    std::cout << name << ": " << passed << " passed, " << failed << " failed, " << skipped << " skipped" << std::endl;
  }
  return result;
}
