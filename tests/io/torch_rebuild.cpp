#include <tensorlab/io/torch_rebuild.hpp>

#include <deque>

#include <tensorlab/io/torch_pickler.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using namespace tl::io;
using namespace std::string_literals;

namespace {

/// Storages of the bytes 0, 1, 2, ..
class counting_source final : public detail::torch_storage_source {
 public:
  explicit counting_source(std::size_t length) {
    for (std::size_t i = 0; i < length; ++i) bytes_.push_back(static_cast<std::byte>(i));
  }
  const std::vector<std::byte>& storage(const std::string& key, std::size_t) override {
    asked += key;
    return bytes_;
  }
  std::string asked;

 private:
  std::vector<std::byte> bytes_;
};

/// What a pickle becomes with storages of `length` bytes.
torch_value rebuilt(const std::string& pickle, std::size_t length = 8, std::string* asked = nullptr) {
  unpickler reader(std::as_bytes(std::span(pickle.data(), pickle.size())), "a.pkl");
  counting_source source(length);
  const torch_value v = detail::torch_rebuilder(source, "a.pkl", 100).value(reader.load());
  if (asked != nullptr) *asked = source.asked;
  return v;
}

}  // namespace

TEST_CASE("what the pickler writes is rebuilt", "[io][torch]") {
  torch_dict d;
  d.set("none", {}).set(1, -2.5).set("list", torch_list{{true, "\xc3\xa9", std::int64_t{1} << 40}});
  d.set("bytes", torch_bytes{"\xe9\x01"}).set("tuple", torch_tuple{{1, 2, 3, 4}});
  d.set("inner", torch_dict(true).set("x", torch_tuple{}));
  const torch_value v = d;
  REQUIRE(rebuilt(detail::torch_pickler().write(v)) == v);
}

TEST_CASE("a tensor takes its elements from its storage", "[io][torch]") {
  const tl::host_tensor t{tl::dtype::uint8, {2, 3}, {0, 1, 2, 3, 4, 5}};
  std::string asked;
  REQUIRE(rebuilt(detail::torch_pickler().write(t), 6, &asked) == torch_value(t));
  REQUIRE(asked == "0");
  REQUIRE_THROWS_WITH(rebuilt(detail::torch_pickler().write(t), 5), Catch::Contains("storage 0 is truncated"));
  const tl::host_tensor none{tl::dtype::float64, {0, 3}, {}};
  REQUIRE(rebuilt(detail::torch_pickler().write(none), 0, &asked) == torch_value(none));
  REQUIRE(asked.empty());
}

TEST_CASE("what a class or a function would make becomes a record", "[io][torch]") {
  const torch_value called = rebuilt(
      "\x80\x02"
      "cos\nsystem\nX\x02\0\0\0ls\x85R."s);
  REQUIRE(called == torch_value(torch_record{"os", "system", {"ls"}, {}}));
  REQUIRE(rebuilt("\x80\x02"
                  "ca\nB\n.") == torch_value(torch_record{"a", "B", {}, {}}));
  REQUIRE(rebuilt("\x80\x02"
                  "ca\nB\n)\x81K\x05"
                  "b.") == torch_value(torch_record{"a", "B", {}, {5}}));
  REQUIRE(rebuilt("\x80\x02"
                  "ctorch\nSize\nK\x02K\x03\x86\x85R.") == torch_value(torch_tuple{{2, 3}}));
}

TEST_CASE("a value that holds itself is refused", "[io][torch]") {
  REQUIRE_THROWS_WITH(rebuilt("\x80\x02]q\0h\0a."s), Catch::Contains("nested more than 400 deep"));
}
