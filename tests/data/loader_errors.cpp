#include <tensorlab/data/loader.hpp>

#include <stdexcept>

#include <tensorlab/backend/reference.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using B = tl::reference;

namespace {

/// Sample `bad` throws `Exception("broken")`.
template <class Exception>
struct failing {
  std::int64_t bad;
  std::int64_t size() const { return 30; }
  std::int64_t get(std::int64_t i) const {
    if (i == bad) throw Exception("broken");
    return i;
  }
};

struct special : std::runtime_error {
  explicit special(const char* what) : std::runtime_error(what) {}
  int code = 7;
};

/// Runs a loop until its exception; the batches that came before it are counted in `seen`.
template <class Samples>
void run(Samples samples, int workers, int& seen) {
  tl::data::loader loader{std::move(samples),
                          tl::data::sequential{},
                          {.batch = 4, .workers = workers, .prefetch = 5},
                          tl::data::stack<B>{}};
  seen = 0;
  for ([[maybe_unused]] auto&& y : loader) ++seen;
}

template <class Exception>
void arrives(int workers) {
  int seen = 0;
  REQUIRE_THROWS_AS(run(failing<Exception>{17}, workers, seen), Exception);
  REQUIRE(seen == 4);
  REQUIRE_THROWS_WITH(run(failing<Exception>{17}, workers, seen), "loader: sample 17: broken");
}

}  // namespace

TEST_CASE("an exception arrives with its type, the sample's index and in its place", "[data][loader]") {
  for (int workers : {0, 1, 3}) {
    arrives<tl::format_error>(workers);
    arrives<tl::shape_error>(workers);
    arrives<tl::file_error>(workers);
    arrives<tl::error>(workers);
    arrives<std::runtime_error>(workers);
    arrives<std::out_of_range>(workers);
  }
}

TEST_CASE("an exception of a type of one's own comes nested in an error", "[data][loader]") {
  for (int workers : {0, 2}) {
    int seen = 0;
    try {
      run(failing<special>{0}, workers, seen);
      FAIL("nothing was thrown");
    } catch (const tl::error& e) {
      REQUIRE(std::string(e.what()) == "loader: sample 0: broken");
      try {
        std::rethrow_if_nested(e);
        FAIL("nothing was nested");
      } catch (const special& original) {
        REQUIRE(original.code == 7);
      }
    }
  }
}

TEST_CASE("samples of different shapes name the batch and the shapes", "[data][loader]") {
  const auto ragged = tl::data::map(tl::data::tensor_dataset{tl::tensor<std::int64_t, B>::arange(6)},
                                    [](const auto& i) { return tl::tensor<float, B>::ones({i.item() == 3 ? 2 : 5}); });
  for (int workers : {0, 2}) {
    int seen = 0;
    REQUIRE_THROWS_AS(run(ragged, workers, seen), tl::shape_error);
    REQUIRE_THROWS_WITH(
        run(ragged, workers, seen),
        "loader: batch 0: collate: shapes of the samples differ: sample 0 of the batch [5], sample 3 [2]");
  }
}

TEST_CASE("a sampler that does not fit the data set is an error", "[data][loader]") {
  const tl::data::tensor_dataset samples{tl::tensor<float, B>::ones({6, 3})};
  tl::data::loader loader{samples, tl::data::weighted{std::vector<double>{1, 1}, 4, 0}, {}};
  REQUIRE_THROWS_WITH(loader.begin(), "weighted: 2 weights for a data set of 6 samples");
  struct outside {
    std::int64_t size(std::int64_t) const { return 1; }
    std::vector<std::int64_t> order(std::int64_t, std::int64_t) const { return {6}; }
  };
  tl::data::loader wrong{samples, outside{}, {}};
  REQUIRE_THROWS_WITH(wrong.begin(), "loader: the sampler asks for sample 6 of a data set of 6");
}
