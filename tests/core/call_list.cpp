#include <tensorlab/core/call_list.hpp>

#include <new>
#include <stdexcept>
#include <string>

#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::detail::call_kind;
using tl::detail::call_list;

namespace {

std::string journal;

/// A graph that writes down what is done with it.
class noted_graph : public tl::graph {
 public:
  explicit noted_graph(const void* at) : at_(at) {}
  ~noted_graph() override { journal += '~'; }
  void record(const tl::device_calls& calls) override {
    if (fails) throw std::runtime_error("the device cannot");
    journal += at_ != nullptr ? "{" : "[";
    calls();
    journal += at_ != nullptr ? "}" : "]";
  }
  void launch() override { journal += '!'; }

  static inline bool fails = false;

 private:
  const void* at_;
};

std::unique_ptr<tl::graph> make_graph(const void* at) { return std::make_unique<noted_graph>(at); }
std::unique_ptr<tl::graph> make_other(const void* at) { return std::make_unique<noted_graph>(at); }

/// A call that writes down its letter, and that its closure goes.
void add(call_list& list, char letter, const tl::detail::call_traits& traits) {
  list.add(
      traits, sizeof(char), [](const void* c) { journal += *static_cast<const char*>(c); },
      [](void* c) { journal += *static_cast<const char*>(c); }, [&](void* room) { new (room) char(letter); });
}
/// Calls by their letters: lower case for the device's, capitals for the host's, digits for what is beside.
void add(call_list& list, const std::string& letters, tl::graph_source source = &make_graph) {
  for (const char c : letters) {
    if (c >= 'a' && c <= 'z')
      add(list, c, {call_kind::device, source, &journal});
    else
      add(list, c, {c <= '9' ? call_kind::beside : call_kind::host, nullptr, nullptr});
  }
}

/// What a list writes down when it is replayed.
std::string replayed(call_list& list) {
  journal.clear();
  list.replay();
  return std::exchange(journal, "");
}

}  // namespace

TEST_CASE("without graphs calls are made in their order, and closures are destroyed", "[core]") {
  {
    call_list list;
    add(list, "aBc1Dd", nullptr);
    REQUIRE(list.size() == 6);
    REQUIRE(replayed(list) == "aBc1Dd");
    REQUIRE(replayed(list) == "aBc1Dd");
    REQUIRE(list.graphs() == 0);
  }
  REQUIRE(std::exchange(journal, "") == "aBc1Dd");
}

TEST_CASE("runs of device calls become graphs, and what the host does keeps its place between them", "[core]") {
  call_list list;
  add(list, "AabcBCdeD");
  REQUIRE(list.graphs() == 0);
  REQUIRE(replayed(list) == "A{abc}BC{de}D");
  REQUIRE(list.graphs() == 2);
  REQUIRE(replayed(list) == "A!BC!D");
  REQUIRE(replayed(list) == "A!BC!D");
}

TEST_CASE("a single call needs no graph", "[core]") {
  call_list list;
  add(list, "aBcdCe");
  for (int i = 0; i < 2; ++i) REQUIRE(replayed(list) == (i == 0 ? "aB{cd}Ce" : "aB!Ce"));
}

TEST_CASE("what is beside the device's calls moves behind their run, in its order", "[core]") {
  call_list list;
  add(list, "1ab2cd34A5e6");
  REQUIRE(replayed(list) == "1{abcd}234A5e6");
  REQUIRE(replayed(list) == "1!234A5e6");
  call_list last;
  add(last, "a1b2");
  REQUIRE(replayed(last) == "{ab}12");
}

TEST_CASE("a graph holds the calls of one source and starts on the device of the first operand", "[core]") {
  call_list list;
  add(list, 'a', {call_kind::device, &make_graph, nullptr});
  add(list, "b");
  add(list, "c1d", &make_other);
  add(list, 'e', {call_kind::device, &make_graph, nullptr});
  add(list, 'f', {call_kind::device, &make_graph, nullptr});
  REQUIRE(replayed(list) == "{ab}{cd}1[ef]");
  REQUIRE(list.graphs() == 3);
}

TEST_CASE("a graph that cannot be made is an error each time, and calls that are added are divided anew", "[core]") {
  call_list list;
  add(list, "abA");
  noted_graph::fails = true;
  for (int i = 0; i < 2; ++i) REQUIRE_THROWS_AS(list.replay(), std::runtime_error);
  noted_graph::fails = false;
  REQUIRE(list.graphs() == 0);
  REQUIRE(replayed(list) == "{ab}A");
  add(list, "cd");
  REQUIRE(list.graphs() == 0);
  REQUIRE(replayed(list) == "{ab}A{cd}");
}

TEST_CASE("graphs go before what their calls refer to", "[core]") {
  {
    call_list list;
    add(list, "ab");
    REQUIRE(replayed(list) == "{ab}");
  }
  REQUIRE(std::exchange(journal, "") == "~ab");
}
