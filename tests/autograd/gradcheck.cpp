#include <tensorlab/autograd/gradcheck.hpp>

#include "support/backend.hpp"

using T = tl::tensor<double, B>;
using inputs = std::vector<T>;

TEST_CASE("gradcheck accepts a right gradient", "[autograd]") {
  const auto f = [](const inputs& x) { return tl::apply(tl::rule::mul{}, x[0], tl::apply(tl::rule::exp{}, x[1])); };
  const auto r = tl::gradcheck(f, inputs{test::uniform<double>({2, 3}, 1), test::uniform<double>({3}, 2)});
  INFO(r.message);
  REQUIRE(r);
  REQUIRE(tl::gradcheck_twice(f, inputs{test::uniform<double>({2, 3}, 1), test::uniform<double>({3}, 2)}));
}

TEST_CASE("gradcheck finds a wrong gradient and says where", "[autograd]") {
  const auto f = [](const inputs& x) {
    return tl::record(
        "wrong", tl::detail::map_array(tl::rule::square{}, x[0].array()),
        [x = tl::save_for_backward(x[0])](const tl::backward_context& c, const T& dy) {
          return tl::apply(tl::rule::mul{}, dy, tl::apply(tl::rule::mul_scalar{3}, c.get(x)));
        },
        x[0]);
  };
  const auto r = tl::gradcheck(f, inputs{T::from({0.5, -1}, {2})});
  REQUIRE_FALSE(r);
  REQUIRE_THAT(r.message, Catch::Contains("input 0 [2] element 0"));
  REQUIRE(r.worst > 0.1);
}

TEST_CASE("gradcheck finds an output cut from the tape", "[autograd]") {
  const auto f = [](const inputs& x) { return tl::stop_gradient(x[0]); };
  REQUIRE_FALSE(tl::gradcheck(f, inputs{T::ones({2})}));
}
