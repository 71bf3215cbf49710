#include <tensorlab/io/xtensor.hpp>

#if __has_include(<xtensor/core/xmath.hpp>)
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/views/xstrided_view.hpp>
#else
#include <xtensor/xmath.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xtensor.hpp>
#endif

#include <tensorlab/backend/reference.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using B = tl::reference;
using floats = tl::tensor<float, B>;

namespace {

floats cube() { return floats(floats::arange(24).array().restride({2, 3, 4}, {12, 4, 1})); }

}  // namespace

TEST_CASE("as_xtensor shows a tensor in place", "[io][xtensor]") {
  const floats x = cube();
  const auto v = tl::io::as_xtensor(x);
  REQUIRE(v.dimension() == 3);
  REQUIRE(&v(0, 0, 0) == x.array().data());
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 4; ++k) REQUIRE(v(i, j, k) == static_cast<float>(12 * i + 4 * j + k));
  REQUIRE(xt::sum(v)() == 276.0f);
}

TEST_CASE("as_xtensor follows strides", "[io][xtensor]") {
  const floats x = cube();
  const floats t(x.array().restride({4, 2}, {1, 12}, 4));  // x[:, 1, :] transposed
  const xt::xarray<float> expected{{4, 16}, {5, 17}, {6, 18}, {7, 19}};
  REQUIRE((tl::io::as_xtensor(t) == expected));
  const floats repeated(x.array().restride({2, 3}, {0, 1}));
  REQUIRE((tl::io::as_xtensor(repeated) == xt::xarray<float>{{0, 1, 2}, {0, 1, 2}}));
  const floats single(x.array().restride({1, 3}, {12, 4}));
  REQUIRE((tl::io::as_xtensor(single) == xt::xarray<float>{{0, 4, 8}}));
}

TEST_CASE("as_xtensor: rank 0 and empty tensors", "[io][xtensor]") {
  const floats scalar = floats::scalar(3);
  REQUIRE(tl::io::as_xtensor(scalar)() == 3.0f);
  const floats empty = floats::empty({0, 3});
  REQUIRE(tl::io::as_xtensor(empty).size() == 0);
}

TEST_CASE("as_mutable_xtensor writes and counts the write", "[io][xtensor]") {
  floats x = floats::arange(4);
  const auto before = x.array().storage()->version();
  auto v = tl::io::as_mutable_xtensor(x);
  v += 1.0f;
  REQUIRE(x.to_vector() == std::vector<float>{1, 2, 3, 4});
  REQUIRE(x.array().storage()->version() != before);
}

TEST_CASE("from_xtensor copies expressions and takes over what is moved in", "[io][xtensor]") {
  xt::xarray<double> a{{1, 2, 3}, {4, 5, 6}};
  const std::vector<double> expected{1, 2, 3, 4, 5, 6};
  const auto copy = tl::io::from_xtensor<B>(a);
  REQUIRE(copy.shape() == tl::shape{2, 3});
  REQUIRE(copy.to_vector() == expected);
  REQUIRE(copy.array().data() != a.data());
  const auto doubled = tl::io::from_xtensor<B>(2.0 * a);
  REQUIRE(doubled.to_vector() == std::vector<double>{2, 4, 6, 8, 10, 12});
  const double* memory = a.data();
  const auto taken = tl::io::from_xtensor<B>(std::move(a));
  REQUIRE(taken.array().data() == memory);
  REQUIRE(taken.to_vector() == expected);
}

TEST_CASE("from_xtensor takes over column-major containers as they lie", "[io][xtensor]") {
  xt::xarray<float, xt::layout_type::column_major> a{{1, 2, 3}, {4, 5, 6}};
  const auto taken = tl::io::from_xtensor<B>(std::move(a));
  REQUIRE(taken.strides() == tl::strides{1, 2});
  REQUIRE(taken.to_vector() == std::vector<float>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("borrow_xtensor shares memory", "[io][xtensor]") {
  xt::xarray<float> a{{1, 2, 3}, {4, 5, 6}};
  auto t = tl::io::borrow_xtensor<B>(a);
  REQUIRE(t.array().data() == a.data());
  REQUIRE(t.shape() == tl::shape{2, 3});
  REQUIRE(t.is_contiguous());
  REQUIRE(t.to_vector() == std::vector<float>{1, 2, 3, 4, 5, 6});
  t.fill(7);
  REQUIRE(a(1, 2) == 7.0f);

  xt::xtensor<double, 2, xt::layout_type::column_major> c{{1, 2, 3}, {4, 5, 6}};
  REQUIRE(tl::io::borrow_xtensor<B>(c).to_vector() == std::vector<double>{1, 2, 3, 4, 5, 6});
  REQUIRE(tl::io::borrow_xtensor<B>(c).strides() == tl::strides{1, 2});

  std::vector<float> memory{0, 1, 2, 3, 4, 5};
  auto adapted = xt::adapt(memory, std::vector<std::size_t>{2, 3});
  REQUIRE(tl::io::borrow_xtensor<B>(adapted).array().data() == memory.data());

  xt::xarray<float> whole{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  auto corner = xt::strided_view(whole, {xt::range(1, 3), xt::range(0, 3, 2)});
  auto part = tl::io::borrow_xtensor<B>(corner);
  REQUIRE(part.to_vector() == std::vector<float>{4, 6, 7, 9});
  part.fill(0);
  REQUIRE(xt::sum(whole)() == 1 + 2 + 3 + 5 + 8);
  xt::xarray<float> scalar(3.0f);
  REQUIRE(tl::io::borrow_xtensor<B>(scalar).item() == 3.0f);
}
