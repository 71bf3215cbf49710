#include <tensorlab/train/fit.hpp>

#include <tensorlab/nn/state_dict.hpp>
#include <tensorlab/optim/rates.hpp>
#include <tensorlab/train/validation.hpp>

#include "train/toy.hpp"

namespace optim = tl::optim;
namespace train = tl::train;

namespace {

/// Writes down which members were called.
struct recorder {
  std::string calls;
  void on_train_begin(train::status&) { calls += "B"; }
  void on_epoch_begin(train::status& s) { calls += std::to_string(s.epoch); }
  void on_batch_end(train::status& s) { calls += "b" + std::to_string(s.batch); }
  void on_epoch_end(train::status&) { calls += "e"; }
  void on_train_end(train::status&) { calls += "E"; }
};

tl::named_tensors weights_after(const train::fit_options& options, int workers) {
  auto net = toy::make_net();
  optim::adamw opt{net, {.lr = 0.05}};
  auto loader = toy::loader(30, 7, workers);
  train::fit(net, opt, loader, options, toy::step(net));
  return tl::nn::state_dict(net);
}

}  // namespace

TEST_CASE("fit learns a regression", "[train]") {
  auto net = toy::make_net();
  optim::adamw opt{net, {.lr = 0.05, .weight_decay = 0}};
  auto loader = toy::loader(64, 16);
  const auto h = train::fit(net, opt, loader, {.epochs = 60}, toy::step(net));
  REQUIRE(h.epochs.size() == 60);
  REQUIRE(h.series("loss").front() > 0.1);
  REQUIRE(h.series("loss").back() < 1e-4);
  test::require_values(net.weight.handle(), {2, -1}, 0.01);
  test::require_values(net.bias->handle(), {0.5}, 0.01);
}

TEST_CASE("fit gives the same bytes each time and with any number of workers", "[train]") {
  const auto first = weights_after({.epochs = 3}, 0);
  REQUIRE(weights_after({.epochs = 3}, 0) == first);
  REQUIRE(weights_after({.epochs = 3}, 2) == first);
  REQUIRE(weights_after({.epochs = 2}, 2) != first);
}

TEST_CASE("fit does what a loop written by hand does", "[train]") {
  auto net = toy::make_net(), by_hand = toy::make_net();
  optim::sgd opt{net, {.lr = 0.1, .momentum = 0.9}}, other{by_hand, {.lr = 0.1, .momentum = 0.9}};
  auto loader = toy::loader(20, 6), same = toy::loader(20, 6);
  const optim::schedule rate{0.1,
                             {optim::linear_lr{.start_factor = 0.5, .end = 6, .by = optim::unit::iteration},
                              optim::step_lr{.step_size = 1, .gamma = 0.5}}};
  const auto h = train::fit(net, opt, loader, {.epochs = 2, .clip_norm = 0.3, .clip_value = 0.25, .schedule = rate},
                            toy::step(net));
  std::int64_t iteration = 0;
  for (std::int64_t epoch = 0; epoch < 2; ++epoch) {
    double sum = 0;
    for (auto&& [x, y] : same) {
      other.set_learning_rate(rate({.epoch = epoch, .iteration = iteration++}));
      const auto loss = tl::loss::mse(by_hand(x), y);
      sum += static_cast<double>(loss.item()) * static_cast<double>(x.dim(0));
      loss.backward();
      optim::clip_grad_value(by_hand, 0.25);
      optim::clip_grad_norm(by_hand, 0.3);
      other.step();
      other.zero_grad();
    }
    // The last batch has 2 samples, the others 6: the mean is over samples.
    REQUIRE(h.epochs[static_cast<std::size_t>(epoch)].metrics.at("loss") == sum / 20);
  }
  REQUIRE(tl::nn::state_dict(net) == tl::nn::state_dict(by_hand));
}

TEST_CASE("callbacks are called in order", "[train]") {
  auto net = toy::make_net();
  optim::sgd opt{net};
  auto loader = toy::loader(5, 2);
  recorder r;
  std::string order;
  train::fit(net, opt, loader, {.epochs = 2}, toy::step(net), r, train::after_epoch([&](train::status& s) {
               order += "1";
               s.metrics.set("mine", 7);
             }),
             train::after_epoch([&](train::status& s) { order += s.metrics.find("mine") ? "2" : "?"; }));
  REQUIRE(r.calls == "B1b1b2b3e2b1b2b3eE");
  REQUIRE(order == "1212");
}

TEST_CASE("the status tells where the run is", "[train]") {
  auto net = toy::make_net();
  optim::sgd opt{net, {.lr = 0.25}};
  auto loader = toy::loader(5, 2);
  std::vector<std::int64_t> seen;
  const auto h = train::fit(net, opt, loader, {.epochs = 3, .first_epoch = 2, .clip_norm = 100}, toy::step(net),
                            train::after_batch([&](train::status& s) {
                              seen.insert(seen.end(), {s.epoch, s.batch, s.iteration, s.samples});
                              REQUIRE(s.batches == 3);
                              REQUIRE(s.epochs == 3);
                              REQUIRE(s.learning_rate == 0.25);
                              REQUIRE(s.grad_norm > 0);
                              REQUIRE(s.metrics.find("loss"));
                            }));
  REQUIRE(seen == std::vector<std::int64_t>{2, 1, 4, 2, 2, 2, 5, 4, 2, 3, 6, 5, 3, 1, 7, 2, 3, 2, 8, 4, 3, 3, 9, 5});
  REQUIRE(h.epochs.size() == 2);
  REQUIRE(h.epochs[0].epoch == 2);
  REQUIRE(loader.cursor() == tl::data::loader_cursor{3, 0});
}

TEST_CASE("a run that is taken up at an epoch ends like an uninterrupted one", "[train]") {
  const auto whole = weights_after({.epochs = 4}, 0);
  auto net = toy::make_net();
  auto loader = toy::loader(30, 7);
  tl::named_tensors saved;
  {
    optim::adamw opt{net, {.lr = 0.05}};
    train::fit(net, opt, loader, {.epochs = 2}, toy::step(net));
    saved = opt.state();
  }
  optim::adamw opt{net, {.lr = 0.05}};
  opt.load_state(saved);
  auto fresh = toy::loader(30, 7);
  train::fit(net, opt, fresh, {.epochs = 4, .first_epoch = 3}, toy::step(net));
  REQUIRE(tl::nn::state_dict(net) == whole);
}

TEST_CASE("a callback can stop the run", "[train]") {
  auto net = toy::make_net();
  optim::sgd opt{net};
  auto loader = toy::loader(6, 2);
  recorder r;
  const auto h =
      train::fit(net, opt, loader, {.epochs = 5}, toy::step(net), r, train::after_epoch([](train::status& s) {
                   if (s.epoch == 2) s.stop("enough");
                 }));
  REQUIRE(h.epochs.size() == 2);
  REQUIRE(h.stop_reason == "enough");
  REQUIRE(r.calls == "B1b1b2b3e2b1b2b3eE");

  recorder within;
  const auto cut =
      train::fit(net, opt, loader, {.epochs = 5}, toy::step(net), within, train::after_batch([](train::status& s) {
                   if (s.iteration == 5) s.stop("now");
                 }));
  REQUIRE(cut.epochs.size() == 1);
  REQUIRE(within.calls == "B1b1b2b3e2b1b2E");
}

TEST_CASE("accumulated gradients make one step", "[train]") {
  // Equal batches: the mean of the batch means is the mean of all, so two batches of 5 are one of 10.
  auto net = toy::make_net(), whole = toy::make_net();
  const auto data = toy::dataset(10);
  tl::data::loader halves(data, tl::data::sequential{}, {.batch = 5});
  tl::data::loader all(data, tl::data::sequential{}, {.batch = 10});
  optim::sgd opt{net, {.lr = 0.1}}, other{whole, {.lr = 0.1}};
  train::fit(net, opt, halves, {.epochs = 4, .accumulate = 2}, toy::step(net));
  train::fit(whole, other, all, {.epochs = 4}, toy::step(whole));
  REQUIRE(opt.steps() == 4);
  test::require_close(net.weight.handle(), whole.weight.handle());
  test::require_close(net.bias->handle(), whole.bias->handle());
}

TEST_CASE("the last step of an accumulating run has the batches that are left", "[train]") {
  // 2 epochs of 5 batches in steps of 4: the third step has 2, across no epoch's end, and divides by 2.
  auto net = toy::make_net(), by_hand = toy::make_net();
  optim::sgd opt{net, {.lr = 0.1}}, other{by_hand, {.lr = 0.1}};
  auto loader = toy::loader(10, 2), same = toy::loader(10, 2);
  train::fit(net, opt, loader, {.epochs = 2, .accumulate = 4}, toy::step(net));
  REQUIRE(opt.steps() == 3);
  int count = 0;
  for (int epoch = 0; epoch < 2; ++epoch)
    for (auto&& [x, y] : same) {
      const auto loss = tl::loss::mse(by_hand(x), y);
      loss.backward(toy::tensor::scalar(count < 8 ? 0.25F : 0.5F));
      if (++count % 4 == 0 || count == 10) {
        other.step();
        other.zero_grad();
      }
    }
  REQUIRE(tl::nn::state_dict(net) == tl::nn::state_dict(by_hand));
}

TEST_CASE("a loss scale of a power of two changes nothing and a bad step is left out", "[train]") {
  const auto plain = weights_after({.epochs = 2}, 0);
  auto scaler = optim::loss_scaler::constant(512);
  REQUIRE(weights_after({.epochs = 2, .loss_scaler = &scaler}, 0) == plain);

  auto net = toy::make_net();
  const auto before = tl::nn::state_dict(net);
  optim::sgd opt{net};
  auto loader = toy::loader(4, 4);
  optim::loss_scaler huge{{.scale = 1e39}};  // beyond float: the gradient is infinite
  train::fit(net, opt, loader, {.epochs = 1, .loss_scaler = &huge}, toy::step(net));
  REQUIRE(tl::nn::state_dict(net) == before);
  REQUIRE(opt.steps() == 0);
  REQUIRE(huge.scale() == 5e38);
}

TEST_CASE("a loss that is not finite ends the run with its place", "[train]") {
  auto net = toy::make_net();
  optim::sgd opt{net};
  auto loader = toy::loader(6, 2);
  int calls = 0;
  const auto step = [&](const toy::tensor& x, const toy::tensor& y) {
    const auto loss = tl::loss::mse(net(x), y);
    return ++calls == 5 ? loss * std::numeric_limits<float>::quiet_NaN() : loss;
  };
  REQUIRE_THROWS_WITH(train::fit(net, opt, loader, {.epochs = 9}, step),
                      "fit: the loss is not finite: nan in epoch 2, batch 2");
  REQUIRE(opt.steps() == 4);
}

TEST_CASE("a step may return metrics and a number of samples", "[train]") {
  auto net = toy::make_net();
  optim::sgd opt{net, {.lr = 0}};
  std::vector<int> loader{1, 3};  // any range of batches of any type
  const auto step = [&](int n) {
    const auto loss = tl::loss::mse(net(toy::tensor::ones({1, 2})), toy::tensor::ones({1, 1}));
    return train::step_result<float, B>{loss, {{"size", n}}, n};
  };
  const auto h = train::fit(net, opt, loader, {.epochs = 1}, step);
  REQUIRE(h.epochs[0].metrics.at("size") == (1 * 1 + 3 * 3) / 4.0);
}

TEST_CASE("a step that returns a number has trained by itself", "[train]") {
  auto net = toy::make_net();
  optim::sgd opt{net, {.lr = 0.1}};
  auto loader = toy::loader(20, 5);
  const auto h = train::fit(net, opt, loader, {.epochs = 20}, [&](const toy::tensor& x, const toy::tensor& y) {
    opt.zero_grad();
    const auto loss = tl::loss::mse(net(x), y);
    loss.backward();
    opt.step();
    return loss.item();
  });
  REQUIRE(opt.steps() == 80);
  REQUIRE(h.series("loss").back() < h.series("loss").front() / 10);
}

TEST_CASE("fit refuses settings out of range", "[train]") {
  auto net = toy::make_net();
  optim::sgd opt{net};
  auto loader = toy::loader(4, 2);
  REQUIRE_THROWS_WITH(train::fit(net, opt, loader, {.epochs = -1}, toy::step(net)),
                      "fit: epochs must be at least 0, got -1");
  REQUIRE_THROWS_WITH(train::fit(net, opt, loader, {.first_epoch = 0}, toy::step(net)),
                      Catch::Contains("first_epoch must be at least 1"));
  REQUIRE_THROWS_WITH(train::fit(net, opt, loader, {.accumulate = 0}, toy::step(net)),
                      Catch::Contains("accumulate must be at least 1"));
  REQUIRE_THROWS_WITH(train::fit(net, opt, loader, {.clip_norm = -1}, toy::step(net)),
                      Catch::Contains("clip_norm and clip_value"));
  REQUIRE(train::fit(net, opt, loader, {.epochs = 0}, toy::step(net)).epochs.empty());
}
