#include "backend/both.hpp"

namespace {

using namespace test;

struct geometry_case {
  std::int64_t n, c, h, w, k, groups;
  std::array<std::int64_t, 2> kernel, stride, dilation, pad_begin, pad_end;
};

const geometry_case cases[] = {
    {1, 1, 1, 1, 1, 1, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
    {2, 3, 8, 7, 5, 1, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {2, 3, 9, 11, 4, 1, {3, 2}, {2, 3}, {1, 1}, {0, 1}, {2, 0}},
    {1, 4, 12, 10, 6, 2, {3, 3}, {1, 2}, {2, 1}, {2, 1}, {1, 0}},
    {2, 6, 7, 7, 6, 6, {5, 5}, {1, 1}, {1, 1}, {2, 2}, {2, 2}},
    {2, 16, 6, 6, 32, 1, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
    {2, 16, 6, 6, 8, 1, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
    {1, 48, 4, 4, 24, 1, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
    {2, 16, 6, 5, 8, 1, {1, 1}, {2, 2}, {1, 1}, {0, 0}, {0, 0}},
    {3, 10, 1, 30, 10, 1, {1, 3}, {1, 1}, {1, 3}, {0, 3}, {0, 3}},
    {3, 10, 1, 31, 12, 1, {1, 9}, {1, 2}, {1, 1}, {0, 4}, {0, 4}},
    {2, 17, 5, 5, 19, 1, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {2, 8, 5, 5, 16, 8, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {1, 2, 3, 3, 2, 1, {5, 5}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {1, 32, 9, 10, 32, 4, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {1, 3, 20, 21, 16, 1, {7, 7}, {2, 2}, {1, 1}, {3, 3}, {3, 3}},
    {0, 3, 8, 8, 4, 1, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {1, 3, 2, 2, 4, 1, {3, 3}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
};

template <class T>
void check(const geometry_case& z, layout activations, layout weights, tl::compute factors = tl::compute::full) {
  tl::window_geometry g;
  g.kernel = z.kernel;
  g.stride = z.stride;
  g.dilation = z.dilation;
  g.pad_begin = z.pad_begin;
  g.pad_end = z.pad_end;
  g.groups = z.groups;
  g.factors = factors;
  const tl::shape xs{z.n, z.c, z.h, z.w}, ws{z.k, z.c / z.groups, z.kernel[0], z.kernel[1]};
  const tl::shape ys{z.n, z.k, g.out(0, z.h), g.out(1, z.w)};
  INFO("x " << tl::to_string(xs) << " w " << tl::to_string(ws) << " groups " << z.groups << " layouts "
            << static_cast<int>(activations) << static_cast<int>(weights));
  const auto x = random_both<T>(xs, activations, 1, -1, 1), w = random_both<T>(ws, weights, 2, -1, 1);
  const auto bias = random_both<T>({z.k}, layout::dense, 3, -1, 1);
  auto y = random_both<T>(ys, activations, 4, -1, 1), y_bias = random_both<T>(ys, activations, 5, -1, 1);
  tl::reference::conv(y.e(), x.ce(), w.ce(), static_cast<const T*>(nullptr), g);
  B::conv(y.g(), x.cg(), w.cg(), static_cast<const T*>(nullptr), g);
  require_equal(y);
  tl::reference::conv(y_bias.e(), x.ce(), w.ce(), bias.ce().data, g);
  B::conv(y_bias.g(), x.cg(), w.cg(), bias.cg().data, g);
  require_equal(y_bias);

  const auto dy = random_both<T>(ys, activations, 6, -1, 1);
  auto dx = random_both<T>(xs, activations, 7, -1, 1);
  tl::reference::conv_dx(dx.e(), dy.ce(), w.ce(), g);
  B::conv_dx(dx.g(), dy.cg(), w.cg(), g);
  require_equal(dx);
  auto dw = random_both<T>(ws, weights, 8, -1, 1);
  tl::reference::conv_dw(dw.e(), dy.ce(), x.ce(), g);
  B::conv_dw(dw.g(), dy.cg(), x.cg(), g);
  require_equal(dw);
}

}  // namespace

TEMPLATE_TEST_CASE("convolution and its gradients agree with the reference", "[backend]", float, double) {
  for (const geometry_case& z : cases) {
    check<TestType>(z, layout::channels_last, layout::dense);
    check<TestType>(z, layout::dense, layout::channels_last);
    check<TestType>(z, layout::gapped, layout::gapped);
  }
}

TEST_CASE("convolution and its gradients round the factors of floats to bf16 if asked", "[backend]") {
  for (const geometry_case& z : cases) {
    check<float>(z, layout::channels_last, layout::dense, tl::compute::bf16);
    check<float>(z, layout::gapped, layout::gapped, tl::compute::bf16);
  }
  check<double>(cases[1], layout::dense, layout::dense, tl::compute::bf16);
}

TEST_CASE("a convolution without input channels is its bias", "[backend]") {
  auto y = random_both<float>({2, 3, 4, 4}, layout::dense, 1);
  const auto x = random_both<float>({2, 0, 4, 4}, layout::dense, 2),
             w = random_both<float>({3, 0, 1, 1}, layout::dense, 3);
  const auto bias = random_both<float>({3}, layout::dense, 4);
  tl::reference::conv(y.e(), x.ce(), w.ce(), bias.ce().data, {});
  B::conv(y.g(), x.cg(), w.cg(), bias.cg().data, {});
  require_equal(y);
}
