#include "backend/both.hpp"

namespace {

using namespace test;

struct norm_case {
  tl::shape x;
  tl::dims over;     // the dimensions a statistic is taken over
  tl::shape affine;  // the shape of gamma and beta, broadcast to x
  tl::dims summed;   // the dimensions their gradients are summed over
};

const norm_case cases[] = {
    {{6, 20}, {1}, {20}, {0}},                              // layer norm
    {{5, 3, 130}, {2}, {130}, {0, 1}},                      //
    {{4, 3, 5}, {1, 2}, {3, 5}, {0}},                       //
    {{8, 5}, {0}, {5}, {0}},                                // batch norm, 1-D
    {{3, 7, 4, 5}, {0, 2, 3}, {7, 1, 1}, {0, 2, 3}},        // batch norm, 2-D
    {{2, 40, 6, 7}, {0, 2, 3}, {40, 1, 1}, {0, 2, 3}},      //
    {{2, 3, 2, 4, 5}, {2, 3, 4}, {3, 2, 1, 1}, {0, 3, 4}},  // group norm: channels are (group, member)
    {{300, 70}, {1}, {70}, {0}},                            //
    {{1, 1}, {1}, {1}, {0}},                                //
};

template <class T>
void check(const norm_case& z, layout l, double shift) {
  INFO("x " << tl::to_string(z.x) << " over " << tl::to_string(z.over) << " layout " << static_cast<int>(l) << " mean "
            << shift);
  const auto x = random_both<T>(z.x, l, 1, shift - 2, shift + 2);
  const auto gamma = random_both<T>(z.affine, layout::dense, 2, 0.5, 1.5),
             beta = random_both<T>(z.affine, layout::dense, 3);
  auto mean = random_both<T>(tl::reduced_shape(z.x, z.over, true), layout::dense, 4), rstd = mean;
  rstd = random_both<T>(tl::reduced_shape(z.x, z.over, true), layout::dense, 5);
  auto y = random_both<T>(z.x, l, 6);
  const tl::view<const T> none{nullptr, z.x, z.x};
  // The deviations are what is left after the mean is taken away, so their relative error grows with the mean.
  const double factor = 4 + 2 * shift;
  tl::reference::norm(y.e(), mean.e_reduced(z.x, z.over), rstd.e_reduced(z.x, z.over), x.ce(), none, none, 1e-5);
  B::norm(y.g(), mean.g_reduced(z.x, z.over), rstd.g_reduced(z.x, z.over), x.cg(), none, none, 1e-5);
  require_equal(y, factor);
  tl::reference::norm(y.e(), mean.e_reduced(z.x, z.over), rstd.e_reduced(z.x, z.over), x.ce(), gamma.e_to(z.x),
                      beta.e_to(z.x), 1e-5);
  B::norm(y.g(), mean.g_reduced(z.x, z.over), rstd.g_reduced(z.x, z.over), x.cg(), gamma.g_to(z.x), beta.g_to(z.x),
          1e-5);
  require_equal(mean);
  require_equal(rstd, factor);
  require_equal(y, factor);

  const auto dy = random_both<T>(z.x, l, 7);
  auto dx = random_both<T>(z.x, l, 8);
  const tl::view<const T> em = mean.e_reduced(z.x, z.over), er = rstd.e_reduced(z.x, z.over);
  const tl::view<const T> gm = mean.g_reduced(z.x, z.over), gr = rstd.g_reduced(z.x, z.over);
  for (bool affine : {false, true}) {
    tl::reference::norm_backward(dx.e(), dy.ce(), x.ce(), affine ? gamma.e_to(z.x) : none, em, er);
    B::norm_backward(dx.g(), dy.cg(), x.cg(), affine ? gamma.g_to(z.x) : none, gm, gr);
    require_equal(dx, factor);
  }
  tl::shape wide = z.affine;
  while (wide.rank() < z.x.rank()) wide.insert(0, 1);
  auto dgamma = random_both<T>(wide, layout::dense, 9), dbeta = random_both<T>(wide, layout::dense, 10);
  tl::reference::norm_backward_affine(dgamma.e_reduced(z.x, z.summed), dbeta.e_reduced(z.x, z.summed), dy.ce(), x.ce(),
                                      em, er);
  B::norm_backward_affine(dgamma.g_reduced(z.x, z.summed), dbeta.g_reduced(z.x, z.summed), dy.cg(), x.cg(), gm, gr);
  require_equal(dgamma, factor);
  require_equal(dbeta);
}

}  // namespace

TEMPLATE_TEST_CASE("normalisation and its gradients agree with the reference", "[backend]", float, double) {
  for (const norm_case& z : cases) {
    for (layout l : every_layout) check<TestType>(z, l, 0);
    if (z.x.rank() == 4) check<TestType>(z, layout::channels_last, 0);
  }
}

TEMPLATE_TEST_CASE("normalisation keeps its digits when the mean is large beside the deviation", "[backend]", float,
                   double) {
  for (const norm_case& z : cases)
    if (z.x.size() > 1) check<TestType>(z, layout::dense, 100);
}
