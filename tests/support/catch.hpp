#pragma once

// Catch2 2.13 and 3 under one name. Tests write the version 2 spelling: Catch::Contains, Approx.
#if __has_include(<catch2/catch_test_macros.hpp>)
#include <string>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_message.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_adapters.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <catch2/matchers/catch_matchers_vector.hpp>

namespace Catch {
using Matchers::EndsWith;
using Matchers::Equals;
using Matchers::Message;
using Matchers::StartsWith;
inline auto Contains(const std::string& text) { return Matchers::ContainsSubstring(text); }
}  // namespace Catch
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

namespace test {

/// Ends the running test case without a failure; it counts as skipped, with the reason printed.
[[noreturn]] void skip(const std::string& reason);

/// Why no test of this program can run here, empty if they can. A program that needs a device sets it before main.
inline std::string (*obstacle)() = nullptr;

/// The folder of shared data sets. Skips the test where there is none.
std::string data_folder();

}  // namespace test
