#include <tensorlab/backend/cpu/plan.hpp>

#include "support/backend.hpp"

namespace {

using tl::detail::loop_operand;
using tl::detail::loop_plan;

loop_plan plan_of(const tl::shape& s, std::initializer_list<tl::strides> steps, bool keep_order = false) {
  loop_operand operands[loop_plan::max_operands];
  int count = 0;
  for (const tl::strides& st : steps) operands[count++] = {nullptr, &st, 4};
  return loop_plan(s, operands, count, keep_order);
}

}  // namespace

TEST_CASE("dense operands of one layout make a single row", "[cpu]") {
  const tl::shape s{2, 3, 4, 5};
  const auto plan = plan_of(s, {tl::channels_last(s), tl::channels_last(s)});
  REQUIRE(plan.rows == 1);
  REQUIRE(plan.inner == 120);
  REQUIRE(plan.step[0] == 4);
}

TEST_CASE("extents of one do not count, whatever their strides", "[cpu]") {
  const auto plan = plan_of({1, 6, 1, 7}, {{99, 7, 3, 1}, {0, 7, 0, 1}});
  REQUIRE(plan.rows == 1);
  REQUIRE(plan.inner == 42);
}

TEST_CASE("a broadcast operand keeps its dimension apart", "[cpu]") {
  const auto plan = plan_of({5, 6, 7}, {{42, 7, 1}, {0, 0, 1}});
  REQUIRE(plan.inner == 7);
  REQUIRE(plan.rows == 30);
  REQUIRE(plan.outer == 1);
  REQUIRE(plan.stride[0][1] == 0);
}

TEST_CASE("loops follow the output's memory order, or row-major order where it is asked for", "[cpu]") {
  const auto by_output = plan_of({3, 4}, {{1, 3}, {4, 1}});
  REQUIRE(by_output.inner == 3);
  REQUIRE(by_output.step[0] == 4);
  REQUIRE(by_output.step[1] == 16);
  const auto kept = plan_of({3, 4}, {{1, 3}, {4, 1}}, true);
  REQUIRE(kept.inner == 4);
}

TEST_CASE("an empty shape has no elements and a scalar has one", "[cpu]") {
  REQUIRE(plan_of({3, 0, 2}, {{0, 2, 1}}).size() == 0);
  REQUIRE(plan_of({}, {{}}).size() == 1);
}

TEST_CASE("any split of a plan visits every element once", "[cpu]") {
  const tl::shape s{3, 5, 7};
  const tl::strides st{80, 10, 1};
  std::vector<std::int32_t> seen(400, 0);
  const loop_operand operands[] = {{reinterpret_cast<char*>(seen.data()), &st, 4}};
  const loop_plan plan(s, operands, 1);
  const auto row = [](const void*, char* const* data, const std::int64_t* steps, std::int64_t first, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i)
      *reinterpret_cast<std::int32_t*>(data[0] + i * steps[0]) += static_cast<std::int32_t>(1000 + first + i);
  };
  for (std::int64_t begin = 0; begin < plan.size(); begin += 11)
    tl::detail::run_rows(plan, plan.data, nullptr, row, begin, (std::min)(begin + 11, plan.size()));
  std::int32_t number = 0;
  for (std::int64_t i = 0; i < 3; ++i)
    for (std::int64_t j = 0; j < 5; ++j)
      for (std::int64_t k = 0; k < 7; ++k) {
        auto& at = seen[static_cast<std::size_t>(i * 80 + j * 10 + k)];
        REQUIRE(at == 1000 + number++);
        at = 0;
      }
  REQUIRE(seen == std::vector<std::int32_t>(400, 0));
}
