#include <tensorlab/io/eigen.hpp>

#include <tensorlab/backend/reference.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using B = tl::reference;
using floats = tl::tensor<float, B>;

namespace {

floats ramp(std::int64_t rows, std::int64_t columns) {
  return floats(floats::arange(rows * columns).array().restride({rows, columns}, {columns, 1}));
}
floats transposed(const floats& x) {
  return floats(x.array().restride({x.dim(1), x.dim(0)}, {x.strides()[1], x.strides()[0]}));
}

}  // namespace

TEST_CASE("as_eigen shows a tensor in place", "[io][eigen]") {
  const floats x = ramp(2, 3);
  const auto m = tl::io::as_eigen(x);
  REQUIRE(m.rows() == 2);
  REQUIRE(m.cols() == 3);
  REQUIRE(m.data() == x.array().data());
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) REQUIRE(m(i, j) == static_cast<float>(3 * i + j));
}

TEST_CASE("as_eigen follows strides", "[io][eigen]") {
  const floats x = ramp(2, 3);
  const floats t = transposed(x);
  REQUIRE(tl::io::as_eigen(t).data() == x.array().data());
  REQUIRE((tl::io::as_eigen(t) == tl::io::as_eigen(x).transpose()));
  const Eigen::MatrixXf product = tl::io::as_eigen(x) * tl::io::as_eigen(t);
  REQUIRE(product(0, 0) == 5.0f);   // 0 + 1 + 4
  REQUIRE(product(1, 0) == 14.0f);  // 0 + 4 + 10
  REQUIRE(product(1, 1) == 50.0f);  // 9 + 16 + 25
  const floats column(x.array().restride({2}, {3}, 1));
  REQUIRE((tl::io::as_eigen_vector(column) == Eigen::Vector2f(1, 4)));
  REQUIRE((tl::io::as_eigen(column) == Eigen::Vector2f(1, 4)));
  const floats repeated(x.array().restride({2, 3}, {0, 1}));
  REQUIRE((tl::io::as_eigen(repeated).row(1) == Eigen::RowVector3f(0, 1, 2)));
}

TEST_CASE("as_mutable_eigen writes and counts the write", "[io][eigen]") {
  floats x = ramp(2, 3);
  const auto before = x.array().storage()->version();
  tl::io::as_mutable_eigen(x).row(0).setConstant(9);
  REQUIRE(x.to_vector() == std::vector<float>{9, 9, 9, 3, 4, 5});
  REQUIRE(x.array().storage()->version() != before);
  floats v = floats::arange(3);
  tl::io::as_mutable_eigen_vector(v) *= 2;
  REQUIRE(v.to_vector() == std::vector<float>{0, 2, 4});
}

TEST_CASE("as_eigen: other ranks", "[io][eigen]") {
  REQUIRE_THROWS_WITH(tl::io::as_eigen(floats::zeros({1, 2, 3})),
                      "as_eigen: expected rank 1 or 2, got shape [1, 2, 3]");
  REQUIRE_THROWS_AS(tl::io::as_eigen_vector(ramp(2, 3)), tl::shape_error);
}

TEST_CASE("from_eigen copies expressions and takes over what is moved in", "[io][eigen]") {
  Eigen::MatrixXd m(2, 3);
  m << 1, 2, 3, 4, 5, 6;
  const std::vector<double> expected{1, 2, 3, 4, 5, 6};
  const auto copy = tl::io::from_eigen<B>(m);
  REQUIRE(copy.shape() == tl::shape{2, 3});
  REQUIRE(copy.to_vector() == expected);
  REQUIRE(copy.is_contiguous());
  REQUIRE(tl::io::from_eigen<B>(2 * m.transpose()).to_vector() == std::vector<double>{2, 8, 4, 10, 6, 12});
  REQUIRE(tl::io::from_eigen<B>(Eigen::Vector3f(1, 2, 3)).shape() == tl::shape{3});
  const double* memory = m.data();
  const auto taken = tl::io::from_eigen<B>(std::move(m));
  REQUIRE(taken.array().data() == memory);
  REQUIRE(taken.strides() == tl::strides{1, 2});
  REQUIRE(taken.to_vector() == expected);
}

TEST_CASE("borrow_eigen shares memory", "[io][eigen]") {
  Eigen::Matrix<float, 2, 2, Eigen::RowMajor> m;
  m << 1, 2, 3, 4;
  auto t = tl::io::borrow_eigen<B>(m);
  t.fill(7);
  REQUIRE(m(1, 1) == 7.0f);
}

TEST_CASE("borrow_eigen shares the memory of maps and references", "[io][eigen]") {
  std::vector<float> memory{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  using rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  auto t = tl::io::borrow_eigen<B>(Eigen::Map<rows>(memory.data(), 3, 4));
  REQUIRE(t.array().data() == memory.data());
  REQUIRE(t.shape() == tl::shape{3, 4});
  REQUIRE(t.is_contiguous());

  const auto columns = tl::io::borrow_eigen<B>(Eigen::Map<Eigen::MatrixXf>(memory.data(), 3, 4));
  REQUIRE(columns.strides() == tl::strides{1, 3});
  REQUIRE(columns.to_vector() == std::vector<float>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11});

  Eigen::Map<Eigen::VectorXf, 0, Eigen::InnerStride<>> every_other(memory.data(), 3, Eigen::InnerStride<>(2));
  const auto v = tl::io::borrow_eigen<B>(every_other);
  REQUIRE(v.shape() == tl::shape{3});
  REQUIRE(v.to_vector() == std::vector<float>{0, 2, 4});

  Eigen::MatrixXf m = Eigen::MatrixXf::Zero(4, 4);
  auto block = tl::io::borrow_eigen<B>(Eigen::Ref<Eigen::MatrixXf>(m.block(1, 2, 2, 2)));
  REQUIRE(block.shape() == tl::shape{2, 2});
  block.fill(7);
  REQUIRE(m.sum() == 28.0f);
  REQUIRE(m(1, 2) == 7.0f);
  REQUIRE(m(2, 3) == 7.0f);
}
