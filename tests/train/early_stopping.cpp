#include <tensorlab/train/early_stopping.hpp>

#include "support/catch.hpp"
#include "train/keras_early_stopping.hpp"

namespace tl = tensorlab;
namespace train = tl::train;

namespace {

/// After how many values the run is stopped, or 0.
std::size_t stopped_after(train::early_stopping& stop, const std::vector<double>& metrics,
                          const char* name = "val_loss") {
  train::status s;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    s.epoch = static_cast<std::int64_t>(i) + 1;
    s.metrics = {{"loss", 0}, {name, metrics[i]}};
    stop.on_epoch_end(s);
    if (s.stopped) return i + 1;
  }
  return 0;
}
std::size_t stopped_after(const train::early_stopping_options& options, const std::vector<double>& metrics) {
  train::early_stopping stop{options};
  return stopped_after(stop, metrics);
}

// As in tests/golden/make_optim.py.
const std::vector<double> metrics{1.0,   0.8, 0.8,          0.7999, 0.81, 0.7, 0.7, 0.75, 0.72, 0.69995,
                                  0.699, 0.9, std::nan(""), 0.9,    0.9,  0.6, 0.9, 0.9,  0.9,  0.9};

void require_as_keras(const char* name, train::early_stopping_options options, double sign = 1) {
  INFO(name);
  options.check_finite = false;
  train::early_stopping stop{options};
  std::vector<double> values;
  for (double m : metrics) values.push_back(sign * m);
  const auto& expected = keras_early_stopping().at(name);
  REQUIRE(stopped_after(stop, values) == static_cast<std::size_t>(expected[0]));
  REQUIRE(stop.best_epoch() == static_cast<std::int64_t>(expected[1]) + 1);
}

}  // namespace

TEST_CASE("early stopping stops where Keras's does", "[train]") {
  require_as_keras("patience 2", {.patience = 2});
  require_as_keras("patience 3", {.patience = 3});
  require_as_keras("patience 4 min_delta", {.patience = 4, .min_delta = 0.05});
  require_as_keras("patience 0", {.patience = 0});
  require_as_keras("patience 15", {.patience = 15});
  require_as_keras("greater patience 3", {.rule = train::better::greater, .patience = 3}, -1);
}

TEST_CASE("with equal_counts a gain of just min_delta is one", "[train]") {
  // best + min_delta > score waits: the rule of MMEngine's hook.
  const std::vector<double> same{0.5, 0.5, 0.5}, rising{0.5, 0.75, 1.0, 1.25};
  train::early_stopping_options o{.rule = train::better::greater, .patience = 1};
  REQUIRE(stopped_after(o, same) == 2);
  o.equal_counts = true;
  REQUIRE(stopped_after(o, same) == 0);
  o.min_delta = 0.25;
  REQUIRE(stopped_after(o, rising) == 0);
  REQUIRE(stopped_after(o, same) == 2);
  o.equal_counts = false;
  REQUIRE(stopped_after(o, rising) == 2);
}

TEST_CASE("early stopping counts values, not epochs", "[train]") {
  train::early_stopping stop{{.patience = 2}};
  train::status s;
  for (s.epoch = 1; s.epoch <= 20 && !s.stopped; ++s.epoch) {
    s.metrics = {{"loss", 1}};
    if (s.epoch % 3 == 0) s.metrics.set("val_loss", 1);
    stop.on_epoch_end(s);
    if (s.stopped) break;
  }
  REQUIRE(s.epoch == 9);
  REQUIRE(s.stop_reason == "early_stopping: val_loss has not improved since epoch 3");
}

TEST_CASE("a value that is not finite stops", "[train]") {
  const double infinity = std::numeric_limits<double>::infinity();
  REQUIRE(stopped_after({}, {1, 0.5, std::nan(""), 0.1}) == 3);
  REQUIRE(stopped_after({}, {1, infinity, 0.1}) == 2);
  REQUIRE(stopped_after({.check_finite = false}, {1, infinity, 0.1}) == 0);
}

TEST_CASE("early stopping goes on from a saved state", "[train]") {
  train::early_stopping whole{{.patience = 3}}, first{{.patience = 3}}, second{{.patience = 3}};
  const std::vector<double> values{3, 2, 2, 2, 1.5, 1.6, 1.6, 1.6};
  REQUIRE(stopped_after(whole, values) == 8);
  stopped_after(first, {values.begin(), values.begin() + 6});
  second.load_state(first.state());
  REQUIRE(second.best() == 1.5);
  REQUIRE(second.best_epoch() == 5);
  REQUIRE(stopped_after(second, {values.begin() + 6, values.end()}) == 2);
  REQUIRE_THROWS_WITH(second.load_state({}), "load_state: missing key: wait");
  train::early_stopping untouched, empty;
  empty.load_state(untouched.state());
  REQUIRE_FALSE(empty.best());
}

TEST_CASE("early stopping says when its metric does not exist", "[train]") {
  train::early_stopping stop{{.metric = "val_accuracy"}};
  stopped_after(stop, {1, 2});
  train::status s;
  s.metrics = {{"loss", 1}, {"acc/top1", 0.5}};
  REQUIRE_THROWS_WITH(stop.on_train_end(s),
                      "early_stopping: no epoch had a metric 'val_accuracy'; the last one had: loss, acc/top1");
  REQUIRE_THROWS_WITH(train::early_stopping({.metric = "val_x"}),
                      Catch::Contains("does not tell which direction is better"));
  REQUIRE_THROWS_WITH(train::early_stopping({.patience = -1}), Catch::Contains("patience must be at least 0"));
}
