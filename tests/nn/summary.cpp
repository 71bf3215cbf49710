#include <tensorlab/nn/summary.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <tensorlab/models/behaviour_lstm.hpp>
#include <tensorlab/nn/batch_norm.hpp>
#include <tensorlab/nn/conv2d.hpp>
#include <tensorlab/nn/flatten.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/lstm.hpp>
#include <tensorlab/nn/pool.hpp>
#include <tensorlab/nn/sequential.hpp>

#include "support/backend.hpp"
#include "support/temporary.hpp"

namespace nn = tl::nn;

namespace {

struct network {
  nn::sequential<nn::conv2d<float, B>, nn::batch_norm<float, B>, nn::max_pool2d, nn::flatten> features;
  nn::linear<float, B> head;
  static constexpr auto fields() { return tl::fields("features", &network::features, "head", &network::head); }
  tl::tensor<float, B> operator()(const tl::tensor<float, B>& x) const { return nn::traced(*this, head(features(x))); }
};

network make() {
  const tl::random::stream rng{1};
  return {nn::sequential{
              nn::conv2d<float, B>::init({.in = 1, .out = 2, .kernel = 3, .padding = {0, 1}, .bias = false}, rng),
              nn::batch_norm<float, B>::init({.features = 2}), nn::max_pool2d{{.kernel = 2}}, nn::flatten{}},
          nn::linear<float, B>::init({.in = 12, .out = 3}, rng)};
}

}  // namespace

TEST_CASE("a summary shows the parts, their settings and counts", "[nn]") {
  network net = make();
  nn::freeze(net, "features.0.*");
  REQUIRE(nn::summary(std::as_const(net)) ==
          "module                                                            output  parameters\n"
          "network                                                                   61 (43 trained)\n"
          "  features: sequential                                                    22 (4 trained)\n"
          "    0: conv2d(in=1, out=2, kernel=3, padding=(0, 1), bias=false)          18 (0 trained)\n"
          "    1: batch_norm(features=2, eps=1e-05, momentum=0.1)                    4\n"
          "    2: max_pool2d(kernel=2, stride=2)                                     0\n"
          "    3: flatten(first=1, last=-1)                                          0\n"
          "  head: linear(in=12, out=3)                                              39\n");
}

TEST_CASE("a summary of a run shows the outputs' shapes", "[nn]") {
  network net = make();
  nn::eval(net);
  const auto x = tl::tensor<float, B>::ones({2, 1, 6, 6});
  const std::string text = nn::summary(net, [&](auto& m) { m(x); });
  REQUIRE_THAT(text, Catch::Contains("bias=false)  [2, 2, 4, 6]  18\n"));
  REQUIRE_THAT(text, Catch::Contains("[2, 2, 2, 3]  0\n"));
  REQUIRE_THAT(text, Catch::Contains("[2, 12]       0\n"));
  REQUIRE_THAT(text, Catch::Contains("[2, 3]        39\n"));
  REQUIRE_THAT(text, Catch::Contains("[2, 3]        61\n"));  // the network
  REQUIRE_THAT(text, Catch::Contains("[2, 12]       22\n"));  // the sequential
}

TEST_CASE("a summary of a run shows the shapes of composite modules", "[nn]") {
  const tl::random::stream rng{1};
  using linear = nn::linear<float, B>;
  nn::residual<nn::sequential<linear>> block{nn::sequential{linear::init({.in = 3, .out = 3}, rng)}};
  const auto x = tl::tensor<float, B>::ones({2, 3});
  REQUIRE(nn::summary(block, [&](auto& m) { m(x); }) ==
          "module                      output  parameters\n"
          "residual                    [2, 3]  12\n"
          "  block: sequential         [2, 3]  12\n"
          "    0: linear(in=3, out=3)  [2, 3]  12\n");
  auto model = tl::models::behaviour_lstm<float, B>::init({.features = 4, .classes = 2, .hidden = 3}, rng);
  const auto windows = tl::tensor<float, B>::ones({5, 6, 4});
  const std::string text = nn::summary(model, [&](auto& m) { m(windows); });
  REQUIRE_THAT(text, Catch::Contains("hidden=3, layers=2)") &&
                         Catch::Contains("  [5, 2]     " + std::to_string(nn::parameter_count(model))));
  REQUIRE_THAT(text, Catch::Contains("pre: sequential"));
  REQUIRE_THAT(text, Catch::Contains("[5, 4, 6]  52\n"));
}

TEST_CASE("print writes the summary to the standard output", "[nn]") {
  network net = make();
  const test::temporary_directory folder;
  const std::string path = folder / "out.txt";
  std::fflush(stdout);
  const int before = ::dup(1), file = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(file, 1);
  nn::print(net);
  nn::eval(net);
  const auto x = tl::tensor<float, B>::ones({2, 1, 6, 6});
  nn::print(net, [&](auto& m) { m(x); });
  ::dup2(before, 1);
  ::close(before);
  ::close(file);
  REQUIRE(test::slurp(path) == nn::summary(net) + nn::summary(net, [&](auto& m) { m(x); }));
}

TEST_CASE("options that are the default are left out", "[nn]") {
  const tl::random::stream rng{1};
  auto lstm = nn::lstm<float, B>::init({.in = 2, .hidden = 3}, rng);
  REQUIRE_THAT(nn::summary(lstm), Catch::Contains("lstm(in=2, hidden=3)  "));
  auto deep = nn::lstm<float, B>::init({2, 3, 2, true, false, 0.25}, rng);
  REQUIRE_THAT(nn::summary(deep),
               Catch::Contains("lstm(in=2, hidden=3, layers=2, bidirectional=true, bias=false, dropout=0.25)"));
}
