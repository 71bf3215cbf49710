#include <tensorlab/train/status.hpp>

#include "support/catch.hpp"

namespace train = tensorlab::train;

namespace {

struct begins {
  void on_train_begin(train::status&) {}
};
struct ends {
  void on_train_end(train::status&) {}
};
struct epochs {
  void on_epoch_begin(train::status&) {}
};
struct misspelt {
  void on_epoch_ended(train::status&) {}
};
struct of_nothing {
  void on_epoch_end() {}
};

}  // namespace

TEST_CASE("a run is stopped with a reason", "[train]") {
  train::status s;
  REQUIRE_FALSE(s.stopped);
  s.stop("enough");
  REQUIRE(s.stopped);
  REQUIRE(s.stop_reason == "enough");
}

TEST_CASE("a callback has at least one of the members that a loop calls", "[train]") {
  STATIC_REQUIRE((train::callback<begins> && train::callback<ends&> && train::callback<epochs>));
  STATIC_REQUIRE_FALSE((train::callback<misspelt> || train::callback<of_nothing> || train::callback<int>));
}

TEST_CASE("functions of the status are callbacks at the end of epochs and batches", "[train]") {
  int epochs_seen = 0, batches_seen = 0;
  train::after_epoch at_epochs{[&](train::status& s) {
    ++epochs_seen;
    s.stop("told");
  }};
  train::after_batch at_batches{[&](const train::status&) { ++batches_seen; }};
  STATIC_REQUIRE(train::callback<decltype(at_epochs)>);
  STATIC_REQUIRE(train::callback<decltype(at_batches)>);
  train::status s;
  at_epochs.on_epoch_end(s);
  at_batches.on_batch_end(s);
  REQUIRE((epochs_seen == 1 && batches_seen == 1 && s.stopped));
}
