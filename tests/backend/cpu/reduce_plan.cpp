#include <tensorlab/backend/cpu/reduce_plan.hpp>

#include <atomic>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace detail = tl::detail;

namespace {

/// Integer sums that count how often each way of reducing is taken.
struct counts {
  std::atomic<int> lines{0}, along{0}, across{0}, combined{0};
};

const std::int64_t& element(const char* p) { return *reinterpret_cast<const std::int64_t*>(p); }
std::int64_t& element(char* p) { return *reinterpret_cast<std::int64_t*>(p); }
counts& seen(const void* rule) { return *static_cast<counts*>(const_cast<void*>(rule)); }

detail::reducer counting(counts& c) {
  return {&c,
          8,
          [](const void*, char* to, std::int64_t n) {
            for (std::int64_t i = 0; i < n; ++i) element(to + 8 * i) = 0;
          },
          [](const void* rule, char* to, char* const* data, const std::int64_t* steps, std::int64_t n) {
            ++seen(rule).along;
            for (std::int64_t i = 0; i < n; ++i) element(to) += element(data[0] + i * steps[0]);
          },
          [](const void* rule, char* to, char* const* data, const std::int64_t* steps, std::int64_t n,
             const std::int64_t* row_steps, std::int64_t rows) {
            ++seen(rule).across;
            for (std::int64_t r = 0; r < rows; ++r)
              for (std::int64_t i = 0; i < n; ++i)
                element(to + 8 * i) += element(data[0] + r * row_steps[0] + i * steps[0]);
          },
          [](const void* rule, char* to, const char* from, std::int64_t n) {
            ++seen(rule).combined;
            for (std::int64_t i = 0; i < n; ++i) element(to + 8 * i) += element(from + 8 * i);
          },
          [](const void*, char* y, std::int64_t step, const char* from, std::int64_t n) {
            for (std::int64_t i = 0; i < n; ++i) element(y + i * step) = element(from + 8 * i);
          },
          [](const void* rule, char* const* data, const std::int64_t* steps, std::int64_t count,
             const std::int64_t* along, std::int64_t n) {
            ++seen(rule).lines;
            for (std::int64_t l = 0; l < count; ++l) {
              std::int64_t& to = element(data[0] + l * steps[0]);
              to = 0;
              for (std::int64_t i = 0; i < n; ++i) to += element(data[1] + l * steps[1] + i * along[0]);
            }
          }};
}

/// Sums x [rows, columns], whose element i is i, over one axis and checks the result against the formula.
void check(std::int64_t rows, std::int64_t columns, bool over_rows, counts& c) {
  INFO(rows << " x " << columns << ", over rows " << over_rows);
  std::vector<std::int64_t> x(static_cast<std::size_t>(rows * columns));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::int64_t>(i);
  const std::int64_t kept = over_rows ? columns : rows, terms = over_rows ? rows : columns;
  std::vector<std::int64_t> y(static_cast<std::size_t>(kept), -1);
  const tl::shape s{rows, columns};
  const tl::strides ys = over_rows ? tl::strides{0, 1} : tl::strides{1, 0}, xs{columns, 1};
  const detail::loop_operand operands[] = {{reinterpret_cast<char*>(y.data()), &ys, 8},
                                           {reinterpret_cast<char*>(x.data()), &xs, 8}};
  detail::reduce_plan(s, operands, 2).run(counting(c));
  for (std::int64_t k = 0; k < kept; ++k) {
    const std::int64_t first = over_rows ? k : k * columns, step = over_rows ? columns : 1;
    REQUIRE(y[static_cast<std::size_t>(k)] == terms * first + step * terms * (terms - 1) / 2);
  }
}

}  // namespace

TEST_CASE("long rows are reduced along, neighbouring outputs across", "[cpu]") {
  counts along, across;
  check(3, 1000, false, along);
  REQUIRE((along.lines > 0 && along.across == 0));
  check(1000, 300, true, across);  // more columns than a tile
  REQUIRE((across.across > 0 && across.lines + across.along == 0));
}

TEST_CASE("a long reduction is cut into chunks by its shape alone", "[cpu]") {
  counts one, several;
  check(1, detail::reduce_plan::chunk_elements, false, one);
  REQUIRE(one.combined == 0);
  check(2, 3 * detail::reduce_plan::chunk_elements + 5, false, several);
  REQUIRE(several.lines == 0);
  REQUIRE(several.combined == 6);  // three more chunks for each of two outputs
  counts columns;
  check(70000, 3, true, columns);
  REQUIRE(columns.combined > 0);
}

TEST_CASE("nothing to reduce gives the rule's first value, no outputs nothing", "[cpu]") {
  counts c;
  check(4, 0, false, c);
  check(0, 4, false, c);
  REQUIRE((c.lines == 0 && c.along == 0 && c.across == 0));
}
