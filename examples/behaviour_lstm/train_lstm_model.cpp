// Trains the behaviour network on windows of poses and saves it as a PyTorch file.

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include <tensorlab/backend/with_device.hpp>
#include <tensorlab/behaviour/augment.hpp>
#include <tensorlab/behaviour/checkpoint.hpp>
#include <tensorlab/behaviour/evaluate.hpp>
#include <tensorlab/behaviour/synthetic.hpp>
#include <tensorlab/data/loader.hpp>
#include <tensorlab/data/split.hpp>
#include <tensorlab/loss/bce.hpp>
#include <tensorlab/models/behaviour_lstm.hpp>
#include <tensorlab/optim/adam.hpp>
#include <tensorlab/train/best_weights.hpp>
#include <tensorlab/train/fit.hpp>
#include <tensorlab/train/progress.hpp>

namespace tl = tensorlab;
namespace behaviour = tl::behaviour;
namespace train = tl::train;

namespace {

struct arguments {
  std::string data_dir;
  bool synthetic = false;
  int epochs = 40;
  int batch = 64;
  double lr = 2e-3;
  double sampler_pos_boost = 4.0;
  double val_ratio = 0.2;
  int num_workers = 2;
  std::string device = "auto";
  std::uint32_t seed = 42;
  std::string save = "./lstm_multilabel.pt";
  std::string split = "window";
  std::string augment = "none";
};

/// Accepts finite numbers from `low` (left out where `open`) to `high`, and says so in words that fit on a line.
CLI::Validator number(int low, int high, bool open = false) {
  const std::string range = tl::concat(open ? "above " : "from ", low, open ? " and at most " : " to ", high);
  return CLI::Validator(
      [=](const std::string& text) {
        char* end = nullptr;
        const double v = std::strtod(text.c_str(), &end);
        const bool whole = end != text.c_str() && *end == '\0';
        if (whole && (open ? v > low : v >= low) && v <= high) return std::string{};
        return tl::concat("expected a number ", range, ", got ", text);
      },
      tl::concat("FLOAT ", range));
}

/// As above, for integers from `low` to `high`.
CLI::Validator integer(long long low, long long high) {
  const std::string range = tl::concat("from ", low, " to ", high);
  return CLI::Validator(
      [=](const std::string& text) {
        char* end = nullptr;
        errno = 0;
        const long long v = std::strtoll(text.c_str(), &end, 10);
        const bool whole = end != text.c_str() && *end == '\0' && errno == 0;
        if (whole && v >= low && v <= high) return std::string{};
        return tl::concat("expected an integer ", range, ", got ", text);
      },
      tl::concat("INT ", range));
}

void add_options(CLI::App& app, arguments& a) {
  auto* folder = app.add_option("--data_dir,--data-dir", a.data_dir, "folder with X.npy, Y.npy and meta.json");
  app.add_flag("--synthetic", a.synthetic, "train on windows made up by the program instead")->excludes(folder);
  app.add_option("--epochs", a.epochs, "number of epochs")->capture_default_str()->check(integer(1, 1'000'000));
  app.add_option("--batch", a.batch, "windows per step")->capture_default_str()->check(integer(1, 1'000'000));
  app.add_option("--lr", a.lr, "learning rate")->capture_default_str()->check(number(0, 1000, true));
  app.add_option("--sampler_pos_boost,--sampler-pos-boost", a.sampler_pos_boost,
                 "weight of windows with a label in sampling")
      ->capture_default_str()
      ->check(number(0, 1'000'000, true));
  app.add_option("--val_ratio,--val-ratio", a.val_ratio, "share of the windows for validation")
      ->capture_default_str()
      ->check(number(0, 1));
  app.add_option("--num_workers,--num-workers", a.num_workers, "loader threads; 0 loads in the main thread")
      ->capture_default_str()
      ->check(integer(0, 256));
  app.add_option("--device", a.device, "auto, cpu or cuda")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  app.add_option("--seed", a.seed, "seed of the split, the weights, the sampling and the dropout")
      ->capture_default_str()
      ->check(integer(0, UINT32_MAX));
  app.add_option("--save", a.save, "the PyTorch file to write")->capture_default_str();
  app.add_option("--split", a.split, "window: by window, as the original; video: no video on both sides")
      ->capture_default_str()
      ->check(CLI::IsMember({"window", "video"}));
  app.add_option("--augment", a.augment, "pose: mirror, turn, scale and stretch training windows at random")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "pose"}));
}

/// The windows of each side, as numbers in the whole set.
struct sides {
  std::vector<std::int64_t> train, validation, test;
};

sides split_windows(const behaviour::window_set& set, const arguments& a) {
  const auto held = behaviour::hold_out(set);
  tl::data::split s;
  if (a.split == "video") {
    if (set.group.empty())
      throw tl::value_error(
          "--split video: the video of each window is unknown; add window_video to meta.json or groups.npy");
    std::vector<std::int64_t> groups;
    for (std::int64_t i : held.rest) groups.push_back(set.group[static_cast<std::size_t>(i)]);
    s = tl::data::group_split(groups, a.val_ratio, a.seed);
  } else {
    s = tl::data::random_split(static_cast<std::int64_t>(held.rest.size()), a.val_ratio, a.seed);
  }
  const auto numbers = [&](const std::vector<std::int64_t>& positions) {
    std::vector<std::int64_t> out;
    for (std::int64_t p : positions) out.push_back(held.rest[static_cast<std::size_t>(p)]);
    return out;
  };
  sides result{numbers(s.train), numbers(s.validation), held.held_out};
  if (result.train.empty() || result.validation.empty())
    throw tl::value_error(tl::concat("--val_ratio ", a.val_ratio, ": the split leaves ", result.train.size(),
                                     " windows for training and ", result.validation.size(),
                                     " for validation; both need some"));
  return result;
}

/// Windows of the training side: as they are, or changed at random each time they are drawn.
struct training_window {
  std::optional<behaviour::augment_pose> change;

  behaviour::augment_pose::sample operator()(const behaviour::augment_pose::sample& s,
                                             const tl::random::stream& rng) const {
    return change ? (*change)(s, rng) : s;
  }
};

training_window augmentation(const behaviour::window_set& set, const arguments& a) {
  if (a.augment == "none") return {};
  if (set.joints.empty())
    throw tl::value_error("--augment pose: the joints are unknown; add their names as \"joints\" to meta.json");
  return {behaviour::augment_pose(set.joints)};
}

template <tl::backend B>
int train_model(const arguments& a, const behaviour::window_set& set) {
  const sides part = split_windows(set, a);
  const training_window change = augmentation(set, a);
  const auto known = [&] {
    auto both = part.train;
    both.insert(both.end(), part.validation.begin(), part.validation.end());
    return both;
  }();
  std::printf("device %s; windows %zu train, %zu validation, %zu test; T %lld, F %lld, C %lld\n", B::name,
              part.train.size(), part.validation.size(), part.test.size(), static_cast<long long>(set.x.dim(1)),
              static_cast<long long>(set.features()), static_cast<long long>(set.classes()));

  const tl::random::stream rng(a.seed);
  auto model = tl::models::behaviour_lstm<float, B>::init({.features = set.features(), .classes = set.classes()}, rng);
  tl::nn::seed_streams(model, rng.split(1));
  tl::optim::adamw optimiser{model, {.lr = a.lr}};
  const auto weights = behaviour::positive_weights(set, known);
  const auto pos_weight = tl::tensor<float, B>::from(weights, {set.classes()});
  const auto loss_of = [&](const auto& logits, const auto& y) {
    return tl::loss::bce_with_logits(logits, y, {.pos_weight = pos_weight});
  };

  const tl::data::tensor_dataset windows{set.x, set.y};
  const tl::data::loader_options loading{.batch = a.batch, .workers = a.num_workers, .seed = a.seed};
  tl::data::loader training{tl::data::map(tl::data::subset{windows, part.train}, change),
                            tl::data::weighted{behaviour::sampling_weights(set, part.train, a.sampler_pos_boost),
                                               static_cast<std::int64_t>(part.train.size()), a.seed},
                            loading, tl::data::stack<B>{}};
  const auto evaluate = [&](const std::vector<std::int64_t>& side) {
    tl::nn::eval(model);
    return behaviour::predict<B>(model, windows, side, a.batch, loss_of);
  };

  behaviour::checkpoint best{{}, set.meta, {}};
  std::vector<double> thresholds;
  train::after_epoch validate([&](train::status& s) {
    const auto e = evaluate(part.validation);
    thresholds = behaviour::best_thresholds(e.said);
    s.metrics.set("val_loss", e.loss);
  });
  train::best_weights keep{model, {.on_improvement = [&](const auto& state, const train::status&) {
                             best.state = state;
                             best.thresholds = thresholds;
                             behaviour::save_checkpoint(a.save, best);
                           }}};
  train::after_epoch show([&](const train::status&) {
    std::printf("  thresholds");
    for (double t : thresholds) std::printf(" %.2f", t);
    std::puts("");
  });
  train::fit(
      model, optimiser, training, {.epochs = a.epochs},
      [&](const auto& x, const auto& y) { return loss_of(model(x), y); }, validate, keep, train::progress{}, show);

  keep.restore();
  std::printf("\nvalidation, epoch %lld with the lowest loss (%.4f)\n%s", static_cast<long long>(keep.best_epoch()),
              *keep.best(),
              behaviour::report_table(evaluate(part.validation).said, set.events, best.thresholds).c_str());
  if (!part.test.empty())
    std::printf("\ntest, %zu windows of the held out videos\n%s", part.test.size(),
                behaviour::report_table(evaluate(part.test).said, set.events, best.thresholds).c_str());
  std::printf("\nsaved %s\n", a.save.c_str());
  return 0;
}

int run(const arguments& a) {
  if (a.data_dir.empty() && !a.synthetic)
    throw tl::value_error(
        "--data_dir is required: a folder with X.npy, Y.npy and meta.json (or --synthetic to try the program)");
  behaviour::require_writable(a.save);
  return tl::with_device(a.device, [&]<tl::backend B>() {
    if (a.synthetic) std::puts("training on synthetic windows");
    return train_model<B>(a, a.synthetic ? behaviour::synthetic_windows() : behaviour::load_window_set(a.data_dir));
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Trains a network that finds several labels in windows of poses."};
  arguments a;
  add_options(app, a);
  try {
    app.parse(argc, argv);
    return run(a);
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "train_lstm_model: %s\n", e.what());
    return 2;
  }
}
