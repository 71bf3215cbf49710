#include <tensorlab/core/capture.hpp>

#include <string>

#include "core/counted_blocks.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;

using test::allocate;
using test::live_blocks;
using test::release;

TEST_CASE("what is performed while a capture is current is done now and in every replay, in order", "[core]") {
  std::string log;
  tl::capture c;
  {
    const tl::capture::scope here(&c);
    REQUIRE(tl::capture::current() == &c);
    tl::perform([&] {
      log += "a";
      // Part of the call above, not one of its own.
      tl::perform([&] { log += "b"; });
      REQUIRE(tl::capture::current() == nullptr);
    });
    tl::perform([&] { log += "c"; });
  }
  REQUIRE(tl::capture::current() == nullptr);
  tl::perform([&] { log += "d"; });
  REQUIRE(log == "abcd");
  REQUIRE(c.actions() == 2);
  c.replay();
  REQUIRE(log == "abcdabc");
}

TEST_CASE("what changes handles alone is repeated without parting the device's calls", "[core]") {
  struct recorded : tl::graph {
    tl::device_calls calls{};
    void record(const tl::device_calls& c) override {
      calls = c;
      c();
    }
    void launch() override {}
  };
  const tl::graph_source source = [](const void*) -> std::unique_ptr<tl::graph> {
    return std::make_unique<recorded>();
  };
  std::string log;
  tl::capture c;
  {
    const tl::capture::scope here(&c);
    c.launch(source, nullptr, [&] { log += "a"; });
    tl::perform_beside([&] { log += "b"; });
    c.launch(source, nullptr, [&] { log += "c"; });
  }
  tl::perform_beside([&] { log += "d"; });
  REQUIRE(log == "abcd");
  REQUIRE(c.actions() == 3);
  REQUIRE(c.graphs() == 0);
  c.replay();
  REQUIRE(log == "abcdacb");
  REQUIRE(c.graphs() == 1);
  c.replay();
  REQUIRE(log == "abcdacbb");
}

TEST_CASE("a scope ends with an exception, and a call that throws is not kept", "[core]") {
  tl::capture c;
  try {
    const tl::capture::scope here(&c);
    tl::perform([] { throw tl::value_error("no"); });
  } catch (const tl::value_error&) {
  }
  REQUIRE(tl::capture::current() == nullptr);
  REQUIRE(c.actions() == 0);
}

TEST_CASE("values of the host are barred while a capture is current", "[core]") {
  REQUIRE_NOTHROW(tl::detail::require_host_values("item"));
  tl::capture c;
  const tl::capture::scope here(&c);
  REQUIRE_THROWS_WITH(tl::detail::require_host_values("item"), Catch::Contains("item: values cannot pass"));
  tl::perform([] { tl::detail::require_host_values("item"); });
}

TEST_CASE("memory that is still in use at the end must have been allowed", "[core]") {
  tl::capture c;
  const auto kept = c.memory()->take(64, 0, allocate, release);
  REQUIRE_THROWS_WITH(c.close(), Catch::Contains("64 bytes"));
  c.allow(c.memory()->data(kept));
  REQUIRE_NOTHROW(c.close());
}

TEST_CASE("a recording's own memory and its inputs are no constants", "[core]") {
  const double weights[4] = {}, input[2] = {};
  tl::capture c;
  const std::size_t block = c.memory()->take(64, 0, allocate, release);
  const char* const own = static_cast<const char*>(c.memory()->data(block));
  c.varies(input, sizeof(input));
  REQUIRE_FALSE(c.is_constant(weights));
  c.assume_constants();
  REQUIRE(c.is_constant(weights));
  REQUIRE_FALSE(c.is_constant(input + 1));
  REQUIRE(c.is_constant(input + 2));
  REQUIRE_FALSE(c.is_constant(own));
  REQUIRE_FALSE(c.is_constant(own + 63));
}

TEST_CASE("what is made of constants is made once", "[core]") {
  int weight = 2, input = 3, made = 0;
  const auto twice = [&] {
    return tl::perform_once({&weight}, [&] {
      tl::perform([&] { ++made; });
      return 2 * weight;
    });
  };
  REQUIRE(twice() == 4);
  REQUIRE(made == 1);
  tl::capture changing, staying;
  {
    const tl::capture::scope here(&changing);
    REQUIRE(twice() == 4);
  }
  changing.replay();
  REQUIRE(made == 3);
  staying.assume_constants();
  staying.varies(&input, sizeof(input));
  {
    const tl::capture::scope here(&staying);
    REQUIRE(twice() == 4);
    REQUIRE(tl::perform_once({&weight, &input}, [&] {
              tl::perform([&] { ++made; });
              return input;
            }) == 3);
  }
  staying.replay();
  REQUIRE(made == 6);  // the second alone is made again
  REQUIRE(staying.actions() == 1);
}
