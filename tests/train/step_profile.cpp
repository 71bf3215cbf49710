#include <tensorlab/train/step_profile.hpp>

#include <cmath>
#include <stdexcept>
#include <thread>

#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/loss/regression.hpp>
#include <tensorlab/ops/unary.hpp>
#include <tensorlab/train/fit.hpp>
#include <tensorlab/train/validation.hpp>

#include "support/temporary.hpp"
#include "train/toy.hpp"

namespace optim = tl::optim;
namespace train = tl::train;

namespace {

std::int64_t clock_now = 0;
std::uint64_t bytes_now = 0;

/// A source that is told what the time is.
constexpr train::profile_source by_hand{[](int) { return clock_now; }, [](int) { return bytes_now; }};

void spend(std::int64_t nanoseconds, std::uint64_t bytes = 0) {
  clock_now += nanoseconds;
  bytes_now += bytes;
}

const train::profile_row& row(const std::vector<train::profile_row>& rows, const std::string& name) {
  for (const auto& r : rows)
    if (r.name == name) return r;
  throw std::runtime_error("no row " + name);
}
std::string names(const std::vector<train::profile_row>& rows) {
  std::string text;
  for (const auto& r : rows) text += r.name + " ";
  return text;
}

/// 1000 ns to the forward pass of a, 2000 of b; 10000 to the walk, of which 6000 to b and 2500 to a; 500 to sgd; the
/// remaining 700 to nobody.
void scripted_step() {
  spend(1000, 64);
  tl::op_ended("a");
  spend(2000, 128);
  tl::op_ended("b");
  spend(300);
  {
    const tl::op_scope walk("backward pass", tl::op_phase::backward);
    spend(1000);
    {
      const tl::op_scope b("b", tl::op_phase::backward);
      spend(5000, 1024);
      tl::op_ended("a");  // a part of b
      spend(1000);
    }
    const tl::op_scope a("a", tl::op_phase::backward);
    spend(2500);
  }
  spend(400);
  const tl::op_scope sgd("sgd", tl::op_phase::optimiser);
  spend(500, 32);
}

}  // namespace

TEST_CASE("each moment of a step counts once", "[train][profile]") {
  train::step_recorder profile({}, by_hand);
  for (int i = 0; i < 4; ++i) {
    const auto step = profile.measure();
    scripted_step();
    spend(i == 3 ? 400 : 0);
  }
  REQUIRE(profile.steps() == 4);
  const auto rows = profile.rows();
  REQUIRE(names(rows) == "b a backward pass sgd other ");
  REQUIRE(row(rows, "b").forward == Approx(2));
  REQUIRE(row(rows, "b").backward == Approx(6));
  REQUIRE(row(rows, "b").time == Approx(8));
  REQUIRE(row(rows, "b").bytes == 1152);
  REQUIRE(row(rows, "b").calls == 1);
  REQUIRE(row(rows, "a").forward == Approx(1));
  REQUIRE(row(rows, "a").backward == Approx(2.5));
  REQUIRE(row(rows, "a").calls == 1);
  REQUIRE(row(rows, "backward pass").backward == Approx(1));
  REQUIRE(row(rows, "backward pass").calls == 1);
  REQUIRE(row(rows, "sgd").forward == 0);
  REQUIRE(row(rows, "sgd").time == Approx(0.5));
  REQUIRE(row(rows, "sgd").bytes == 32);
  REQUIRE(row(rows, "other").time == Approx(0.8));
  REQUIRE(profile.total().time == Approx(13.8));
  REQUIRE(profile.total().bytes == 64 + 128 + 1024 + 32);
  REQUIRE(row(rows, "b").share == Approx(100 * 8 / 13.8));
  REQUIRE(profile.total().share == Approx(100));
}

TEST_CASE("the time of an op that is made of ops is what they leave", "[train][profile]") {
  train::step_recorder profile({}, by_hand);
  {
    const auto step = profile.measure();
    const tl::op_scope outer("outer");
    spend(10);
    {
      const tl::op_scope inner("inner");
      spend(20);
      tl::op_ended("op");
      spend(30);
    }
    spend(40);
  }
  const auto rows = profile.rows();
  REQUIRE(row(rows, "outer").time == Approx(0.05));
  REQUIRE(row(rows, "inner").time == Approx(0.03));
  REQUIRE(row(rows, "op").forward == Approx(0.02));
  REQUIRE(profile.total().time == Approx(0.1));
}

TEST_CASE("the fastest steps stand for all on request", "[train][profile]") {
  train::step_recorder profile({.warm_up = 1, .fastest = 0.5}, by_hand);
  for (std::int64_t time : {1, 40, 20, 50, 10, 30}) {
    const auto step = profile.measure();
    spend(1000 * time, static_cast<std::uint64_t>(time));
    tl::op_ended("op");
    spend(1000);
    if (time == 20) tl::op_ended("late");
  }
  REQUIRE(profile.steps() == 5);
  const auto rows = profile.rows();
  REQUIRE(row(rows, "op").forward == Approx(20));
  REQUIRE(row(rows, "op").bytes == Approx(20));
  REQUIRE(row(rows, "op").calls == 1);
  REQUIRE(row(rows, "late").calls == Approx(1. / 3));
  REQUIRE(row(rows, "late").time == Approx(1. / 3));
  REQUIRE(row(rows, "other").time == Approx(2. / 3));
  REQUIRE(profile.total().time == Approx(21));
  REQUIRE(profile.total().share == Approx(100));
  REQUIRE_THAT(profile.table(), Catch::EndsWith("means of 3 steps, the fastest of 5\n"));
}

TEST_CASE("the profile's table", "[train][profile]") {
  train::step_recorder profile({}, by_hand);
  {
    const auto step = profile.measure();
    scripted_step();
  }
  REQUIRE(profile.table() ==
          "op               calls   forward us  backward us      time us  share %  allocated KiB\n"
          "b                  1.0          2.0          6.0          8.0    58.39            1.1\n"
          "a                  1.0          1.0          2.5          3.5    25.55            0.1\n"
          "backward pass      1.0          0.0          1.0          1.0     7.30            0.0\n"
          "sgd                1.0          0.0          0.0          0.5     3.65            0.0\n"
          "other                           0.0          0.0          0.7     5.11            0.0\n"
          "total                           3.0          9.5         13.7   100.00            1.2\n"
          "means of 1 step\n");
}

TEST_CASE("a backend that does not count its memory has none in the table", "[train][profile]") {
  train::step_profile<tl::reference> profile;
  {
    const auto step = profile.measure();
    tl::exp(tl::tensor<double, tl::reference>::ones({3}));
  }
  REQUIRE(names(profile.rows()) == "exp other ");
  REQUIRE(profile.total().bytes == 0);
  REQUIRE_THAT(profile.table(), Catch::Contains(" -\n"));
}

TEST_CASE("a step of a network is told op by op", "[train][profile]") {
  auto net = toy::make_net();
  optim::adamw opt{net};
  const auto x = toy::tensor::ones({6, 2}), y = toy::tensor::ones({6, 1});
  train::step_profile profile({.warm_up = 1});
  for (int i = 0; i < 3; ++i) {
    const auto step = profile.measure();
    const auto loss = tl::loss::mse(net(x), y);
    opt.zero_grad();
    loss.backward();
    opt.step();
  }
  REQUIRE(profile.steps() == 2);
  const auto rows = profile.rows();
  const auto& linear = row(rows, "linear");
  REQUIRE(linear.calls == 1);
  REQUIRE(linear.forward > 0);
  REQUIRE(linear.backward > 0);
  REQUIRE(linear.bytes >= (6 + 2 + 1) * sizeof(float));  // y and the gradients of weight and bias
  REQUIRE(row(rows, "adamw").calls == 1);
  REQUIRE(row(rows, "adamw").time > 0);
  REQUIRE(row(rows, "backward pass").calls == 1);
  REQUIRE(rows.back().name == "other");
  REQUIRE(profile.total().share == Approx(100));
  double time = 0;
  for (const auto& r : rows) time += r.time;
  REQUIRE(profile.total().time == Approx(time));
}

TEST_CASE("memory is counted under the op that asks for it", "[train][profile]") {
  const auto x = toy::tensor::ones({1000});
  train::step_profile profile;
  {
    const auto step = profile.measure();
    tl::exp(x);
    tl::exp(x);
  }
  REQUIRE(row(profile.rows(), "exp").calls == 2);
  REQUIRE(row(profile.rows(), "exp").bytes == 2 * 4000);
}

TEST_CASE("a profile changes nothing", "[train][profile]") {
  const auto weights = [](auto&&... callbacks) {
    auto net = toy::make_net();
    optim::adamw opt{net, {.lr = 0.05}};
    auto loader = toy::loader(30, 7);
    train::fit(net, opt, loader, {.epochs = 2, .clip_norm = 1}, toy::step(net), callbacks...);
    return tl::nn::state_dict(net);
  };
  train::step_profile profile;
  REQUIRE(weights(profile) == weights(train::after_epoch([](train::status&) {})));
  REQUIRE(profile.steps() == 10);
}

TEST_CASE("a profile as a callback measures the steps of fit", "[train][profile]") {
  auto net = toy::make_net();
  optim::sgd opt{net};
  auto loader = toy::loader(10, 3), held_out = toy::loader(4, 2);
  train::step_profile profile({.warm_up = 1});
  std::int64_t validated = 0;
  train::fit(net, opt, loader, {.epochs = 3, .clip_norm = 100}, toy::step(net), profile,
             train::after_epoch([&](train::status&) {
               for (auto&& [x, y] : held_out) {
                 tl::exp(net(x));
                 ++validated;
               }
             }));
  REQUIRE(validated == 6);
  REQUIRE(tl::current_observer() == nullptr);
  REQUIRE(profile.steps() == 3 * 4 - 1);
  const auto rows = profile.rows();
  for (const char* name : {"linear", "backward pass", "sgd", "grad_norm", "data"}) REQUIRE(row(rows, name).calls == 1);
  REQUIRE(row(rows, "callbacks").calls == Approx(9. / 11));
  REQUIRE(names(rows).find("exp") == std::string::npos);
  REQUIRE(profile.total().share == Approx(100));
}

TEST_CASE("gradients that are accumulated make a step of several batches", "[train][profile]") {
  auto net = toy::make_net();
  optim::sgd opt{net};
  auto loader = toy::loader(8, 2);
  train::step_profile profile;
  train::fit(net, opt, loader, {.epochs = 1, .accumulate = 2}, toy::step(net), profile);
  REQUIRE(profile.steps() == 4);
  REQUIRE(row(profile.rows(), "linear").calls == 1);
  REQUIRE(row(profile.rows(), "sgd").calls == 0.5);
}

TEST_CASE("a step that fails does not count and leaves no observer", "[train][profile]") {
  train::step_recorder profile({}, by_hand);
  const auto failing = [&] {
    const auto step = profile.measure();
    const tl::op_scope scope("failing");
    spend(1000);
    throw std::runtime_error("on purpose");
  };
  REQUIRE_THROWS_AS(failing(), std::runtime_error);
  REQUIRE(tl::current_observer() == nullptr);
  REQUIRE(profile.steps() == 0);
  {
    const auto step = profile.measure();
    scripted_step();
  }
  REQUIRE(names(profile.rows()) == "b a backward pass sgd other ");
}

TEST_CASE("a run of fit that fails leaves no observer", "[train][profile]") {
  auto net = toy::make_net();
  optim::sgd opt{net};
  auto loader = toy::loader(10, 2);
  train::step_profile profile;
  const auto failing = [&](const toy::tensor& x, const toy::tensor& y) {
    if (profile.steps() == 2) throw std::runtime_error("on purpose");
    return tl::loss::mse(net(x), y);
  };
  REQUIRE_THROWS_AS(train::fit(net, opt, loader, {}, failing, profile), std::runtime_error);
  REQUIRE(tl::current_observer() == nullptr);
  REQUIRE(profile.steps() == 2);
  {
    const auto step = profile.measure();
    REQUIRE(tl::current_observer() == &profile);
  }
  REQUIRE(profile.steps() == 3);
}

TEST_CASE("a profile that goes away takes itself off the thread", "[train][profile]") {
  train::status s;
  {
    train::step_profile profile;
    profile.on_epoch_begin(s);
    REQUIRE(tl::current_observer() == &profile);
  }
  REQUIRE(tl::current_observer() == nullptr);
}

TEST_CASE("two steps at once and settings out of range are errors", "[train][profile]") {
  train::step_profile profile({.warm_up = 2});
  REQUIRE_THROWS_WITH(profile.table(), Catch::Equals("step_profile: no step counts: 0 of 2 to warm up were measured"));
  REQUIRE_THROWS_AS(profile.save_trace("none.json"), tl::value_error);
  {
    const auto step = profile.measure();
    REQUIRE_THROWS_WITH(profile.measure(), Catch::Equals("step_profile: a step is being measured already"));
  }
  REQUIRE_THROWS_WITH(profile.rows(), Catch::Contains("1 of 2"));
  REQUIRE_THROWS_WITH(train::step_profile({.traced = -1}),
                      Catch::Equals("step_profile: warm_up and traced must be at least 0, got 0 and -1"));
  REQUIRE_THROWS_WITH(train::step_profile({.fastest = 0}),
                      Catch::Equals("step_profile: fastest must be in (0, 1], got 0"));
}

TEST_CASE("the trace holds the events of the first steps that count", "[train][profile]") {
  train::step_recorder profile({.warm_up = 1, .traced = 2}, by_hand);
  for (int i = 0; i < 4; ++i) {
    const auto step = profile.measure();
    scripted_step();
  }
  const test::temporary_directory folder;
  const std::string path = folder / "step.json";
  profile.save_trace(path);
  const auto trace = tl::io::load_json(path);
  const auto& events = trace["traceEvents"];
  REQUIRE(events.size() == 2 * 7);
  std::string text;
  for (std::size_t i = 0; i < 7; ++i)
    text += tl::concat(events[i]["name"].get<std::string>(), ",", events[i]["cat"].get<std::string>(), ",",
                       std::llround(1000 * events[i]["ts"].get<double>()), " ",
                       std::llround(1000 * events[i]["dur"].get<double>()), " ", events[i]["args"]["bytes"].get<int>(),
                       "\n");
  REQUIRE(text ==
          "step 2,step,0 13700 1248\n"
          "a,forward,0 1000 64\n"
          "b,forward,1000 2000 128\n"
          "backward pass,backward,3300 9500 1024\n"
          "b,backward,4300 6000 1024\n"
          "a,backward,10300 2500 0\n"
          "sgd,optimiser,13200 500 32\n");
  REQUIRE(events[7]["name"] == "step 3");
  for (const auto& e : events) REQUIRE(e["ph"] == "X");
}

TEST_CASE("events of a trace that overlap lie within each other", "[train][profile]") {
  auto net = toy::make_net();
  optim::sgd opt{net};
  auto loader = toy::loader(10, 2);
  train::step_profile profile;
  train::fit(net, opt, loader, {}, toy::step(net), profile);
  const test::temporary_directory folder;
  const std::string path = folder / "fit.json";
  profile.save_trace(path);
  const auto trace = tl::io::load_json(path);
  std::vector<std::pair<double, double>> open;
  std::size_t steps = 0;
  for (const auto& e : trace["traceEvents"]) {
    const double begin = e["ts"], end = begin + e["dur"].get<double>();
    while (!open.empty() && open.back().second <= begin + 1e-6) open.pop_back();
    if (!open.empty()) REQUIRE(end <= open.back().second + 1e-6);
    open.emplace_back(begin, end);
    steps += e["cat"] == "step";
  }
  REQUIRE(steps == 5);
}

TEST_CASE("ops of other threads are not observed", "[train][profile]") {
  train::step_profile profile;
  {
    const auto step = profile.measure();
    std::thread([] { tl::exp(toy::tensor::ones({4})); }).join();
  }
  REQUIRE(names(profile.rows()) == "other ");
}
