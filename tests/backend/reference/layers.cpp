#include <tensorlab/backend/reference/layers.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using oracle = tl::detail::reference_layers;
using doubles = std::vector<double>;

namespace {

tl::view<const double> in(const doubles& v, const tl::shape& s) { return {v.data(), s, tl::row_major(s)}; }
tl::view<double> out(doubles& v, const tl::shape& s) { return {v.data(), s, tl::row_major(s)}; }

void require_near(const doubles& got, const doubles& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) REQUIRE(got[i] == Approx(expected[i]).margin(1e-12));
}

/// Two taps, stride 2, one element of padding before: output q sees 2 q - 1 and 2 q.
tl::window_geometry window() {
  tl::window_geometry g;
  g.kernel = {1, 2};
  g.stride = {1, 2};
  g.pad_begin = {0, 1};
  return g;
}

}  // namespace

TEST_CASE("reference: products add a bias and accumulate", "[backend][reference]") {
  const doubles a{1, 2, 3, 4, 5, 6}, b{1, 0, 0, 1, 1, 1}, bias{100, 200};
  doubles y(4, 1000.0);
  oracle::gemm(out(y, {2, 2}), in(a, {2, 3}), in(b, {3, 2}), {bias.data(), true});
  REQUIRE(y == doubles{1104, 1205, 1110, 1211});
  oracle::gemm(out(y, {2, 2}), in(a, {2, 0}), in(b, {0, 2}), {});
  REQUIRE(y == doubles(4, 0.0));
}

TEST_CASE("reference: convolution and its gradients are the defining sums", "[backend][reference]") {
  const auto g = window();
  const doubles x{1, 2, 3, 4, 5, 10, 20, 30, 40, 50}, w{1, 2, 3, 4}, bias{1000}, dy{1, 10, 100};
  const tl::shape xs{1, 2, 1, 5}, ws{1, 2, 1, 2}, ys{1, 1, 1, 3};
  doubles y(3), dx(10), dw(4);
  oracle::conv(out(y, ys), in(x, xs), in(w, ws), bias.data(), g);
  REQUIRE(y == doubles{1042, 1188, 1334});
  oracle::conv_dx(out(dx, xs), in(dy, ys), in(w, ws), g);
  REQUIRE(dx == doubles{2, 10, 20, 100, 200, 4, 30, 40, 300, 400});
  oracle::conv_dw(out(dw, ws), in(dy, ys), in(x, xs), g);
  REQUIRE(dw == doubles{420, 531, 4200, 5310});  // 10 2 + 100 4;  1 1 + 10 3 + 100 5
}

TEST_CASE("reference: pooling counts padding as its kind says", "[backend][reference]") {
  const auto g = window();
  const doubles x{-4, -6, 9, 9, 1};
  const tl::shape xs{1, 1, 1, 5}, ys{1, 1, 1, 3};
  doubles y(3), dx(5);
  std::vector<std::int64_t> at(3, -7);
  const tl::view<std::int64_t> position{at.data(), ys, tl::row_major(ys)};
  oracle::pool(tl::pool_kind::max, out(y, ys), position, in(x, xs), g);
  REQUIRE(y == doubles{-4, 9, 9});
  REQUIRE(at == std::vector<std::int64_t>{0, 2, 3});
  const doubles dy{1, 10, 100};
  oracle::pool_dx(tl::pool_kind::max, out(dx, xs), in(dy, ys), position, g);
  REQUIRE(dx == doubles{1, 0, 10, 100, 0});
  oracle::pool(tl::pool_kind::average, out(y, ys), {}, in(x, xs), g);
  REQUIRE(y == doubles{-2, 1.5, 5});
  oracle::pool_dx(tl::pool_kind::average, out(dx, xs), in(dy, ys), {}, g);
  REQUIRE(dx == doubles{0.5, 5, 5, 50, 50});
  oracle::pool(tl::pool_kind::average_without_padding, out(y, ys), {}, in(x, xs), g);
  REQUIRE(y == doubles{-4, 1.5, 5});
  oracle::pool_dx(tl::pool_kind::average_without_padding, out(dx, xs), in(dy, ys), {}, g);
  REQUIRE(dx == doubles{1, 5, 5, 50, 50});
}

TEST_CASE("reference: normalisation and its gradients by hand", "[backend][reference]") {
  // One slice 1, 2, 3, 6: mean 3, variance 3.5, and 1 / sqrt(3.5 + 0.5) = 0.5.
  const doubles x{1, 2, 3, 6}, gamma{2, 2, 2, 4}, beta{10, 0, 0, 0}, dy{1, 1, 1, 1};
  const tl::shape s{4};
  doubles y(4), mean(1), rstd(1), dx(4), dgamma(4), dbeta(4);
  const tl::view<double> m{mean.data(), s, {0}}, r{rstd.data(), s, {0}};
  oracle::norm(out(y, s), m, r, in(x, s), in(gamma, s), in(beta, s), 0.5);
  require_near({mean[0], rstd[0]}, {3, 0.5});
  require_near(y, {8, -1, 0, 6});
  // dy gamma = 2, 2, 2, 4 has the mean 2.5 and, with x^ = -1, -0.5, 0, 1.5, the projection (-2 - 1 + 6) / 4 = 0.75.
  oracle::norm_backward<double>(out(dx, s), in(dy, s), in(x, s), in(gamma, s), m, r);
  require_near(dx, {0.125, -0.0625, -0.25, 0.1875});
  oracle::norm_backward_affine<double>(out(dgamma, s), out(dbeta, s), in(dy, s), in(x, s), m, r);
  require_near(dgamma, {-1, -0.5, 0, 1.5});
  require_near(dbeta, {1, 1, 1, 1});
}

TEST_CASE("reference: softmax and its gradient by hand", "[backend][reference]") {
  const double ln2 = 0.6931471805599453;
  const doubles x{1000, 1000 + ln2, 1000}, dy{4, 0, 2};
  doubles y(3), dx(3);
  oracle::softmax(out(y, {3}), in(x, {3}), 0, false);
  require_near(y, {0.25, 0.5, 0.25});
  oracle::softmax_backward(out(dx, {3}), in(y, {3}), in(dy, {3}), 0, false);
  require_near(dx, {0.625, -0.75, 0.125});  // y (dy - 1.5)
  oracle::softmax(out(y, {3}), in(x, {3}), 0, true);
  require_near(y, {-2 * ln2, -ln2, -2 * ln2});
  oracle::softmax_backward(out(dx, {3}), in(y, {3}), in(dy, {3}), 0, true);
  require_near(dx, {2.5, -3, 0.5});  // dy - 6 e^y
}
