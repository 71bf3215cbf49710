#include <tensorlab/backend/simt/kernel/recurrent.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

namespace {

/// Runs one product in one group.
template <class T>
struct product_body {
  kernel::row_product<T> product;
  bool accumulate;
  T* y;
  const T* a;
  int rows;

  template <class G>
  void operator()(G& g) const {
    if (g.index() > 0) return;
    product.add_to(g, accumulate, y, product.columns + 1, a, product.terms, rows);
  }
};

/// Counts how often each unit of a row is led.
struct counting_walk {
  int* rows_of;

  template <class G>
  void take(G& g, std::int64_t first, int rows) const {
    kernel::for_units_of_rows(g, first, rows, 3, [&](std::int64_t n, std::int64_t j) { ++rows_of[n * 3 + j]; });
  }
};

}  // namespace

TEST_CASE("simt: rows times a matrix, for any split of terms and columns among lanes", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    for (const int terms : {0, 1, 3, 40})
      for (const int columns : {1, 2, 3, 5, 9})
        for (const int rows : {1, kernel::walk_rows})
          for (const bool accumulate : {false, true}) {
            INFO("terms " << terms << ", columns " << columns << ", rows " << rows << ", lanes " << L::lanes);
            const auto at = [](int n) { return static_cast<std::size_t>(n); };
            std::vector<double> b(at(terms * columns)), a(at(terms * rows)), y(at((columns + 1) * rows), 100);
            for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<double>(i % 7) - 3;
            for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<double>(i % 5) - 1;
            const kernel::row_product<double> product{b.data(), columns, terms, columns, false};
            L::run("product", y.data(), 2, product_body<double>{product, accumulate, y.data(), a.data(), rows});
            for (int r = 0; r < rows; ++r) {
              for (int c = 0; c < columns; ++c) {
                double sum = accumulate ? 100 : 0;
                for (int k = 0; k < terms; ++k) sum += a[at(r * terms + k)] * b[at(k * columns + c)];
                REQUIRE(y[at(r * (columns + 1) + c)] == sum);
              }
              REQUIRE(y[at(r * (columns + 1) + columns)] == 100);
            }
          }
  });
}

TEST_CASE("simt: the rows of a product are rounded to bf16 where that is asked for", "[backend][simt]") {
  const float a[] = {1 + 1.0f / 512, 1}, b[] = {1, 2};  // a[0] is a tie, which goes to 1
  test::with_launchers([&]<class L>() {
    for (const bool rounded : {false, true}) {
      float y[2] = {};
      L::run("product", y, 1, product_body<float>{{b, 1, 2, 1, rounded}, false, y, a, 1});
      REQUIRE(y[0] == (rounded ? 3 : 3 + 1.0f / 512));
    }
  });
}

TEST_CASE("simt: every row of a batch is led by one group, in each of the walks", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    for (const std::int64_t batch : {1, 2, 7, 12})
      for (const int count : {1, 2}) {
        std::vector<int> a(static_cast<std::size_t>(3 * batch)), b(a);
        const kernel::walks_body<counting_walk> body{{{a.data()}, {b.data()}}, count, batch};
        REQUIRE(body.tiles() == (batch + kernel::walk_rows - 1) / kernel::walk_rows);
        L::run("walk", a.data(), count * body.tiles(), body);
        REQUIRE(a == std::vector<int>(a.size(), 1));
        REQUIRE(b == std::vector<int>(b.size(), count - 1));
      }
  });
}

TEST_CASE("simt: a step of the whole batch calls the cell for each unit", "[backend][simt]") {
  struct counting_cell {
    int* units;
    void operator()(std::int64_t t, std::int64_t n, std::int64_t j) const { units[n * 5 + j] += static_cast<int>(t); }
  };
  test::with_launchers([]<class L>() {
    std::vector<int> units(15);
    L::run("step", units.data(), 4, kernel::walk_step_body<counting_cell>{{units.data()}, 7, 3, 5});
    REQUIRE(units == std::vector<int>(15, 7));
  });
}

TEST_CASE("simt: a mask without data holds everywhere", "[backend][simt]") {
  const bool steps[] = {true, false, false, true};
  REQUIRE(kernel::walk_mask{nullptr, 0, 0}(3, 4));
  const kernel::walk_mask mask{steps, 1, 2};
  REQUIRE(mask(0, 0));
  REQUIRE_FALSE(mask(1, 0));
  REQUIRE(mask(1, 1));
}
