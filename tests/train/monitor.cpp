#include <tensorlab/train/monitor.hpp>

#include "support/catch.hpp"

namespace train = tensorlab::train;

TEST_CASE("a metric's name tells its direction", "[train]") {
  for (const char* name : {"val_accuracy", "acc/top1", "AUC", "macro_f1", "mAP", "Rank-1", "precision", "recall"})
    REQUIRE(train::greater_is_better(name));
  for (const char* name : {"loss", "val_loss", "val_error"}) REQUIRE_FALSE(train::greater_is_better(name));
  for (const char* name : {"perplexity", "accuracy_loss"})
    REQUIRE_THROWS_AS(train::greater_is_better(name), tensorlab::value_error);
}

TEST_CASE("only what is strictly better improves", "[train]") {
  train::monitor less{"loss", train::better::automatic}, greater{"loss", train::better::greater};
  REQUIRE(less.improves(5));
  REQUIRE_FALSE(less.improves(std::nan("")));
  less.take(5, 1);
  greater.take(5, 1);
  REQUIRE(less.improves(4.9));
  REQUIRE_FALSE(less.improves(5));
  REQUIRE_FALSE(less.improves(5.1));
  REQUIRE(greater.improves(5.1));
  REQUIRE_FALSE(greater.improves(5));
  REQUIRE(less.improves(5, 0, true));
  REQUIRE_FALSE(less.improves(4.5, 0.5));
  REQUIRE(less.improves(4.5, 0.5, true));
  REQUIRE_FALSE(greater.improves(5.5, 0.5));
  REQUIRE_FALSE(greater.improves(std::nan(""), 0, true));
}
