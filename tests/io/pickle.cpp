#include <tensorlab/io/pickle.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using Catch::Contains;
using kind = tl::io::pickle_node::kind;
using namespace std::string_literals;

namespace {

std::span<const std::byte> bytes(const std::string& s) { return std::as_bytes(std::span(s.data(), s.size())); }

void rejects(const std::string& pickle, const std::string& message) {
  tl::io::unpickler reader(bytes(pickle), "a.pkl");
  REQUIRE_THROWS_WITH(reader.load(), Contains("pickle: " + message) && Contains(": a.pkl at byte"));
}

}  // namespace

TEST_CASE("pickle: numbers", "[io][pickle]") {
  // pickle.dumps((0, 255, 65535, -1, 2**31 - 1, 2**40, -2**63, 2.5), 2), written by CPython 3.11
  const std::string p =
      "\x80\x02(K\x00K\xffM\xff\xffJ\xff\xff\xff\xffJ\xff\xff\xff\x7f\x8a\x06\x00\x00\x00\x00\x00\x01"
      "\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80G@\x04\x00\x00\x00\x00\x00\x00tq\x00."s;
  tl::io::unpickler reader(bytes(p), "a.pkl");
  const auto& items = reader.load().items;
  REQUIRE(items.size() == 8);
  const std::int64_t expected[] = {
      0, 255, 65535, -1, 2147483647, std::int64_t{1} << 40, (std::numeric_limits<std::int64_t>::min)()};
  for (std::size_t i = 0; i < 7; ++i) REQUIRE(items[i]->integer == expected[i]);
  REQUIRE(items[7]->real == 2.5);
  REQUIRE(reader.position() == p.size());
}

TEST_CASE("pickle: shared and cyclic lists keep their identity", "[io][pickle]") {
  // a = []; a.append(a): EMPTY_LIST BINPUT 0 BINGET 0 APPEND STOP
  const std::string p =
      "\x80\x02]q\x00h\x00"
      "a."s;
  tl::io::unpickler reader(bytes(p), "a.pkl");
  const auto& list = reader.load();
  REQUIRE(list.items.size() == 1);
  REQUIRE(list.items[0] == &list);
}

TEST_CASE("pickle: protocol 4 with frames, memoised names and bytes", "[io][pickle]") {
  // pickle.dumps({'a': b'\x00', 'b': {1}}, 4), CPython 3.11
  const std::string p =
      "\x80\x04\x95\x17\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01"
      "a\x94"
      "C\x01\x00\x94\x8c\x01"
      "b\x94\x8f\x94(K\x01\x90u."s;
  tl::io::unpickler reader(bytes(p), "a.pkl");
  const auto& dict = reader.load();
  REQUIRE(dict.type == kind::dict);
  REQUIRE(dict.items.size() == 4);
  REQUIRE(dict.items[1]->type == kind::bytes);
  REQUIRE(dict.items[1]->text == std::string(1, '\0'));
  REQUIRE(dict.items[3]->type == kind::set);
  REQUIRE(dict.items[3]->items[0]->integer == 1);
}

TEST_CASE("pickle: a call stays a description", "[io][pickle]") {
  // What would run a command in Python: os.system('exit 1').
  const std::string p =
      "\x80\x02"
      "cos\nsystem\nX\x06\x00\x00\x00"
      "exit 1\x85R."s;
  tl::io::unpickler reader(bytes(p), "a.pkl");
  const auto& o = reader.load();
  REQUIRE(o.type == kind::object);
  REQUIRE(o.callee->text == "os");
  REQUIRE(o.callee->name == "system");
  REQUIRE(o.items.size() == 1);
  REQUIRE(o.items[0]->text == "exit 1");
}

TEST_CASE("pickle: several in a row", "[io][pickle]") {
  const std::string p = "\x80\x02K\x01.\x80\x02K\x02."s;
  tl::io::unpickler reader(bytes(p), "a.pkl");
  REQUIRE(reader.load().integer == 1);
  REQUIRE(reader.load().integer == 2);
  REQUIRE_THROWS_AS(reader.load(), tl::format_error);
}

TEST_CASE("pickle: malformed ones", "[io][pickle]") {
  rejects("", "truncated (1 bytes expected, 0 found)");
  rejects("\x80\x02", "truncated");
  rejects("\x80\x01.", "protocol 1 is not read");
  rejects("\x80\x06.", "protocol 6 is not read");
  rejects("\x80\x02.", "the stack is empty");
  rejects("\x80\x02X\xff\xff\xff\x7fshort", "truncated (2147483647 bytes expected, 5 found)");
  rejects("\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff", "truncated");
  rejects("\x80\x02J\x01\x02", "truncated (4 bytes expected, 2 found)");
  rejects(
      "\x80\x02"
      "cos\nsystem",
      "truncated (a line does not end)");
  rejects("\x80\x02h\x05.", "nothing is remembered as 5");
  rejects("\x80\x02q"s + '\0', "the stack is empty");
  rejects("\x80\x02t.", "no mark");
  rejects("\x80\x02(\x85.", "the stack is empty");
  rejects("\x80\x02K\x01(K\x02\x86.", "the stack is empty");
  rejects(
      "\x80\x02K\x01K\x02"
      "a.",
      "items for something that is no list");
  rejects("\x80\x02}(K\x01u.", "a key without a value");
  rejects("\x80\x02](K\x01K\x02u.", "keys for something that is no dict");
  rejects("\x80\x02K\x01K\x02R.", "arguments that are no tuple");
  rejects("\x80\x04K\x01K\x02\x93.", "a class whose name is no string");
  rejects("\x80\x02I1\n.", "opcode 73 is not read");
  rejects("\x80\x02\x82\x01.", "opcode 130 is not read");
}
