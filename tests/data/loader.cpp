#include <tensorlab/data/loader.hpp>

#include <atomic>
#include <chrono>
#include <numeric>
#include <set>
#include <thread>

#include <tensorlab/backend/reference.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using B = tl::reference;
using tl::data::loader_cursor;

namespace {

tl::data::tensor_dataset<tl::tensor<float, B>, tl::tensor<std::int64_t, B>> numbered(std::int64_t count) {
  return tl::data::tensor_dataset{
      tl::tensor<float, B>(tl::tensor<float, B>::arange(count * 2).array().restride({count, 2}, {2, 1})),
      tl::tensor<std::int64_t, B>::arange(count)};
}

template <class Loader>
std::vector<std::vector<std::int64_t>> epoch_of(Loader& loader) {
  std::vector<std::vector<std::int64_t>> out;
  for (auto&& [x, y] : loader) {
    REQUIRE(x.shape() == tl::shape{y.dim(0), 2});
    for (std::int64_t i = 0; i < y.dim(0); ++i)
      REQUIRE(x.span()[static_cast<std::size_t>(2 * i + 1)] ==
              static_cast<float>(2 * y.span()[static_cast<std::size_t>(i)] + 1));
    out.push_back(y.to_vector());
  }
  return out;
}

/// Samples that cost unequal time, so that workers finish out of order.
struct uneven {
  std::int64_t count;
  std::int64_t size() const { return count; }
  std::tuple<std::int64_t, double> get(std::int64_t i, const tl::random::stream& rng) const {
    std::this_thread::sleep_for(std::chrono::microseconds((i * 7919) % 300));
    return {i, rng.uniform()};
  }
};

template <class Loader>
std::vector<std::pair<std::int64_t, double>> draws_of(Loader& loader) {
  std::vector<std::pair<std::int64_t, double>> out;
  for (auto&& [i, u] : loader)
    for (std::size_t k = 0; k < i.span().size(); ++k) out.emplace_back(i.span()[k], u.span()[k]);
  return out;
}

using on_reference = tl::data::stack<B>;

}  // namespace

TEST_CASE("a loader walks every sample once in batches", "[data][loader]") {
  for (int workers : {0, 1, 3}) {
    tl::data::loader loader{numbered(10), tl::data::sequential{}, {.batch = 4, .workers = workers}};
    REQUIRE(loader.size() == 3);
    REQUIRE(epoch_of(loader) == std::vector<std::vector<std::int64_t>>{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9}});
  }
}

TEST_CASE("drop_last leaves the short batch out", "[data][loader]") {
  tl::data::loader loader{numbered(10), tl::data::sequential{}, {.batch = 4, .drop_last = true, .workers = 2}};
  REQUIRE(loader.size() == 2);
  REQUIRE(epoch_of(loader).size() == 2);
}

TEST_CASE("an empty data set has no batch", "[data][loader]") {
  for (int workers : {0, 2}) {
    tl::data::loader loader{numbered(0), tl::data::shuffled{1}, {.batch = 4, .workers = workers}};
    REQUIRE(epoch_of(loader).empty());
    REQUIRE(loader.cursor() == loader_cursor{1, 0});
  }
}

TEST_CASE("order and random numbers do not depend on workers or prefetch", "[data][loader]") {
  const auto run = [](int workers, int prefetch) {
    tl::data::loader loader{uneven{53},
                            tl::data::shuffled{5},
                            {.batch = 4, .workers = workers, .prefetch = prefetch, .seed = 9},
                            on_reference{}};
    auto first = draws_of(loader);
    const auto second = draws_of(loader);
    REQUIRE(first != second);
    first.insert(first.end(), second.begin(), second.end());
    return first;
  };
  const auto expected = run(0, 0);
  for (int workers : {1, 2, 4, 7})
    for (int prefetch : {0, 1, 3, 40}) REQUIRE(run(workers, prefetch) == expected);
}

TEST_CASE("a repeated sample sees other random numbers, the seed and the epoch change them", "[data][loader]") {
  const auto run = [](std::uint64_t seed, std::int64_t epoch) {
    tl::data::loader loader{
        uneven{3}, tl::data::weighted{std::vector<double>{0, 1, 0}, 4, 1}, {.batch = 4, .seed = seed}, on_reference{}};
    loader.set_epoch(epoch);
    std::set<double> numbers;
    for (const auto& [i, u] : draws_of(loader)) {
      REQUIRE(i == 1);
      numbers.insert(u);
    }
    REQUIRE(numbers.size() == 4);
    return numbers;
  };
  REQUIRE(run(1, 0) == run(1, 0));
  REQUIRE(run(1, 0) != run(2, 0));
  REQUIRE(run(1, 0) != run(1, 1));
}

TEST_CASE("epochs advance by themselves and can be chosen", "[data][loader]") {
  tl::data::loader loader{numbered(20), tl::data::shuffled{3}, {.batch = 5}};
  const auto e0 = epoch_of(loader), e1 = epoch_of(loader), e2 = epoch_of(loader);
  REQUIRE(e0 != e1);
  REQUIRE(e1 != e2);
  REQUIRE(loader.cursor() == loader_cursor{3, 0});
  loader.set_epoch(1);
  REQUIRE(epoch_of(loader) == e1);
  REQUIRE(epoch_of(loader) == e2);
}

TEST_CASE("a loop left early is followed by the next epoch", "[data][loader]") {
  for (int workers : {0, 3}) {
    tl::data::loader loader{numbered(20), tl::data::shuffled{3}, {.batch = 2, .workers = workers, .prefetch = 4}};
    for ([[maybe_unused]] auto&& batch : loader) break;
    REQUIRE(loader.cursor() == loader_cursor{0, 1});
    const auto next = epoch_of(loader);
    loader.set_epoch(1);
    REQUIRE(epoch_of(loader) == next);
  }
}

TEST_CASE("a restored cursor yields the rest of the uninterrupted run", "[data][loader]") {
  const tl::data::loader_options options{.batch = 3, .workers = 2};
  tl::data::loader whole{numbered(20), tl::data::shuffled{3}, options};
  auto expected = epoch_of(whole);
  const auto after = epoch_of(whole);
  for (std::int64_t stop = 1; stop <= whole.size(); ++stop) {
    tl::data::loader killed{numbered(20), tl::data::shuffled{3}, options};
    loader_cursor saved;
    for ([[maybe_unused]] auto&& batch : killed) {
      saved = killed.cursor();
      if (saved.batch == stop) break;
    }
    REQUIRE(saved == loader_cursor{0, stop});
    tl::data::loader resumed{numbered(20), tl::data::shuffled{3}, options};
    resumed.restore(saved);
    REQUIRE(epoch_of(resumed) == std::vector<std::vector<std::int64_t>>(
                                     expected.begin() + static_cast<std::ptrdiff_t>(stop), expected.end()));
    REQUIRE(epoch_of(resumed) == after);
  }
}

TEST_CASE("workers record no gradient, and the caller's mode is left alone", "[data][loader]") {
  for (int workers : {0, 2}) {
    auto leaf = tl::tensor<float, B>::ones({1}).requires_grad(true);
    std::atomic<int> recording{0};
    auto samples = tl::data::map(numbered(8), [&](const auto& s) {
      recording += tl::grad_enabled() ? 1 : 0;
      return std::get<0>(s);
    });
    tl::data::loader loader{samples, tl::data::sequential{}, {.batch = 2, .workers = workers}};
    for (auto&& x : loader) {
      REQUIRE(tl::grad_enabled());
      REQUIRE_FALSE(x.tracked());
    }
    REQUIRE(recording == 0);
  }
}

TEST_CASE("workers load ahead, but not further than prefetch", "[data][loader]") {
  std::atomic<std::int64_t> loaded{0};
  auto samples = tl::data::map(numbered(40), [&](const auto& s) {
    ++loaded;
    return std::get<1>(s);
  });
  tl::data::loader loader{samples, tl::data::sequential{}, {.batch = 2, .workers = 2, .prefetch = 3}};
  std::int64_t used = 0;
  for ([[maybe_unused]] auto&& y : loader) {
    ++used;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    REQUIRE(loaded <= 2 * (used + 3));
  }
  REQUIRE(loaded == 40);
}

TEST_CASE("samples of one worker or many reach another collate function", "[data][loader]") {
  const auto count = [](std::span<const std::tuple<tl::tensor<float, B>, tl::tensor<std::int64_t, B>>> s) {
    return static_cast<int>(s.size());
  };
  tl::data::loader loader{numbered(7), tl::data::sequential{}, {.batch = 3, .workers = 2}, count};
  std::vector<int> sizes;
  for (int n : loader) sizes.push_back(n);
  REQUIRE(sizes == std::vector<int>{3, 3, 1});
}

TEST_CASE("bad options are value errors", "[data][loader]") {
  const auto make = [](tl::data::loader_options o) { return tl::data::loader{numbered(3), tl::data::sequential{}, o}; };
  REQUIRE_THROWS_WITH(make({.batch = 0}), "loader: batch must be at least 1: 0");
  REQUIRE_THROWS_AS(make({.workers = -1}), tl::value_error);
  REQUIRE_THROWS_AS(make({.prefetch = -1}), tl::value_error);
  auto loader = make({});
  REQUIRE_THROWS_AS(loader.set_epoch(-1), tl::value_error);
}
