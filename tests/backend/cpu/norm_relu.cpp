#include <tensorlab/backend/cpu/norm_relu.hpp>

#include "backend/cpu/same_bits.hpp"

namespace detail = tl::detail;

namespace {

using array = tl::array<float, B>;

struct images {
  tl::shape s;
  tl::strides order = tl::channels_last(s);
  array x = filled(1), residual = filled(2), dy = filled(3);
  array gamma = tl::tensor<float, B>::uniform({1, s[1], 1, 1}, tl::random::stream(4), 0.5, 2).array();
  array beta = tl::tensor<float, B>::uniform({1, s[1], 1, 1}, tl::random::stream(5), -1, 1).array();

  array filled(std::uint64_t seed) const {
    auto a = array::empty(s, order, 0);
    detail::cpu_elementwise::map(rule_copy, a.view(),
                                 tl::tensor<float, B>::uniform(s, tl::random::stream(seed), -1, 1).array().cview());
    return a;
  }
  array blank() const { return array::empty(s, order, 0); }
  array statistic() const { return array::empty({1, s[1], 1, 1}, 0); }
  tl::view<float> spread(array& v) const { return tl::reduction_view(v.view(), s, {0, 2, 3}); }
  tl::view<const float> spread(const array& v) const { return v.broadcast_to(s); }

  static constexpr tl::rule::copy rule_copy{};
};

struct results {
  array y, mean, rstd, dx, dresidual, dgamma, dbeta;
};

results run(const images& i, bool adds) {
  results r{i.blank(), i.statistic(), i.statistic(), i.blank(), i.blank(), i.statistic(), i.statistic()};
  const tl::view<const float> none{nullptr, i.s, i.order};
  detail::cpu_norm_relu::norm_relu<float>(r.y.view(), i.spread(r.mean), i.spread(r.rstd), i.x.cview(),
                                          i.spread(i.gamma), i.spread(i.beta), adds ? i.residual.cview() : none, 1e-5);
  const array &mean = r.mean, &rstd = r.rstd;
  detail::cpu_norm_relu::norm_relu_backward<float>(
      r.dx.view(), adds ? r.dresidual.view() : tl::view<float>{}, i.spread(r.dgamma), i.spread(r.dbeta), i.dy.cview(),
      r.y.cview(), i.x.cview(), i.spread(i.gamma), i.spread(i.beta), i.spread(mean), i.spread(rstd));
  return r;
}

std::vector<float> values(const array& a) { return tl::tensor<float, B>(a).to_vector(); }

}  // namespace

TEST_CASE("what a fused relu cuts off gets no gradient, to the element", "[cpu]") {
  for (const std::int64_t channels : {5, 16, 35}) {
    const images i{{3, channels, 9, 7}};
    for (const bool adds : {false, true}) {
      const results r = run(i, adds);
      const auto y = values(r.y), dy = values(i.dy), dz = values(r.dresidual);
      std::size_t cut = 0;
      for (std::size_t at = 0; at < y.size(); ++at) {
        REQUIRE(y[at] >= 0);
        cut += y[at] == 0;
        if (adds) REQUIRE(dz[at] == (y[at] > 0 ? dy[at] : 0));
      }
      REQUIRE(cut > y.size() / 8);
      // dbeta is the sum of what passed, whether that was found from y or from x.
      const auto dbeta = values(r.dbeta);
      std::vector<double> sum(static_cast<std::size_t>(channels));
      for (std::size_t at = 0; at < y.size(); ++at)
        if (y[at] > 0) sum[at / 63 % sum.size()] += static_cast<double>(dy[at]);
      for (std::size_t c = 0; c < sum.size(); ++c) REQUIRE(dbeta[c] == Approx(sum[c]).margin(1e-4));
    }
  }
}

TEST_CASE("a fused normalisation has the same bits for any number of threads", "[cpu]") {
  const images i{{4, 24, 40, 40}};
  for (const bool adds : {false, true})
    test::require_same_bits({2, 4, 24, 40, 40}, [&](array& to) {
      const results r = run(i, adds);
      const auto y = values(r.y), dx = values(r.dx);
      std::copy(y.begin(), y.end(), to.data());
      std::copy(dx.begin(), dx.end(), to.data() + y.size());
    });
}
