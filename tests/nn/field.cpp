#include <tensorlab/nn/field.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/backend.hpp"

namespace {

struct settings {
  int a = 1, b = 2;
};
struct record {
  std::vector<int> numbers;
  std::optional<std::string> name;
  settings opt;
  static constexpr auto fields() {
    return tl::fields("numbers", &record::numbers, "name", &record::name, "opt", &record::opt);
  }
};
struct empty_record {
  static constexpr auto fields() { return tl::fields(); }
};
struct nested {
  record one;
  std::unique_ptr<int> two;
  std::tuple<int, record> three;
  std::array<int, 4> four;
};
struct named_by_rule {
  std::vector<int> v;
  static constexpr auto fields() { return tl::fields("v", &named_by_rule::v); }
  template <class F>
  void for_each_field(F&& f) {
    for (std::size_t i = 0; i < v.size(); ++i) f("v" + std::to_string(i), v[i]);
  }
};

static_assert(tl::member_count<record>() == 3);
static_assert(tl::member_count<settings>() == 2);
static_assert(tl::member_count<empty_record>() == 0);
static_assert(tl::member_count<nested>() == 4);
static_assert(tl::has_fields<record> && tl::has_fields<empty_record> && !tl::has_fields<settings>);

}  // namespace

TEST_CASE("the fields of a record are visited in their order", "[nn]") {
  record r;
  r.numbers = {1, 2, 3};
  std::vector<std::string> names;
  tl::for_each_field(r, [&](const std::string& name, auto& member) {
    names.push_back(name);
    if constexpr (std::is_same_v<std::remove_reference_t<decltype(member)>, std::vector<int>>) member.push_back(4);
  });
  REQUIRE(names == std::vector<std::string>{"numbers", "name", "opt"});
  REQUIRE(r.numbers.size() == 4);
  const record& fixed = r;
  std::size_t count = 0;
  tl::for_each_field(fixed, [&](const char*, const auto&) { ++count; });
  REQUIRE(count == 3);
}

TEST_CASE("a record may name its fields by a rule of its own", "[nn]") {
  named_by_rule r{{7, 8}};
  std::vector<std::string> names;
  int sum = 0;
  tl::for_each_field(r, [&](const std::string& name, int& x) {
    names.push_back(name);
    sum += x;
  });
  REQUIRE(names == std::vector<std::string>{"v0", "v1"});
  REQUIRE(sum == 15);
}
