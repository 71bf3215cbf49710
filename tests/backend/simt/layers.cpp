#include <tensorlab/backend/simt/layers.hpp>

#include <tensorlab/backend/reference.hpp>

#include "backend/simt/lanes.hpp"
#include "backend/simt/random_views.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
using test::random_view;
using tl::reference;

TEMPLATE_TEST_CASE("simt: normalisation", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{18};
  for (int round = 0; round < test::rounds; ++round) {
    const tl::shape s = test::random_shape(rng, 1 + static_cast<int>(rng.below(4)), false);
    std::vector<bool> axes(static_cast<std::size_t>(s.rank()));
    for (std::size_t d = 0; d < axes.size(); ++d) axes[d] = rng.below(2) != 0;
    const random_view<T> x(rng, s, true), dy(rng, s, true), gamma(rng, s, true), beta(rng, s, true);
    const tl::view<const T> none;
    const auto scale = round % 3 == 0 ? none : gamma.in(), shift = round % 4 == 0 ? none : beta.in();
    random_view<T> y(rng, s, false), y2(y), mean = test::reduced<T>(rng, s, axes), mean2(mean), rstd(mean), rstd2(mean);
    INFO("shape " << to_string(s) << ", statistics " << to_string(mean.v.strides));
    X::norm(y.v, mean.v, rstd.v, x.in(), scale, shift, 0.1);
    reference::norm(y2.v, mean2.v, rstd2.v, x.in(), scale, shift, 0.1);
    REQUIRE(test::distance(mean, mean2) <= test::rounding<T>);
    REQUIRE(test::distance(rstd, rstd2) <= test::rounding<T>);
    REQUIRE(test::distance(y, y2) <= test::rounding<T>);
    random_view<T> dx(rng, s, false), dx2(dx);
    X::norm_backward(dx.v, dy.in(), x.in(), scale, mean2.in(), rstd2.in());
    reference::norm_backward(dx2.v, dy.in(), x.in(), scale, mean2.in(), rstd2.in());
    REQUIRE(test::distance(dx, dx2) <= 10 * test::rounding<T>);
    for (std::size_t d = 0; d < axes.size(); ++d) axes[d] = rng.below(2) != 0;
    random_view<T> dgamma = test::reduced<T>(rng, s, axes), dgamma2(dgamma), dbeta(dgamma), dbeta2(dgamma);
    X::norm_backward_affine(dgamma.v, dbeta.v, dy.in(), x.in(), mean2.in(), rstd2.in());
    reference::norm_backward_affine(dgamma2.v, dbeta2.v, dy.in(), x.in(), mean2.in(), rstd2.in());
    REQUIRE(test::distance(dgamma, dgamma2) <= 10 * test::rounding<T>);
    REQUIRE(test::distance(dbeta, dbeta2) <= 10 * test::rounding<T>);
  }
}

TEMPLATE_TEST_CASE("simt: softmax", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{19};
  for (int round = 0; round < test::rounds; ++round) {
    const tl::shape s = test::random_shape(rng, 1 + static_cast<int>(rng.below(4)));
    const int axis = test::random_axis(rng, s);
    const bool log = rng.below(2) != 0;
    random_view<T> x(rng, s, true, -4, 4);
    if (round % 5 == 0)
      for (std::size_t i = 0; i < x.memory.size(); i += 3) x.memory[i] = -std::numeric_limits<T>::infinity();
    const random_view<T> v(rng, s, true), dy(rng, s, true);
    random_view<T> got(rng, s, false), expected(got);
    INFO("shape " << to_string(s) << ", axis " << axis << ", log " << log);
    X::softmax(got.v, x.in(), axis, log);
    reference::softmax(expected.v, x.in(), axis, log);
    REQUIRE(test::distance(got, expected) <= test::rounding<T>);
    X::softmax_backward(got.v, v.in(), dy.in(), axis, log);
    reference::softmax_backward(expected.v, v.in(), dy.in(), axis, log);
    REQUIRE(test::distance(got, expected) <= 10 * test::rounding<T>);
  }
}
