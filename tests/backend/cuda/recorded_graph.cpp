#include <tensorlab/backend/cuda/recorded_graph.hpp>

#include <tensorlab/loss/cross_entropy.hpp>
#include <tensorlab/models/behaviour_lstm.hpp>
#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/batch_norm.hpp>
#include <tensorlab/nn/conv2d.hpp>
#include <tensorlab/nn/dropout.hpp>
#include <tensorlab/nn/flatten.hpp>
#include <tensorlab/nn/pool.hpp>
#include <tensorlab/nn/state_dict.hpp>
#include <tensorlab/optim/adam.hpp>
#include <tensorlab/train/record.hpp>

#include "backend/cuda/keeping_device.hpp"

namespace tl = tensorlab;
namespace nn = tl::nn;
using device = test::keeping_device;
using backend = test::keeping;
using tensor = tl::tensor<float, backend>;
using labels = tl::tensor<std::int64_t, backend>;

namespace {

std::string journal;

/// A stream that writes down what is asked of it.
class noted_stream {
 public:
  explicit noted_stream(const void*) {}
  tl::cuda_kernel::block_cache& cache() const { return device::cache(); }
  const void* key() const { return &journal; }
  int device() const { return 3; }
  struct branch {
    explicit branch(noted_stream&) { journal += "("; }
    ~branch() { journal += ")"; }
  };
  void begin_capture() { journal += "["; }
  void end_capture() { journal += "]"; }
  void abandon_capture() { journal += "x"; }
  void launch() { journal += "!"; }
};

tensor uniform(const tl::shape& s, std::uint64_t seed) { return tensor::uniform(s, tl::random::stream(seed), -1, 1); }
labels classes(std::initializer_list<std::int64_t> values) {
  return labels::from(values, {static_cast<std::int64_t>(values.size())});
}

/// Trains two equal nets, one by recorded steps, and requires the same bytes and the number of graphs.
template <class Net, class... Inputs>
void require_same_training(Net net, std::size_t graphs, const Inputs&... examples) {
  Net other = net;
  tl::optim::adam opt{net, {.lr = 0.01}}, other_opt{other, {.lr = 0.01}};
  const auto step_of = [](auto& n, auto& o) {
    return [&](const tensor& x, const labels& y) {
      o.zero_grad();
      const auto loss = tl::loss::cross_entropy(n(x), y);
      loss.backward();
      o.step({.max_norm = 1});
      return loss;
    };
  };
  auto plain = step_of(net, opt);
  auto recorded = tl::train::record(step_of(other, other_opt), examples...);
  for (std::uint64_t i = 0; i < 6; ++i) {
    const auto varied = [&](const auto& x) {
      if constexpr (std::is_same_v<decltype(x), const tensor&>)
        return x * uniform(x.shape(), i);
      else
        return i % 2 == 0 ? x : tl::flip(x, {0});
    };
    const int before = device::graph_launches;
    REQUIRE(plain(varied(examples)...).item() == recorded(varied(examples)...).item());
    REQUIRE(nn::state_dict(net) == nn::state_dict(other));
    REQUIRE(opt.state() == other_opt.state());
    // The first call is plain, the second is recorded, the third captures.
    REQUIRE(recorded.graphs() == (i < 2 ? 0 : graphs));
    REQUIRE(device::graph_launches - before == static_cast<int>(i < 3 ? 0 : graphs));
  }
}

}  // namespace

TEST_CASE("a graph's calls are made beside the other work, then captured, and launched from then on", "[cuda]") {
  tl::cuda_kernel::recorded_graph<noted_stream> g(nullptr);
  REQUIRE(tl::cuda_kernel::graph_memory::current() == nullptr);
  g.record({nullptr, [](const void*) {
              const auto* const memory = tl::cuda_kernel::graph_memory::current();
              REQUIRE(memory != nullptr);
              REQUIRE(memory->device() == 3);
              journal += "c";
            }});
  REQUIRE(tl::cuda_kernel::graph_memory::current() == nullptr);
  g.launch();
  g.launch();
  REQUIRE(std::exchange(journal, "") == "(c[c])!!");
}

TEST_CASE("a call that fails leaves no capture under way", "[cuda]") {
  struct failing {
    int at, calls = 0;
  };
  const auto run = [](failing f) {
    tl::cuda_kernel::recorded_graph<noted_stream> g(nullptr);
    g.record({&f, [](const void* context) {
                auto& now = *const_cast<failing*>(static_cast<const failing*>(context));
                if (now.calls++ == now.at) throw tl::backend_error("gemm: it fails");
                journal += "c";
              }});
  };
  REQUIRE_THROWS_WITH(run({0}), "gemm: it fails");
  REQUIRE(std::exchange(journal, "") == "()");
  REQUIRE_THROWS_WITH(run({1}), Catch::Contains("without recording") && Catch::Contains("gemm: it fails"));
  REQUIRE(std::exchange(journal, "") == "(c[x)");
  REQUIRE(tl::cuda_kernel::graph_memory::current() == nullptr);
}

TEST_CASE("a step of graphs trains as the plain one does, to the byte: fully connected", "[cuda]") {
  const tl::random::stream rng(3);
  using linear = nn::linear<float, backend>;
  const nn::sequential net{linear::init({.in = 5, .out = 7}, rng), nn::relu{}, linear::init({.in = 7, .out = 3}, rng)};
  // Parted by the check of the targets alone, not by the gradients' handles.
  require_same_training(net, 2, uniform({4, 5}, 2), classes({0, 2, 1, 1}));
}

TEST_CASE("a step of graphs trains as the plain one does, to the byte: convolutions and dropout", "[cuda]") {
  const tl::random::stream rng(8);
  const nn::sequential net{nn::conv2d<float, backend>::init({.in = 3, .out = 4, .kernel = 3}, rng),
                           nn::batch_norm<float, backend>::init({.features = 4}),
                           nn::relu{},
                           nn::max_pool2d{{.kernel = 2}},
                           nn::dropout::init({.p = 0.2}, rng),
                           nn::flatten{},
                           nn::linear<float, backend>::init({.in = 16, .out = 3}, rng)};
  const auto before = device::cache().use().live_bytes;
  require_same_training(net, 3, uniform({2, 3, 6, 6}, 10), classes({2, 0}));
  REQUIRE(device::cache().use().live_bytes == before);
}

TEST_CASE("a step of graphs trains as the plain one does, to the byte: recurrent", "[cuda]") {
  const tl::random::stream rng(4);
  require_same_training(tl::models::behaviour_lstm<float, backend>::init(
                            {.features = 6, .classes = 3, .hidden = 8, .layers = 2, .dropout = 0}, rng),
                        2, uniform({3, 4, 6}, 6), classes({0, 2, 1}));
}

TEST_CASE("a prediction of graphs makes no call of its own, in memory that is given back", "[cuda]") {
  const auto live = device::cache().use().live_bytes;
  {
    const auto net =
        nn::sequential{nn::linear<float, backend>::init({.in = 5, .out = 4}, tl::random::stream(1)), nn::relu{},
                       nn::linear<float, backend>::init({.in = 4, .out = 2}, tl::random::stream(2))};
    const auto x = uniform({3, 5}, 1);
    auto predict = tl::train::prepare(net, x);
    predict(x);
    REQUIRE(predict.graphs() == 1);
    const int run = device::run, kept = device::kept;
    const auto y = predict(x);
    REQUIRE(device::run - run == 1);  // the input's copy
    REQUIRE(device::kept == kept);
    const tl::no_grad untracked;
    REQUIRE(y.to_vector() == net(x).to_vector());
  }
  REQUIRE(device::cache().use().live_bytes == live);
}

TEST_CASE("replays of graphs check targets and indices", "[cuda]") {
  const auto x = uniform({2, 5}, 1);
  auto step = tl::train::record([](const tensor& a, const labels& b) { return tl::loss::cross_entropy(a * 2.0, b); }, x,
                                classes({0, 1}));
  for (int i = 0; i < 4; ++i) step(x, classes({0, 1}));
  REQUIRE_THROWS_AS(step(x, classes({0, 5})), tl::value_error);
  REQUIRE_THROWS_AS(step(x, classes({0, -1})), tl::value_error);
  for (const auto& y : {classes({2, 1}), classes({-100, 1})})
    REQUIRE(step(x, y).item() == tl::loss::cross_entropy(x * 2.0, y).item());

  auto pick = tl::train::record([](const tensor& a, const labels& i) { return tl::index_select(a + 1.0, i, 0); }, x,
                                classes({0}));
  for (int i = 0; i < 4; ++i) pick(x, classes({0}));
  REQUIRE_THROWS_AS(pick(x, classes({2})), tl::shape_error);
  REQUIRE(pick(x, classes({1})).to_vector() == tl::index_select(x + 1.0, classes({1}), 0).to_vector());
}

TEST_CASE("what a device cannot repeat is refused as on the host", "[cuda]") {
  const auto x = uniform({2, 5}, 1);
  const auto refused = [&](auto f, const char* message) {
    auto step = tl::train::record(f, x);
    step(x);
    REQUIRE_THROWS_WITH(step(x), Catch::Contains(message));
  };
  refused([](const tensor& a) { return a * static_cast<double>(tl::sum(a).item()); }, "item");
  refused([](const tensor& a) { return a * static_cast<double>(a.to_vector()[0]); }, "a tensor's values");
  refused([](const tensor& a) { return a * tensor::from({1, 2, 3, 4, 5}, {5}); }, "of the host's values");
}
