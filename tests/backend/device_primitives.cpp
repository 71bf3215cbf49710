#include <tensorlab/backend/device_primitives.hpp>

#include <tensorlab/backend/simt.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;

namespace {

/// Runs its calls instead of keeping what they queue.
struct plain_graph : tl::graph {
  void record(const tl::device_calls& calls) override { calls(); }
  void launch() override { ++launches; }
  static inline int launches = 0;
};
std::unique_ptr<tl::graph> make_plain(const void*) { return std::make_unique<plain_graph>(); }

struct graphed : tl::device_primitives<tl::simt_kernel::primitives, &make_plain> {};

}  // namespace

TEST_CASE("primitives act at once, and in a recording also in its replays", "[backend]") {
  double y[2] = {}, x[2] = {1, 2}, total = 0;
  const tl::view<double> to{y, {2}, {1}}, sum{&total, {2}, {0}};
  const tl::view<const double> from{x, {2}, {1}}, in = to;
  tl::capture c;
  {
    const tl::capture::scope here(&c);
    tl::simt::map(tl::rule::neg{}, to, from);
    tl::simt::reduce(tl::rule::sum{}, sum, in);
  }
  REQUIRE(total == -3);
  x[0] = 5;
  REQUIRE(total == -3);
  c.replay();
  REQUIRE(total == -7);
  REQUIRE(c.graphs() == 0);
  tl::simt::map(tl::rule::square{}, to, from);
  REQUIRE(y[0] == 25);
  REQUIRE(c.actions() == 2);
}

TEST_CASE("primitives of a backend with graphs are parts of one", "[backend]") {
  double y[2] = {}, x[2] = {1, 2};
  const tl::view<double> to{y, {2}, {1}};
  const tl::view<const double> from{x, {2}, {1}};
  const std::int64_t drawn[] = {5, 0};
  tl::capture c;
  {
    const tl::capture::scope here(&c);
    graphed::map(tl::rule::neg{}, to, from);
    graphed::generate(tl::rule::iota<double>{3, 1}, to);
    graphed::generate(tl::rule::drop<tl::rule::copy, double>{{drawn, 1, 1}}, to, from);
    tl::update_batch<tl::rule::sgd, double> batch;
    graphed::update(batch);
    batch.add({{}, 2, y, x, {}});
    graphed::update(batch);
  }
  c.replay();
  REQUIRE(c.graphs() == 1);
  REQUIRE(plain_graph::launches == 0);
  c.replay();
  REQUIRE(plain_graph::launches == 1);
}
