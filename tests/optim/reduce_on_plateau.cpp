#include <tensorlab/optim/reduce_on_plateau.hpp>

#include "optim/keras.hpp"
#include "support/catch.hpp"

namespace optim = tensorlab::optim;

namespace {

// As in tests/golden/make_optim.py.
const std::vector<double> metrics{1.0,   0.8, 0.8,          0.7999, 0.81, 0.7, 0.7, 0.75, 0.72, 0.69995,
                                  0.699, 0.9, std::nan(""), 0.9,    0.9,  0.6, 0.9, 0.9,  0.9,  0.9};

void require_rates(const char* name, const optim::reduce_on_plateau_options& options, double sign = 1) {
  optim::reduce_on_plateau plateau{options};
  double lr = 0.5;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    INFO(name << ", value " << i);
    lr = plateau(sign * metrics[i], lr);
    REQUIRE(std::abs(lr - keras_goldens().at(name)[i]) < 1e-15);
    // Saving and loading in between changes nothing.
    optim::reduce_on_plateau other{options};
    other.load_state(plateau.state());
    plateau = other;
  }
}

}  // namespace

TEST_CASE("the rate falls where Keras's does", "[optim]") {
  require_rates("patience 2", {.factor = 0.5, .patience = 2});
  require_rates("patience 3 cooldown 2", {.factor = 0.5, .patience = 3, .cooldown = 2});
  require_rates("patience 1 min_lr", {.factor = 0.1, .patience = 1, .min_delta = 0, .min_lr = 0.02});
  require_rates("greater", {.factor = 0.5, .patience = 2, .min_delta = 0.05, .greater = true}, -1);
}

TEST_CASE("an improvement must exceed min_delta", "[optim]") {
  optim::reduce_on_plateau plateau{{.factor = 0.5, .patience = 1, .min_delta = 0.25}};
  REQUIRE(plateau(2, 1) == 1);
  REQUIRE(plateau(1.75, 1) == 0.5);
  REQUIRE(plateau(1.5, 0.5) == 0.5);
}

TEST_CASE("a plateau refuses settings and states that do not fit", "[optim]") {
  REQUIRE_THROWS_WITH(optim::reduce_on_plateau({.factor = 1}), "reduce_on_plateau: factor must be in (0, 1), got 1");
  REQUIRE_THROWS_WITH(optim::reduce_on_plateau({.patience = -1}), Catch::Contains("patience must be at least 0"));
  optim::reduce_on_plateau plateau;
  REQUIRE_THROWS_WITH(plateau.load_state({}), "load_state: missing key: best");
}
