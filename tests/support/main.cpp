// The test programs' main: Catch2's session, and a last line that says how many cases passed, failed and were skipped.

#if __has_include(<catch2/catch_test_macros.hpp>)
#include "support/catch.hpp"

#include <catch2/catch_session.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/interfaces/catch_interfaces_registry_hub.hpp>
#include <catch2/interfaces/catch_interfaces_testcase.hpp>
#include <catch2/internal/catch_test_failure_exception.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
namespace {
using listener_base = Catch::EventListenerBase;
std::size_t number_of_cases() { return Catch::getRegistryHub().getTestCaseRegistry().getAllTests().size(); }
[[noreturn]] void leave_test() { Catch::throw_test_failure_exception(); }
}  // namespace
#else
#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"
namespace {
using listener_base = Catch::TestEventListenerBase;
std::size_t number_of_cases() { return Catch::getRegistryHub().getTestCaseRegistry().getAllTests().size(); }
[[noreturn]] void leave_test() { throw Catch::TestFailureException{}; }
}  // namespace
#endif

#include <cstdlib>
#include <iostream>

namespace {

std::size_t passed = 0, failed = 0, skipped = 0;
std::string skip_reason;

struct counter : listener_base {
  using listener_base::listener_base;

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    if (stats.totals.testCases.failed != 0) {
      ++failed;
    } else if (!skip_reason.empty()) {
      ++skipped;
    } else {
      ++passed;
    }
    skip_reason.clear();
  }
};

}  // namespace

CATCH_REGISTER_LISTENER(counter)

void test::skip(const std::string& reason) {
  std::cout << "skipped: " << Catch::getResultCapture().getCurrentTestName() << ": " << reason << '\n';
  skip_reason = reason;
  leave_test();
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
    skipped = number_of_cases();
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
