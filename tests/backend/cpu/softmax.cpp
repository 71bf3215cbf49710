#include <tensorlab/backend/cpu/softmax.hpp>

#include <limits>

#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::detail::cpu_softmax;

namespace {

/// Every line of x [n, lines] holds n - 1 equal elements and one that is ln(n + 1) larger, where e^x is n + 1 times as
/// large; the lines' level differs.
template <class T>
void check(std::int64_t n, std::int64_t lines, const tl::strides& st) {
  INFO("length " << n << ", lines " << lines << ", strides " << to_string(st));
  const tl::shape s{n, lines};
  std::vector<T> x(static_cast<std::size_t>(n * lines)), y(x.size()), dx(x.size());
  const double step = std::log(static_cast<double>(n) + 1);
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t l = 0; l < lines; ++l)
      x[static_cast<std::size_t>(i * st[0] + l * st[1])] =
          static_cast<T>(static_cast<double>(10 * l) + (i == l % n ? step : 0));
  const tl::view<const T> in{x.data(), s, st}, result{y.data(), s, st};
  const tl::view<T> out{y.data(), s, st}, back{dx.data(), s, st};
  cpu_softmax::softmax(out, in, 0, false);
  const double one = 1.0 / static_cast<double>(2 * n);
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t l = 0; l < lines; ++l) {
      const double expected = i == l % n ? static_cast<double>(n + 1) * one : one;
      REQUIRE(static_cast<double>(y[static_cast<std::size_t>(i * st[0] + l * st[1])]) ==
              Approx(expected).epsilon(1e-4));
    }
  // Equal gradients in a line cancel, since the probabilities add up to one: but for the rounding of sums of 64 terms
  // in T, once forward and once backward.
  std::vector<T> ones(x.size(), T(1));
  cpu_softmax::softmax_backward(back, result, tl::view<const T>{ones.data(), s, st}, 0, false);
  for (const T v : dx)
    REQUIRE(std::abs(static_cast<double>(v)) <= 64 * static_cast<double>(std::numeric_limits<T>::epsilon()));
  cpu_softmax::softmax(out, in, 0, true);
  for (std::int64_t l = 0; l < lines; ++l)
    REQUIRE(static_cast<double>(y[static_cast<std::size_t>(l % n * st[0] + l * st[1])]) ==
            Approx(std::log(static_cast<double>(n + 1) * one)).margin(1e-4));
}

}  // namespace

TEMPLATE_TEST_CASE("softmax of lines of any length, along packs and across them", "[cpu]", float, double) {
  constexpr std::int64_t width = tl::detail::pack<TestType>::size;
  for (const std::int64_t n : {std::int64_t{1}, width - 1, width, width + 1, 70 * width + 3})
    for (const std::int64_t lines : {std::int64_t{1}, width + 1}) {
      check<TestType>(n, lines, {lines, 1});
      check<TestType>(n, lines, {1, n});
    }
}
