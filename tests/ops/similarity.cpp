#include <tensorlab/ops/similarity.hpp>

#include <tensorlab/autograd/gradcheck.hpp>

#include "support/backend.hpp"

using T = tl::tensor<double, B>;

TEST_CASE("cosine similarity is the cosine of the angle", "[ops]") {
  const auto a = T::from({3, 4, 1, 0}, {2, 2}), b = T::from({4, 3, 0, 2}, {2, 2});
  test::require_values(tl::cosine_similarity(a, b), {24.0 / 25, 0});
  test::require_values(tl::cosine_similarity(a, -a), {-1, -1});
}

TEST_CASE("cosine similarity broadcasts and reduces the axis asked for", "[ops]") {
  const auto a = T::from({3, 1, 4, 0}, {2, 2}), b = T::from({1, 0}, {2, 1});
  // columns (3, 4) and (1, 0) against (1, 0)
  test::require_values(tl::cosine_similarity(a, b, 0), {0.6, 1});
}

TEST_CASE("cosine similarity of a zero vector is 0", "[ops]") {
  test::require_values(tl::cosine_similarity(T::zeros({1, 3}), T::ones({1, 3})), {0});
}

TEST_CASE("cosine similarity on B is the reference's", "[ops]") {
  const auto a = test::uniform<float>({4, 5}, 1), b = test::uniform<float>({4, 5}, 2);
  test::require_close(tl::cosine_similarity(a, b), tl::cosine_similarity(test::on_reference(a), test::on_reference(b)));
}

TEST_CASE("cosine similarity has the right gradient", "[ops]") {
  const auto f = [](const std::vector<T>& x) { return tl::cosine_similarity(x[0], x[1]); };
  const std::vector<T> x{test::uniform<double>({2, 3}, 3), test::uniform<double>({2, 3}, 4)};
  const auto r = tl::gradcheck(f, x);
  INFO(r.message);
  REQUIRE(r);
  REQUIRE(tl::gradcheck_twice(f, x));
}

TEST_CASE("cosine similarity refuses shapes that do not fit", "[ops]") {
  REQUIRE_THROWS_AS(tl::cosine_similarity(T::zeros({2, 3}), T::zeros({2, 4})), tl::shape_error);
}
