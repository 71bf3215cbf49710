// Runs workloads on request, a line each on standard input, so that a peer's runs can be set between them:
//   list                  names, one a line, then an empty line
//   save NAME PATH        writes the workload's operands as safetensors
//   losses NAME COUNT     losses of training steps, one after the other
//   time NAME SECONDS     median microseconds of a run, and how many were timed
//   peak NAME             KiB by which the program's memory grows above its operands during five runs
//   profile NAME SECONDS [PATH]
//                         a table of where a run's time goes, then an empty line; its trace is written to PATH
//   ratio NAME BASE ROUNDS SECONDS
//                         median microseconds of a run of each, timed in turns, and the median of BASE's over NAME's
//   sgemm                 GFLOP/s of the machine's matrix product
//   information           versions and threads

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include <tensorlab/io/safetensors.hpp>
#include <tensorlab/ops/linalg.hpp>
#include <tensorlab/train/step_profile.hpp>

#include "compare/workload.hpp"

namespace {

using namespace compare;
using seconds = std::chrono::duration<double>;
using clock_type = std::chrono::steady_clock;

struct timing {
  double median;  // seconds
  std::size_t runs;
};

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The median of the runs that fit into `budget`, at least five; short runs are timed several at a time.
timing time_of(const std::function<void()>& run, double budget) {
  const auto once = [&](int times) {
    const auto start = clock_type::now();
    for (int i = 0; i < times; ++i) run();
    return seconds(clock_type::now() - start).count() / times;
  };
  once(3);
  const int batch = static_cast<int>(std::clamp(20e-6 / once(1), 1.0, 1000.0));
  std::vector<double> all;
  double spent = 0;
  while (all.size() < 5 || spent < budget) {
    all.push_back(once(batch));
    spent += all.back() * batch;
  }
  return {median(all), all.size() * static_cast<std::size_t>(batch)};
}

/// Profiles the faster half of the runs that fit into `budget`, at least five after as many that warm up; saves a trace
/// unless `path` is empty.
std::string profile_of(const std::function<void()>& run, double budget, const std::string& path) {
  tl::train::step_profile<> profile({.warm_up = 5, .fastest = 0.5});
  const auto start = clock_type::now();
  while (profile.steps() < 5 || seconds(clock_type::now() - start).count() < budget) {
    const auto step = profile.measure();
    run();
  }
  if (!path.empty()) profile.save_trace(path);
  return profile.table();
}

/// A line of what the system says of this program's memory, in KiB.
long memory_line(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return std::stol(line.substr(key.size()));
  throw tl::value_error("no " + key + " in /proc/self/status");
}

/// How much more memory than before is in use at worst while `run` is called, in KiB.
long peak_of(const std::function<void()>& run) {
  const long before = memory_line("VmRSS:");
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak starts again from here
  for (int i = 0; i < 5; ++i) run();
  return memory_line("VmHWM:") - before;
}

double sgemm_rate() {
  constexpr std::int64_t n = 1024;
  const tl::random::stream rng(1);
  const auto a = tensor::uniform({n, n}, rng), b = tensor::uniform({n, n}, rng);
  const tl::no_grad untracked;
  const timing t = time_of([&] { tl::matmul(a, b); }, 0.5);
  return 2.0 * n * n * n / t.median * 1e-9;
}

class server {
 public:
  server() {
    add_recurrent(makers_);
    add_dense(makers_);
    add_pointwise(makers_);
    add_convolutional(makers_);
  }

  void answer(const std::string& line) {
    std::istringstream words(line);
    std::string command, name;
    words >> command >> name;
    if (command == "list") {
      for (const auto& [known, make] : makers_) std::printf("%s\n", known.c_str());
      std::puts("");
    } else if (command == "save") {
      std::string path;
      words >> path;
      tl::io::save_safetensors(path, {find(name).operands, {}});
      std::puts("saved");
    } else if (command == "losses") {
      int count = 0;
      words >> count;
      workload& w = find(name);
      for (int i = 0; i < count && w.train; ++i) std::printf("%.9g ", w.train());
      std::puts("");
    } else if (command == "time") {
      double budget = 0;
      words >> budget;
      const timing t = time_of(find(name).run, budget);
      std::printf("%.4f %zu\n", t.median * 1e6, t.runs);
    } else if (command == "peak") {
      std::printf("%ld\n", peak_of(find(name).run));
    } else if (command == "profile") {
      double budget = 0;
      std::string path;
      words >> budget >> std::ws;
      std::getline(words, path);
      std::puts(profile_of(find(name).run, budget, path).c_str());
    } else if (command == "ratio") {
      std::string base;
      int rounds = 0;
      double budget = 0;
      words >> base >> rounds >> budget;
      ratio(made(name), made(base), rounds, budget);
    } else if (command == "sgemm") {
      std::printf("%.1f\n", sgemm_rate());
    } else if (command == "information") {
      std::printf("%s, %d threads\n", __VERSION__, tl::detail::available_threads());
    } else {
      throw tl::value_error("unknown command: " + line);
    }
    std::fflush(stdout);
  }

 private:
  workload made(const std::string& name) const {
    const auto at = std::find_if(makers_.begin(), makers_.end(), [&](const auto& m) { return m.first == name; });
    if (at == makers_.end()) throw tl::value_error("no workload of this name: " + name);
    workload w = at->second();
    w.name = name;
    return w;
  }
  workload& find(const std::string& name) {
    if (current_.name == name) return current_;
    current_ = {};
    return current_ = made(name);
  }

  static void ratio(const workload& one, const workload& base, int rounds, double budget) {
    std::vector<double> times, base_times, ratios;
    for (int i = 0; i < (std::max)(rounds, 1); ++i) {
      base_times.push_back(time_of(base.run, budget).median);
      times.push_back(time_of(one.run, budget).median);
      ratios.push_back(base_times.back() / times.back());
    }
    std::printf("%.4f %.4f %.3f\n", median(times) * 1e6, median(base_times) * 1e6, median(ratios));
  }

  list makers_;
  workload current_;
};

}  // namespace

int main() {
  try {
    server s;
    for (std::string line; std::getline(std::cin, line);) s.answer(line);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "benchmark_compare: %s\n", e.what());
    return 2;
  }
}
