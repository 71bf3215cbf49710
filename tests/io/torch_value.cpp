#include <tensorlab/io/torch_value.hpp>

#include <tensorlab/backend/reference.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using namespace tl::io;

TEST_CASE("a value has Python's type, and says which", "[io][torch]") {
  REQUIRE(torch_value().is_none());
  REQUIRE(torch_value(nullptr).type_name() == "None");
  REQUIRE(torch_value(true).is<bool>());
  REQUIRE(torch_value(3).is<std::int64_t>());
  REQUIRE(torch_value(3u) == torch_value(std::int64_t{3}));
  REQUIRE(torch_value(0.5f).type_name() == "float");
  REQUIRE(torch_value("text").type_name() == "str");
  REQUIRE(torch_value(torch_bytes{"b"}).type_name() == "bytes");
  REQUIRE(torch_value(torch_tuple{{1, 2}}).type_name() == "tuple");
  REQUIRE(torch_value(tl::tensor<float, tl::reference>::ones({2})).is<tl::host_tensor>());
  REQUIRE(torch_value(torch_record{"a.b", "C", {}, {}}).type_name() == "an object of a.b.C");
  REQUIRE_FALSE(torch_value(torch_list{{1}}) == torch_value(torch_tuple{{1}}));
}

TEST_CASE("a value is taken as the type it is; an int passes as float", "[io][torch]") {
  REQUIRE(torch_value(3).as<double>("x") == 3);
  REQUIRE(torch_value("a").ref<std::string>("x") == "a");
  REQUIRE_THROWS_WITH(torch_value("a").as<double>("x"), Catch::Equals("torch: wrong type: x is str, expected float"));
  REQUIRE_THROWS_AS(torch_value(0.5).as<std::int64_t>("x"), tl::format_error);
}

TEST_CASE("a dict keeps the order of insertion and replaces equal keys", "[io][torch]") {
  torch_dict d;
  d.set("b", 1).set(7, "seven").set("a", 2).set("b", 3).set(7, 8);
  REQUIRE(d.size() == 3);
  REQUIRE(d.key(0) == torch_value("b"));
  REQUIRE(d.value(0) == torch_value(3));
  REQUIRE(d.value(1) == torch_value(8));
  REQUIRE(*d.find("a") == torch_value(2));
  REQUIRE(d.find("c") == nullptr);
  const torch_value v = d;
  REQUIRE(v.at("a", "d") == torch_value(2));
  REQUIRE_THROWS_WITH(v.at("c", "d"), Catch::Equals("torch: d has no key 'c'"));
  torch_dict same(true);
  same.set("b", 3).set(7, 8).set("a", 2);
  REQUIRE_FALSE(same == d);  // one is ordered
}

TEST_CASE("a state dict is an ordered dict of tensors, and back", "[io][torch]") {
  const tl::named_tensors tensors{{"w", {tl::dtype::uint8, {1}, {5}}}, {"b", {tl::dtype::uint8, {0}, {}}}};
  const torch_value dict = torch_state_dict(tensors);
  REQUIRE(dict.ref<torch_dict>("d").ordered());
  REQUIRE(named_tensors_of(dict, "d") == tensors);
  REQUIRE_THROWS_WITH(named_tensors_of(torch_dict().set("w", 1), "d"), Catch::Contains("d['w'] is int"));
  REQUIRE_THROWS_WITH(named_tensors_of(torch_dict().set(1, 1), "d"), Catch::Contains("a key of d is int"));
}
