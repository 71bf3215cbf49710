#include <tensorlab/train/record.hpp>

#include <tensorlab/loss/bce.hpp>
#include <tensorlab/loss/cross_entropy.hpp>
#include <tensorlab/loss/regression.hpp>
#include <tensorlab/models/behaviour_lstm.hpp>
#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/batch_norm.hpp>
#include <tensorlab/nn/conv_norm.hpp>
#include <tensorlab/nn/dropout.hpp>
#include <tensorlab/nn/embedding.hpp>
#include <tensorlab/nn/flatten.hpp>
#include <tensorlab/nn/gru.hpp>
#include <tensorlab/nn/layer_norm.hpp>
#include <tensorlab/nn/pool.hpp>
#include <tensorlab/nn/state_dict.hpp>
#include <tensorlab/ops/arrange.hpp>
#include <tensorlab/optim/adam.hpp>
#include <tensorlab/optim/clip.hpp>
#include <tensorlab/optim/ema.hpp>
#include <tensorlab/optim/sgd.hpp>

#include "support/backend.hpp"
#include "support/heap.hpp"
#include "support/sanitizer.hpp"

namespace train = tl::train;
namespace nn = tl::nn;
namespace optim = tl::optim;
using tensor = tl::tensor<float, B>;
using labels = tl::tensor<std::int64_t, B>;

namespace {

constexpr bool on_cpu = std::is_same_v<B, tl::cpu>;
constexpr bool has_graphs = !B::host_accessible;

labels classes(std::initializer_list<std::int64_t> values) {
  return labels::from(values, {static_cast<std::int64_t>(values.size())});
}

/// Trains two equal nets, one by recorded steps, and requires the same bytes of everything after each step.
template <class Net, class Optimiser, class Objective, class... Inputs>
void require_same_training(Net net, Optimiser make_optimiser, const Objective& objective, std::uint64_t seed,
                           const Inputs&... examples) {
  Net other = net;
  nn::train(net);
  nn::train(other);
  auto opt = make_optimiser(net), other_opt = make_optimiser(other);
  const auto step_of = [&objective](auto& n, auto& o) {
    return [&](const Inputs&... x) {
      o.zero_grad();
      const auto loss = objective(n, x...);
      loss.backward();
      o.step();
      return loss;
    };
  };
  auto plain = step_of(net, opt);
  auto recorded = train::record(step_of(other, other_opt), examples...);
  for (std::uint64_t i = 0; i < 6; ++i) {
    // Every step has inputs of its own.
    const auto varied = [&](const auto& x) {
      if constexpr (std::is_same_v<decltype(x), const tensor&>)
        return x * test::uniform<float>(x.shape(), seed + i);
      else
        return i % 2 == 0 ? x : tl::flip(x, {0});
    };
    const auto run = [&](auto& step) { return step(varied(examples)...).item(); };
    REQUIRE(run(plain) == run(recorded));
    REQUIRE(nn::state_dict(net) == nn::state_dict(other));
    REQUIRE(opt.state() == other_opt.state());
    for (std::size_t p = 0; p < opt.parameters().size(); ++p)
      REQUIRE(opt.parameters()[p].value.grad().to_vector() == other_opt.parameters()[p].value.grad().to_vector());
  }
  REQUIRE(recorded.recorded());
  REQUIRE(recorded.calls() > 0);
  REQUIRE((recorded.graphs() > 0) == has_graphs);
}

auto mlp(std::uint64_t seed = 3) {
  const tl::random::stream rng(seed);
  using linear = nn::linear<float, B>;
  return nn::sequential{linear::init({.in = 5, .out = 7}, rng), nn::relu{}, linear::init({.in = 7, .out = 3}, rng)};
}

auto sgd_of = [](auto& net) { return optim::sgd{net, {.lr = 0.1, .momentum = 0.9}}; };
auto adam_of = [](auto& net) { return optim::adam{net, {.lr = 0.01}}; };

/// Predicts with a prepared copy of a net and requires what the net itself says, to rounding.
template <class Net>
void require_same_predictions(Net net, const tensor& example) {
  nn::eval(net);
  const auto output = [](const auto& n, const tensor& x) {
    const auto y = n(x);
    if constexpr (requires { y.output; })
      return y.output;
    else
      return y;
  };
  auto predict = train::prepare([&](const tensor& x) { return output(net, x); }, example);
  REQUIRE(predict.recorded());
  const tl::no_grad untracked;
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto x = example * test::uniform<float>(example.shape(), 40 + i);
    test::require_close(predict(x), output(net, x));
  }
}

}  // namespace

TEST_CASE("a recorded step trains as the plain one does, to the byte: fully connected", "[train]") {
  const auto objective = [](const auto& net, const tensor& x, const labels& y) {
    return tl::loss::cross_entropy(net(x), y, {.label_smoothing = 0.1});
  };
  require_same_training(mlp(), adam_of, objective, 1, test::uniform<float>({4, 5}, 2), classes({0, 2, 1, 1}));
}

TEST_CASE("a recorded step trains as the plain one does, to the byte: recurrent, with dropout", "[train]") {
  const tl::random::stream rng(4);
  const auto objective = [](const auto& net, const tensor& x, const tensor& y) {
    return tl::loss::bce_with_logits(net(x), y);
  };
  require_same_training(
      tl::models::behaviour_lstm<float, B>::init(
          {.features = 6, .classes = 3, .hidden = 8, .layers = 2, .dropout = 0.3}, rng),
      [](auto& net) {
        return optim::adamw{net, {.lr = 0.01}};
      },
      objective, 5, test::uniform<float>({3, 4, 6}, 6), test::uniform<float>({3, 3}, 7));
}

TEST_CASE("a recorded step trains as the plain one does, to the byte: a dropout that is drawn from twice", "[train]") {
  const tl::random::stream rng(14);
  using linear = nn::linear<float, B>;
  const auto net =
      nn::sequential{linear::init({.in = 5, .out = 5}, rng), nn::relu{}, nn::dropout::init({.p = 0.4}, rng)};
  const auto objective = [](const auto& n, const tensor& x) { return tl::mean(tl::square(n(n(x)))); };
  require_same_training(net, sgd_of, objective, 15, test::uniform<float>({4, 5}, 16));
}

TEST_CASE("a replay draws from where its stream is restored to", "[train]") {
  tl::random::stream rng(3);
  const auto x = test::uniform<float>({40}, 1);
  auto step = train::record([&](const tensor& a) { return tl::dropout(tl::rule::tanh{}, a, 0.5, rng); }, x);
  for (int i = 0; i < 3; ++i) step(x);
  REQUIRE(step.recorded());
  rng.restore(8, 2);
  const auto y = step(x).to_vector();
  REQUIRE(y == tl::dropout(tl::rule::tanh{}, x, 0.5, tl::random::stream(8, 2)).to_vector());
}

TEST_CASE("a recorded step trains as the plain one does, to the byte: convolutions and running statistics", "[train]") {
  const tl::random::stream rng(8);
  const auto net = nn::sequential{nn::conv2d<float, B>::init({.in = 3, .out = 4, .kernel = 3}, rng),
                                  nn::batch_norm<float, B>::init({.features = 4}),
                                  nn::relu{},
                                  nn::max_pool2d{{.kernel = 2}},
                                  nn::dropout::init({.p = 0.2}, rng),
                                  nn::flatten{},
                                  nn::linear<float, B>::init({.in = 16, .out = 3}, rng)};
  const auto objective = [](const auto& n, const tensor& x, const labels& y) {
    return tl::loss::cross_entropy(n(x), y);
  };
  require_same_training(net, sgd_of, objective, 9, test::uniform<float>({2, 3, 6, 6}, 10), classes({2, 0}));
}

TEST_CASE("a recorded step trains as the plain one does, to the byte: embedding, gru, layer norm", "[train]") {
  const tl::random::stream rng(11);
  const auto net = nn::sequential{nn::embedding<float, B>::init({.count = 5, .dim = 4}, rng),
                                  nn::layer_norm<float, B>::init({.normalized = {4}}),
                                  nn::linear<float, B>::init({.in = 4, .out = 5}, rng)};
  const auto words = classes({1, 4, 0, 2, 2});
  require_same_training(
      net, adam_of, [](const auto& n, const labels& x) { return tl::loss::cross_entropy(n(x), tl::flip(x, {0})); }, 12,
      words);
  struct encoder {
    nn::gru<float, B> gru;
    nn::linear<float, B> head;
    static constexpr auto fields() { return tl::fields("gru", &encoder::gru, "head", &encoder::head); }
  };
  const auto recurrent = encoder{nn::gru<float, B>::init({.in = 3, .hidden = 6, .layers = 2, .dropout = 0.5}, rng),
                                 nn::linear<float, B>::init({.in = 6, .out = 1}, rng)};
  require_same_training(
      recurrent, adam_of, [](const auto& n, const tensor& x) { return tl::mean(tl::square(n.head(n.gru(x).output))); },
      13, test::uniform<float>({2, 5, 3}, 14));
}

#if TL_TEST_KIND(TL_TEST_BACKEND) == TL_TEST_cpu

TEST_CASE("a replay asks nobody for memory", "[train]") {
  auto net = mlp();
  optim::adam opt{net};
  const auto x = test::uniform<float>({4, 5}, 1);
  const auto y = classes({0, 1, 2, 0});
  auto step = train::record(
      [&](const tensor& a, const labels& b) {
        opt.zero_grad();
        const auto l = tl::loss::cross_entropy(net(a), b);
        l.backward();
        opt.step();
        return l;
      },
      x, y);
  REQUIRE(step.bytes() == 0);
  for (int i = 0; i < 3; ++i) step(x, y);
  const auto heap = test::heap_requests();
  const auto memory = tl::cpu::memory();
  for (int i = 0; i < 5; ++i) step(x, y);
  REQUIRE(test::heap_requests() == heap);
  REQUIRE(tl::cpu::memory().system_allocations == memory.system_allocations);
  REQUIRE(tl::cpu::memory().live_bytes == memory.live_bytes);
  // Memory is used again within a step: x W of the first layer, its activation and their gradients alone are 4 x 7.
  REQUIRE(step.bytes() >= 4 * 4 * 7 * 3);
  REQUIRE(step.bytes() < 8192);
}

#endif

TEST_CASE("a recorded prediction is in the same memory each time and outlives its recording", "[train]") {
  auto net = mlp();
  const auto x = test::uniform<float>({1, 5}, 1), z = test::uniform<float>({1, 5}, 2);
  tensor last;
  {
    auto predict = train::record(
        [&](const tensor& a) {
          const tl::no_grad untracked;
          return std::pair{net(a), tl::sum(a)};
        },
        x);
    predict(x);
    const tensor first = predict(x).first;
    last = predict(z).first;
    REQUIRE(predict.recorded());
    REQUIRE(first.array().data() == last.array().data());
    REQUIRE(predict(z).second.item() == tl::sum(z).item());
  }
  const tl::no_grad untracked;
  REQUIRE(last.to_vector() == net(z).to_vector());
  REQUIRE_FALSE(last.tracked());
}

TEST_CASE("a prepared prediction says what the plain one does", "[train]") {
  const tl::random::stream rng(4);
  require_same_predictions(nn::linear<float, B>::init({.in = 600, .out = 70}, rng), test::uniform<float>({1, 600}, 1));
  require_same_predictions(
      tl::models::behaviour_lstm<float, B>::init({.features = 6, .classes = 3, .hidden = 24, .layers = 2}, rng),
      test::uniform<float>({1, 5, 6}, 2));
  for (const std::int64_t batch : {1, 3, 9}) {
    require_same_predictions(mlp(), test::uniform<float>({batch, 5}, 3));
    for (const bool both : {false, true}) {
      const auto x = test::uniform<float>({batch, 4, 6}, 4);
      require_same_predictions(nn::lstm<float, B>::init({.in = 6, .hidden = 20, .bidirectional = both}, rng), x);
      for (const bool after : {false, true})
        require_same_predictions(
            nn::gru<float, B>::init({.in = 6, .hidden = 16, .bidirectional = both, .reset_after = after}, rng), x);
    }
  }
  auto images = nn::sequential{nn::conv2d<float, B>::init({.in = 16, .out = 32, .kernel = 3, .padding = 1}, rng),
                               nn::batch_norm<float, B>::init({.features = 32}),
                               nn::relu{},
                               nn::conv2d<float, B>::init({.in = 32, .out = 16, .kernel = 1, .groups = 2}, rng),
                               nn::flatten{},
                               nn::linear<float, B>::init({.in = 16 * 25, .out = 3}, rng)};
  require_same_predictions(images, test::uniform<float>({2, 16, 5, 5}, 5));
}

TEST_CASE("a prepared prediction folds normalisations once", "[train]") {
  const tl::random::stream rng(4);
  const auto conv = nn::conv2d<float, B>::init({.in = 16, .out = 32, .kernel = 3, .padding = 1}, rng);
  auto norm = nn::batch_norm<float, B>::init({.features = 32});
  norm(test::uniform<float>({4, 32, 3, 3}, 1, -1, 3));
  nn::eval(norm);
  const auto net = [&](const tensor& x) { return nn::conv_norm_relu(conv, norm, x); };
  const auto x = test::uniform<float>({2, 16, 5, 5}, 2);
  auto predict = train::prepare(net, x);
  REQUIRE(predict.recorded());
  test::require_close(predict(x), tl::relu(norm(conv(x))), 4);
  // The weights and the statistics are constants: what is left is a convolution and the activation.
  const auto plain = nn::conv2d<float, B>::init({.in = 16, .out = 32, .kernel = 3, .padding = 1}, rng);
  REQUIRE(predict.calls() == train::prepare([&](const tensor& v) { return tl::relu(plain(v)); }, x).calls());
}

TEST_CASE("a prepared copy of a net keeps its weights", "[train]") {
  auto net = mlp();
  const auto x = test::uniform<float>({2, 5}, 1);
  const auto before = net(x).to_vector();
  auto predict = train::prepare(net, x);
  for (auto& p : nn::named_parameters(net)) {
    const tl::no_grad untracked;
    p.value.assign(p.value * 2.0);
  }
  REQUIRE(net(x).to_vector() != before);
  auto moved = std::move(predict);
  test::require_close(moved(x), tensor::from(before, {2, 3}));
  REQUIRE_FALSE(moved(x).tracked());
}

#if TL_TEST_KIND(TL_TEST_BACKEND) == TL_TEST_cpu

TEST_CASE("a prepared prediction asks nobody for memory", "[train]") {
  auto net =
      nn::lstm<float, B>::init({.in = 6, .hidden = 24, .layers = 2, .bidirectional = true}, tl::random::stream(4));
  const auto x = test::uniform<float>({1, 5, 6}, 2);
  auto predict = train::prepare([&](const tensor& in) { return net(in).output; }, x);
  predict(x);
  const auto heap = test::heap_requests();
  const auto memory = tl::cpu::memory();
  for (int i = 0; i < 5; ++i) predict(x);
  REQUIRE(test::heap_requests() == heap);
  REQUIRE(tl::cpu::memory().system_allocations == memory.system_allocations);
}

#endif

TEST_CASE("a prediction that cannot be replayed is not prepared", "[train]") {
  const auto x = test::uniform<float>({2, 5}, 1);
  REQUIRE_THROWS_AS(train::prepare([](const tensor& a) { return a * static_cast<double>(tl::sum(a).item()); }, x),
                    tl::record_error);
  tensor carried = tensor::zeros({2, 5});
  const auto carry = [&](const tensor& a) {
    carried.assign(carried + a);
    return carried;
  };
  REQUIRE_THROWS_WITH(train::prepare(carry, x), Catch::Contains("must not change tensors from before it"));
  auto norm = nn::batch_norm<float, B>::init({.features = 5});
  nn::train(norm);
  REQUIRE_THROWS_WITH(train::prepare(norm, x), Catch::Contains("evaluation mode"));
  nn::eval(norm);
  REQUIRE_NOTHROW(train::prepare(norm, x));
}

TEST_CASE("a replay sees a learning rate and a state that are set between steps", "[train]") {
  auto net = mlp();
  optim::sgd opt{net, {.lr = 0.5}};
  const auto x = test::uniform<float>({4, 5}, 1), y = test::uniform<float>({4, 3}, 2);
  auto step = train::record(
      [&](const tensor& a, const tensor& b) {
        opt.zero_grad();
        const auto l = tl::loss::mse(net(a), b);
        l.backward();
        opt.step();
        return l;
      },
      x, y);
  const auto start = nn::state_dict(net);
  const float first = step(x, y).item();
  for (int i = 0; i < 3; ++i) step(x, y);
  opt.set_learning_rate(0);
  nn::load_state_dict(net, start);
  REQUIRE(step(x, y).item() == first);
  REQUIRE(step(x, y).item() == first);
  REQUIRE(opt.steps() == 6);
}

TEST_CASE("gradients that a step adds up, or drops at its end, are as without recording", "[train]") {
  auto net = mlp(), other = mlp();
  optim::sgd opt{net, {.lr = 0.1}}, other_opt{other, {.lr = 0.1}};
  optim::ema average{net}, other_average{other};
  const auto x = test::uniform<float>({4, 5}, 1);
  const auto step_of = [](auto& n, auto& o, auto& e) {
    return [&](const tensor& a) {
      tl::sum(n(a)).backward();
      const auto l = tl::mean(tl::square(n(a)));
      l.backward();
      o.step();
      e.update(n);
      o.zero_grad();
      return l;
    };
  };
  auto plain = step_of(net, opt, average);
  auto step = train::record(step_of(other, other_opt, other_average), x);
  for (int i = 0; i < 5; ++i) {
    REQUIRE(plain(x).item() == step(x).item());
    REQUIRE(average.state() == other_average.state());
    REQUIRE_FALSE(other_opt.parameters()[0].value.grad().defined());
  }
}

TEST_CASE("a recorded step limits its gradients as the plain one does", "[train]") {
  auto net = mlp(), other = mlp();
  optim::adam opt{net}, other_opt{other};
  const auto x = test::uniform<float>({4, 5}, 1);
  const auto step_of = [](auto& n, auto& o) {
    return [&](const tensor& a) {
      o.zero_grad();
      const auto l = tl::mean(tl::square(n(a)));
      l.backward();
      o.step({.max_norm = 0.01});
      return l;
    };
  };
  auto plain = step_of(net, opt);
  auto step = train::record(step_of(other, other_opt), x);
  for (std::uint64_t i = 0; i < 5; ++i) {
    const auto in = x * test::uniform<float>(x.shape(), 30 + i);
    REQUIRE(plain(in).item() == step(in).item());
    REQUIRE(nn::state_dict(net) == nn::state_dict(other));
    REQUIRE(opt.gradient_norm() == other_opt.gradient_norm());
  }
  REQUIRE(opt.gradient_norm() > 0.01);
  const auto heap = test::heap_requests();
  step(x);
  if (on_cpu) REQUIRE(test::heap_requests() == heap);
}

TEST_CASE("a replay checks targets and indices", "[train]") {
  auto net = mlp();
  const auto x = test::uniform<float>({2, 5}, 1);
  auto step = train::record([&](const tensor& a, const labels& b) { return tl::loss::cross_entropy(net(a), b); }, x,
                            classes({0, 1}));
  step(x, classes({0, 1}));
  step(x, classes({0, 1}));
  REQUIRE_THROWS_AS(step(x, classes({0, 3})), tl::value_error);
  REQUIRE_THROWS_AS(step(x, classes({0, -1})), tl::value_error);
  if (B::host_accessible) REQUIRE_THROWS_WITH(step(x, classes({0, -100})), Catch::Contains("to be ignored"));
  const float loss = tl::loss::cross_entropy(net(x), classes({2, 1})).item();
  REQUIRE(step(x, classes({2, 1})).item() == loss);

  auto ignoring = train::record([&](const tensor& a, const labels& b) { return tl::loss::cross_entropy(net(a), b); }, x,
                                classes({0, -100}));
  ignoring(x, classes({0, -100}));
  ignoring(x, classes({0, -100}));
  for (const auto& y : {classes({-100, 1}), classes({2, 1})})
    REQUIRE(ignoring(x, y).item() == tl::loss::cross_entropy(net(x), y).item());

  auto pick =
      train::record([](const tensor& a, const labels& i) { return tl::index_select(a, i, 0); }, x, classes({0}));
  pick(x, classes({0}));
  pick(x, classes({0}));
  REQUIRE_THROWS_AS(pick(x, classes({2})), tl::shape_error);
  REQUIRE(pick(x, classes({1})).to_vector() == tl::index_select(x, classes({1}), 0).to_vector());
}

TEST_CASE("a step that cannot be replayed is refused", "[train]") {
  auto net = mlp();
  optim::sgd opt{net, {.lr = 0.1}};
  const auto x = test::uniform<float>({2, 5}, 1);
  const tl::random::stream rng(1);
  tensor carried = tensor::zeros({2, 3}), buffer = tensor::zeros({2, 5});
  const auto refused = [&](auto f, const char* message) {
    INFO(message);
    auto step = train::record(f, x);
    step(x);
    REQUIRE_THROWS_AS(step(x), tl::record_error);
    REQUIRE_THROWS_WITH(step(x), Catch::Contains(message));
    REQUIRE_FALSE(step.recorded());
  };
  refused([&](const tensor& a) { return net(a) * static_cast<double>(tl::sum(a).item()); }, "item");
  refused([&](const tensor& a) { return net(a) * static_cast<double>(a.to_vector()[0]); }, "a tensor's values");
#if TL_TEST_KIND(TL_TEST_BACKEND) != TL_TEST_cuda
  refused([&](const tensor& a) { return a * static_cast<double>(a.span()[0]); }, "span");
#endif
  refused([&](const tensor& a) { return a * tensor::from({1, 2, 3, 4, 5}, {5}); }, "of the host's values");
  refused([&](const tensor& a) { return a * rng.uniform(); }, "a draw");
  refused([&](const tensor& a) { return a + tensor::normal({5}, rng); }, "a draw");
#if !defined(TL_TEST_ADDRESS_SANITIZER)  // which keeps local variables somewhere else
  refused([&](const tensor& a) { return tl::dropout(a, 0.5, tl::random::stream(3)); }, "a local variable");
#endif
  refused(
      [&](const tensor& a) {
        const auto l = tl::sum(net(a));
        l.backward();
        return l;
      },
      "zero_grad()");
  refused(
      [&](const tensor& a) {
        opt.zero_grad();
        const auto l = tl::sum(net(a));
        l.backward();
        optim::clip_grad_norm(net, 1);
        return l;
      },
      "a tensor's values");
  refused(
      [&](const tensor& a) {
        opt.set_learning_rate(0.1);
        return net(a);
      },
      "set_learning_rate");
  refused(
      [&](const tensor& a) {
        carried = carried * 0.5 + tl::stop_gradient(net(a));
        return tl::sum(a);
      },
      "keeps a tensor of 24 bytes");
  auto inner = train::record([](const tensor& a) { return tl::sum(a); }, x);
  inner(x);
  refused([&](const tensor& a) { return inner(a); }, "inside another");

  auto in_place = train::record(
      [&](const tensor& a) {
        const tl::no_grad untracked;
        buffer.assign(buffer + a);
        return tl::sum(buffer);
      },
      x);
  for (int i = 0; i < 4; ++i) in_place(x);
  REQUIRE(buffer.to_vector() == (x * 4.0).to_vector());
}

TEST_CASE("inputs of other shapes than the examples' are refused", "[train]") {
  auto step = train::record([](const tensor& a) { return tl::sum(a); }, tensor::zeros({2, 5}));
  REQUIRE_THROWS_WITH(step(tensor::zeros({3, 5})), Catch::Contains("[2, 5]") && Catch::Contains("[3, 5]"));
  REQUIRE(step(tensor::ones({2, 5})).item() == 10);
}
