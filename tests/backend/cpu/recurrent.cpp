#include <tensorlab/backend/cpu/recurrent.hpp>

#include <numeric>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace detail = tl::detail;

namespace {

/// Units by terms, numbered; element (j, k) at [j * unit + k * term].
template <class T>
void check_strips(std::int64_t units, std::int64_t terms, std::int64_t unit, std::int64_t term, std::int64_t rows) {
  INFO("units " << units << ", terms " << terms << ", strides " << unit << " " << term << ", rows " << rows);
  constexpr std::int64_t width = detail::pack<T>::size;
  std::vector<T> w(static_cast<std::size_t>((units - 1) * unit + (terms - 1) * term + 1));
  std::iota(w.begin(), w.end(), T(1));
  const detail::weight_strips<T> strips(w.data(), unit, term, units, terms, rows);
  REQUIRE(strips.terms() == terms);
  for (std::int64_t j = 0; j < (units + width - 1) / width * width; ++j)
    for (std::int64_t k = 0; k < terms; ++k) {
      const T expected = j < units ? w[static_cast<std::size_t>(j * unit + k * term)] : T(0);
      REQUIRE(strips.at(j / width)[k * strips.step() + j % width] == expected);
    }
}

}  // namespace

TEMPLATE_TEST_CASE("strips hold the weights in any layout, and zeros beyond them", "[cpu]", float, double) {
  constexpr std::int64_t width = detail::pack<TestType>::size;
  for (const std::int64_t units : {std::int64_t{1}, width - 1, width, width + 1, 2 * width})
    for (const std::int64_t terms : {std::int64_t{1}, width, 2 * width + 3})
      for (const std::int64_t rows : {1, 8}) {
        check_strips<TestType>(units, terms, terms, 1, rows);
        check_strips<TestType>(units, terms, 1, units, rows);
        check_strips<TestType>(units, terms, 2 * terms, 2, rows);
      }
}

TEST_CASE("tiles of rows cover a range once, in order", "[cpu]") {
  for (const std::int64_t end : {3, 4, 17, 40}) {
    std::vector<std::int64_t> seen;
    detail::for_row_tiles<6>(3, end, [&]<int Rows>(std::int64_t row) {
      for (int r = 0; r < Rows; ++r) seen.push_back(row + r);
    });
    std::vector<std::int64_t> expected(static_cast<std::size_t>(end - 3));
    std::iota(expected.begin(), expected.end(), 3);
    REQUIRE(seen == expected);
  }
}

TEST_CASE("lanes are read and written by their number and step, and the others repeat the first", "[cpu]") {
  constexpr int width = detail::pack<float>::size;
  std::vector<float> from(2 * width);
  std::iota(from.begin(), from.end(), 1.0f);
  std::vector<float> to(width, -1.0f);
  detail::store_lanes(detail::load_lanes(from.data(), 3, 2), to.data(), 4);
  REQUIRE(std::vector<float>(to.begin(), to.begin() + 4) == std::vector<float>{1, 3, 5, 1});
  if (width > 4) REQUIRE(to[4] == -1.0f);
  detail::store_lanes(detail::load_lanes(from.data(), width + 5), to.data(), width);
  REQUIRE(to == std::vector<float>(from.begin(), from.begin() + width));
}
