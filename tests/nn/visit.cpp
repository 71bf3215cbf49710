#include <tensorlab/nn/visit.hpp>

#include "support/backend.hpp"

namespace nn = tl::nn;

namespace {

using T = tl::tensor<float, B>;
using parameter = tl::parameter<float, B>;

struct leaf_options {
  int size = 3;
};
std::string to_string(const leaf_options& o) { return "size=" + std::to_string(o.size); }

struct leaf {
  parameter weight;
  std::optional<parameter> bias;
  tl::buffer<float, B> mean;
  tl::buffer<std::int64_t, B> count;
  leaf_options opt;
  tl::random::stream rng;
  nn::mode mode;
  static constexpr auto fields() {
    return tl::fields("weight", &leaf::weight, "bias", &leaf::bias, "mean", &leaf::mean, "count", &leaf::count, "opt",
                      &leaf::opt, "rng", &leaf::rng, "mode", &leaf::mode);
  }
};
struct tree {
  std::vector<leaf> list;
  std::optional<leaf> maybe;
  std::array<leaf, 2> pair;
  std::tuple<leaf, int, leaf> mixed;
  std::vector<int> numbers;
  static constexpr auto fields() {
    return tl::fields("list", &tree::list, "maybe", &tree::maybe, "pair", &tree::pair, "mixed", &tree::mixed, "numbers",
                      &tree::numbers);
  }
};

leaf full_leaf() {
  leaf l;
  l.weight = parameter(T::ones({2}));
  l.bias = parameter(T::ones({1}));
  l.mean = tl::buffer<float, B>(T::zeros({1}));
  l.count = tl::buffer<std::int64_t, B>(tl::tensor<std::int64_t, B>::zeros({}));
  return l;
}

struct recorder final : nn::visitor<float, B> {
  void enter(const std::string& path, const tl::record_id&, const std::string& type,
             const std::string& options) override {
    lines.push_back("enter " + path + " " + type + "(" + options + ")");
  }
  void leave() override { lines.push_back("leave"); }
  void on_parameter(const std::string& path, parameter&) override { lines.push_back("parameter " + path); }
  void on_buffer(const std::string& path, tl::buffer<float, B>&) override { lines.push_back("buffer " + path); }
  void on_counter(const std::string& path, tl::buffer<std::int64_t, B>&) override {
    lines.push_back("counter " + path);
  }
  void on_mode(const std::string& path, nn::mode&) override { lines.push_back("mode " + path); }
  void on_stream(const std::string& path, tl::random::stream&) override { lines.push_back("stream " + path); }
  std::vector<std::string> lines;
};

static_assert(std::is_same_v<nn::value_type_of<tree>, float> && std::is_same_v<nn::backend_of<const tree&>, B>);
static_assert(std::is_void_v<nn::value_type_of<leaf_options>>);

}  // namespace

TEST_CASE("a visitor hears of every leaf by its kind", "[nn]") {
  leaf l = full_leaf();
  recorder v;
  nn::visit(l, v, "a.b");
  REQUIRE(v.lines == std::vector<std::string>{"enter a.b leaf(size=3)", "parameter a.b.weight", "parameter a.b.bias",
                                              "buffer a.b.mean", "counter a.b.count", "stream a.b.rng", "mode a.b.mode",
                                              "leave"});
  recorder nothing;
  leaf undefined;
  nn::visit(undefined, nothing);
  REQUIRE(nothing.lines == std::vector<std::string>{"enter  leaf(size=3)", "stream rng", "mode mode", "leave"});
}

TEST_CASE("paths go through vectors, optionals, arrays and tuples", "[nn]") {
  tree t;
  t.list = {full_leaf(), full_leaf()};
  t.pair[1] = full_leaf();
  std::get<2>(t.mixed) = full_leaf();
  const auto weights = [&] {
    recorder v;
    nn::visit(t, v);
    std::vector<std::string> found;
    for (const auto& line : v.lines)
      if (line.find("weight") != std::string::npos) found.push_back(line.substr(10));
    return found;
  };
  REQUIRE(weights() == std::vector<std::string>{"list.0.weight", "list.1.weight", "pair.1.weight", "mixed.2.weight"});
  t.maybe = full_leaf();
  REQUIRE(weights()[2] == "maybe.weight");
}
