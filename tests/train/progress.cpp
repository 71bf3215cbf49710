#include <tensorlab/train/progress.hpp>

#include "support/catch.hpp"

namespace train = tensorlab::train;

namespace {

/// What two epochs of three batches print.
std::string printed(train::progress_options options, bool stop = false) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  options.file = file;
  train::progress p{options};
  train::status s;
  s.epochs = 2;
  s.batches = 3;
  s.learning_rate = 2.5e-5;
  for (s.epoch = 1; s.epoch <= 2; ++s.epoch) {
    p.on_epoch_begin(s);
    for (s.batch = 1; s.batch <= 3; ++s.batch) {
      s.metrics.set("loss", 0.5);
      p.on_batch_end(s);
    }
    s.metrics.set("val_loss", 1.0 / 3);
    p.on_epoch_end(s);
  }
  if (stop) s.stop("enough");
  p.on_train_end(s);
  std::string text(static_cast<std::size_t>(std::ftell(file)), ' ');
  std::rewind(file);
  REQUIRE(std::fread(text.data(), 1, text.size(), file) == text.size());
  std::fclose(file);
  return text;
}

}  // namespace

TEST_CASE("a file gets one line per epoch", "[train]") {
  REQUIRE(printed({}) ==
          "epoch 1/2  loss 0.5  val_loss 0.3333  lr 2.5e-05  0:00\n"
          "epoch 2/2  loss 0.5  val_loss 0.3333  lr 2.5e-05  0:00\n");
  REQUIRE(printed({}, true).substr(110) == "stopped: enough\n");
}

TEST_CASE("quiet prints nothing", "[train]") {
  REQUIRE(printed({.quiet = true}, true).empty());
  REQUIRE(printed({.quiet = true, .terminal = true}, true).empty());
}

TEST_CASE("a terminal gets a bar and then the epoch's line", "[train]") {
  const std::string text = printed({.terminal = true});
  REQUIRE(text.find("\r\x1b[Kepoch 1/2 [======>             ] 1/3  loss 0.5  eta 0:00\r\x1b[Kepoch 1/2  loss 0.5") ==
          0);
}

TEST_CASE("the bar fills with the batches", "[train]") {
  train::status s;
  s.epoch = 3;
  s.epochs = 30;
  s.batches = 125;
  s.metrics = {{"loss", 0.69731}};
  s.batch = 0;
  REQUIRE(train::detail::bar_line(s, 0) == "epoch 3/30 [>                   ] 0/125  loss 0.6973  eta 0:00");
  s.batch = 50;
  REQUIRE(train::detail::bar_line(s, 100) == "epoch 3/30 [========>           ] 50/125  loss 0.6973  eta 2:30");
  s.batch = 125;
  REQUIRE(train::detail::bar_line(s, 100) == "epoch 3/30 [====================] 125/125  loss 0.6973  eta 0:00");
  s.batches = 0;
  REQUIRE(train::detail::bar_line(s, 100) == "epoch 3/30 125  loss 0.6973");
}

TEST_CASE("times are told in minutes and hours", "[train]") {
  REQUIRE(train::detail::clock_text(0) == "0:00");
  REQUIRE(train::detail::clock_text(59.4) == "0:59");
  REQUIRE(train::detail::clock_text(59.6) == "1:00");
  REQUIRE(train::detail::clock_text(3661) == "1:01:01");
}
