#include <tensorlab/train/best_weights.hpp>

#include <filesystem>

#include <tensorlab/train/fit.hpp>
#include <tensorlab/train/write_safetensors.hpp>

#include "train/toy.hpp"

namespace train = tl::train;

namespace {

/// Ends five epochs whose weights are 1 .. 5 and whose metric is as given.
template <class Best>
void run(toy::net& net, Best& best, const std::vector<double>& metric) {
  train::status s;
  for (std::size_t i = 0; i < metric.size(); ++i) {
    const tl::no_grad guard;
    net.weight.fill(static_cast<float>(i + 1));
    s.epoch = static_cast<std::int64_t>(i) + 1;
    s.metrics = {{"val_loss", metric[i]}};
    best.on_epoch_end(s);
  }
  best.on_train_end(s);
}

}  // namespace

TEST_CASE("the weights of the best epoch are kept and restored", "[train]") {
  auto net = toy::make_net();
  train::best_weights best{net};
  best.restore();
  run(net, best, {3, 1, 2, 1, std::nan("")});
  REQUIRE(best.best() == 1);
  REQUIRE(best.best_epoch() == 2);  // the later 1 is not strictly better
  test::require_values(net.weight.handle(), {5, 5});
  best.restore();
  test::require_values(net.weight.handle(), {2, 2});
}

TEST_CASE("greater can be better", "[train]") {
  auto net = toy::make_net();
  train::best_weights best{net, {.rule = train::better::greater}};
  run(net, best, {1, 3, 2, 3});
  best.restore();
  test::require_values(net.weight.handle(), {2, 2});
}

TEST_CASE("each improvement can be written to a file", "[train]") {
  const auto folder = std::filesystem::temp_directory_path() / tl::concat("tensorlab_best_", ::getpid());
  std::filesystem::create_directories(folder);
  const std::string path = folder / "best.safetensors";
  auto net = toy::make_net();
  train::best_weights best{net, {.on_improvement = train::write_safetensors(path)}};
  run(net, best, {3, 1, 2, 0.25, 1});
  best.restore();
  const auto file = tl::io::load_safetensors(path);
  REQUIRE(file.tensors == tl::nn::state_dict(net));
  REQUIRE(file.metadata == std::vector<std::pair<std::string, std::string>>{{"epoch", "4"}, {"val_loss", "0.25"}});
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& f : std::filesystem::directory_iterator(folder)) ++files;
  REQUIRE(files == 1);
  std::filesystem::remove_all(folder);
}

TEST_CASE("best_weights works in fit and says when its metric does not exist", "[train]") {
  auto net = toy::make_net();
  tl::optim::adamw opt{net, {.lr = 0.05}};
  auto loader = toy::loader(16, 8);
  train::best_weights best{net, {.metric = "loss"}}, wrong{net, {.metric = "val_top1"}};
  const auto h = train::fit(net, opt, loader, {.epochs = 20}, toy::step(net), best);
  const auto losses = h.series("loss");
  REQUIRE(best.best() == *std::min_element(losses.begin(), losses.end()));
  REQUIRE_THROWS_WITH(train::fit(net, opt, loader, {.epochs = 1}, toy::step(net), wrong),
                      "best_weights: no epoch had a metric 'val_top1'; the last one had: loss");
}
