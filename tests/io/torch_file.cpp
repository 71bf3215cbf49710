#include <tensorlab/io/torch_file.hpp>

#include <limits>

#include <tensorlab/backend/reference.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"

// torch_file.pt: written by PyTorch 2.15 through tests/golden/make_torch_file.py.

namespace tl = tensorlab;
using B = tl::reference;
using tl::io::torch_value;

namespace {

std::vector<double> values(const torch_value& v) {
  const auto t = tl::io::from_host<double, B>(v.ref<tl::host_tensor>("v"), {.convert = true});
  return t.to_vector();
}
std::vector<double> ramp() {
  std::vector<double> v(24);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>(i);
  return v;
}

}  // namespace

TEST_CASE("tensors of a PyTorch file: every type", "[io][torch]") {
  const torch_value file = tl::io::load_torch(test::golden("torch_file.pt"));
  const torch_value& tensors = file.at("tensors", "file");
  const std::pair<const char*, tl::dtype> types[] = {
      {"f4", tl::dtype::float32}, {"f8", tl::dtype::float64}, {"f2", tl::dtype::float16}, {"bf16", tl::dtype::bfloat16},
      {"i8", tl::dtype::int64},   {"i4", tl::dtype::int32},   {"u1", tl::dtype::uint8}};
  for (const auto& [name, type] : types) {
    INFO(name);
    const auto& t = tensors.at(name, "tensors").ref<tl::host_tensor>("t");
    REQUIRE(t.type == type);
    REQUIRE(t.extents == tl::shape{2, 3, 4});
    REQUIRE(values(t) == ramp());
  }
  const auto& flags = tensors.at("b1", "tensors").ref<tl::host_tensor>("b1");
  REQUIRE(flags.type == tl::dtype::boolean);
  for (std::size_t i = 0; i < 24; ++i) REQUIRE(flags.bytes[i] == (i % 2 == 0 ? 1 : 0));
}

TEST_CASE("tensors of a PyTorch file: views, scalars, empty ones, parameters", "[io][torch]") {
  const torch_value file = tl::io::load_torch(test::golden("torch_file.pt"));
  const torch_value& tensors = file.at("tensors", "file");
  const auto transposed = values(tensors.at("transposed", "tensors"));
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t j = 0; j < 3; ++j)
        REQUIRE(transposed[(k * 2 + i) * 3 + j] == static_cast<double>(12 * i + 4 * j + k));
  REQUIRE(values(tensors.at("part", "tensors")) == std::vector<double>{16, 18, 20, 22});
  REQUIRE(values(tensors.at("expanded", "tensors")) == std::vector<double>(6, 7.0));
  REQUIRE(tensors.at("scalar", "tensors").ref<tl::host_tensor>("s").extents.rank() == 0);
  REQUIRE(values(tensors.at("scalar", "tensors")) == std::vector<double>{2.5});
  REQUIRE(tensors.at("empty", "tensors").ref<tl::host_tensor>("e").extents == tl::shape{0, 3});
  REQUIRE(values(tensors.at("parameter", "tensors")) == std::vector<double>{1, 1});
}

TEST_CASE("a state dict of PyTorch keeps names and order", "[io][torch]") {
  const torch_value file = tl::io::load_torch(test::golden("torch_file.pt"));
  const torch_value& state = file.at("state_dict", "file");
  REQUIRE(state.ref<tl::io::torch_dict>("state").ordered());
  const tl::named_tensors tensors = tl::io::named_tensors_of(state, "state_dict");
  std::vector<std::string> names;
  for (const auto& [name, t] : tensors) names.push_back(name);
  REQUIRE(names == std::vector<std::string>{"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean",
                                            "1.running_var", "1.num_batches_tracked"});
  REQUIRE(tensors[0].second.extents == tl::shape{2, 3});
  REQUIRE(values(tensors[1].second) == std::vector<double>{1.5, 1.5});
  REQUIRE(tensors[6].second.type == tl::dtype::int64);
}

TEST_CASE("plain values of a PyTorch file", "[io][torch]") {
  const torch_value file = tl::io::load_torch(test::golden("torch_file.pt"));
  const tl::io::torch_list expected{{nullptr, true, false, 0, 255, 256, -1, 65536, std::int64_t{1} << 40,
                                     -(std::int64_t{1} << 62), 2.5, std::numeric_limits<double>::infinity(),
                                     "text \xc3\xa9", tl::io::torch_bytes{std::string("\0\xff", 2)}}};
  REQUIRE(file.at("values", "file") == torch_value(expected));
  const auto& tuples = file.at("tuples", "file").ref<tl::io::torch_list>("tuples").items;
  REQUIRE(tuples.size() == 6);
  for (std::size_t n = 0; n < 5; ++n) REQUIRE(tuples[n].ref<tl::io::torch_tuple>("t").items.size() == n);
  REQUIRE(tuples[5] == torch_value(tl::io::torch_tuple{{5, 6}}));
  const auto& dict = file.ref<tl::io::torch_dict>("file");
  REQUIRE_FALSE(dict.ordered());
  REQUIRE(dict.key(4) == torch_value(3));
}

TEST_CASE("what the library does not know becomes a record", "[io][torch]") {
  const torch_value file = tl::io::load_torch(test::golden("torch_file.pt"));
  const auto& fraction = file.at("opaque", "file").ref<tl::io::torch_record>("opaque");
  REQUIRE(fraction.module == "fractions");
  REQUIRE(fraction.name == "Fraction");
  REQUIRE(fraction.arguments == std::vector<torch_value>{1, 3});
  REQUIRE(file.at("int16", "file").ref<tl::io::torch_record>("int16").name == "_rebuild_tensor_v2");
  REQUIRE(file.at("large", "file").ref<tl::io::torch_record>("large").name == "int");
}

TEST_CASE("a PyTorch file: save then load is identity", "[io][torch]") {
  const test::temporary_directory folder;
  tl::named_tensors state{{"a.weight", tl::io::to_host(tl::tensor<float, B>::uniform({3, 4}, tl::random::stream{1}))},
                          {"a.steps", tl::io::to_host(tl::tensor<std::int64_t, B>::scalar(9))},
                          {"a.empty", tl::io::to_host(tl::tensor<tl::bf16, B>::empty({0}))}};
  tl::io::torch_dict file, meta;
  meta.set("seed", 42)
      .set("name", "lstm \xc3\xa9")
      .set("rate", 1e-3)
      .set(7, nullptr)
      .set("flags", tl::io::torch_list{{true, false}});
  meta.set("sizes", tl::io::torch_list{
                        {-1, 300, std::int64_t{1} << 40, tl::io::torch_tuple{{1, 2, 3, 4}}, tl::io::torch_tuple{}}});
  meta.set("bytes", tl::io::torch_bytes{std::string("\0\x7f\x80\xff", 4)}).set("none", tl::io::torch_dict{});
  file.set("state_dict", tl::io::torch_state_dict(state))
      .set("meta", meta)
      .set("thresholds", tl::io::torch_list{{0.5, 0.25}});
  tl::io::save_torch(folder / "a.pt", file);
  const torch_value back = tl::io::load_torch(folder / "a.pt");
  REQUIRE(back == torch_value(file));
  REQUIRE(tl::io::named_tensors_of(back.at("state_dict", "a.pt"), "state_dict") == state);
  tl::io::save_torch(folder / "b.pt", file);
  REQUIRE(test::slurp(folder / "a.pt") == test::slurp(folder / "b.pt"));
}

TEST_CASE("torch_dict replaces equal keys and keeps the first place", "[io][torch]") {
  tl::io::torch_dict d;
  d.set("a", 1).set(2, "two").set("a", 3).set(2, 4);
  REQUIRE(d.size() == 2);
  REQUIRE(d.key(0) == torch_value("a"));
  REQUIRE(d.value(0) == torch_value(3));
  REQUIRE(d.value(1) == torch_value(4));
  REQUIRE(d.find("b") == nullptr);
}

TEST_CASE("torch_value names what it is when something else was expected", "[io][torch]") {
  tl::io::torch_dict d;
  d.set("n", 3).set("t", tl::io::torch_record{"module", "Class", {}, {}});
  const torch_value v(d);
  REQUIRE(v.at("n", "v").as<double>("n") == 3.0);
  REQUIRE_THROWS_WITH(v.at("n", "v").as<std::string>("v['n']"), "torch: wrong type: v['n'] is int, expected str");
  REQUIRE_THROWS_WITH(v.at("m", "v"), "torch: v has no key 'm'");
  REQUIRE_THROWS_WITH(v.at("t", "v").as<bool>("v['t']"),
                      "torch: wrong type: v['t'] is an object of module.Class, expected bool");
  REQUIRE_THROWS_WITH(tl::io::named_tensors_of(v, "state"), "torch: wrong type: state['n'] is int, expected tensor");
}
