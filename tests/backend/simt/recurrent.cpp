#include <tensorlab/backend/simt/recurrent.hpp>

#include <tensorlab/backend/reference.hpp>
#include <tensorlab/ops/rnn/gru.hpp>
#include <tensorlab/ops/rnn/lstm.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::compute;

namespace {

template <class T>
using host = tl::array<T, tl::reference>;

/// A way through a sequence. 130 units are too many for groups that walk alone.
struct walk_case {
  std::int64_t steps, batch, hidden;
  bool masked = false;
  compute factors = compute::full;
};
const walk_case cases[] = {{3, 4, 5},
                           {4, 3, 2, true},
                           {1, 1, 1},
                           {2, 7, 17, true},
                           {3, 5, 9, false, compute::bf16},
                           {0, 2, 3},
                           {2, 0, 3},
                           {2, 3, 130, true},
                           {2, 2, 130, false, compute::bf16}};

template <class T>
host<T> uniform(const tl::shape& s, std::uint64_t seed, double lo = -1, double hi = 1) {
  const tl::random::stream rng(seed);
  auto a = host<T>::empty(s);
  for (std::int64_t i = 0; i < s.size(); ++i) a.data()[i] = static_cast<T>(rng.uniform(lo, hi));
  return a;
}

/// Operands of a layer of `gates` gates; weights and dy lie in another order than their shapes'.
template <class T>
struct operands {
  host<T> gates, w, bias, dy, dh, dc;
  host<bool> mask;
  std::int64_t h;

  operands(const walk_case& c, std::int64_t count)
      : gates(uniform<T>({c.steps, c.batch, count * c.hidden}, 1)),
        w(turned(uniform<T>({c.hidden, count * c.hidden}, 2, -0.5, 0.5))),
        bias(uniform<T>({c.hidden}, 3)),
        dy(uniform<T>({c.batch, c.steps, c.hidden}, 4)),
        dh(uniform<T>({c.batch, c.hidden}, 5)),
        dc(uniform<T>({c.batch, c.hidden}, 6)),
        h(c.hidden) {
    dy = dy.restride({c.steps, c.batch, c.hidden}, {c.hidden, c.steps * c.hidden, 1});
    if (!c.masked) return;
    mask = host<bool>::empty({c.steps, c.batch, 1});
    for (std::int64_t t = 0; t < c.steps; ++t)
      for (std::int64_t n = 0; n < c.batch; ++n) {
        const bool valid = t < 1 + n % c.steps;
        mask.data()[t * c.batch + n] = valid;
        for (std::int64_t j = 0; !valid && j < c.hidden; ++j) dy.data()[(n * c.steps + t) * c.hidden + j] = 0;
      }
  }
  static host<T> turned(const host<T>& a) { return a.restride({a.dim(1), a.dim(0)}, {1, a.dim(1)}); }

  host<T> states(const walk_case& c, std::uint64_t seed) const {
    return uniform<T>({c.steps + 1, c.batch, c.hidden}, seed);
  }
};

template <class T>
void require_close(const host<T>& got, const host<T>& expected, const walk_case& c, const char* what) {
  INFO(what << ": steps " << c.steps << ", batch " << c.batch << ", hidden " << c.hidden);
  const auto a = got.to_host(), b = expected.to_host();
  REQUIRE(a.size() == b.size());
  // A state next to a tie may be rounded to bf16 the other way.
  const double most = c.factors == compute::bf16 ? 4e-3 : sizeof(T) == 4 ? 2e-5 : 1e-13;
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    worst = (std::max)(worst, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  REQUIRE(worst <= most);
}

template <class T, class F>
void for_each_case(const F& f) {
  for (const walk_case& c : cases)
    for (const bool reverse : {false, true})
      if (c.factors == compute::full || sizeof(T) == 4) f(c, tl::detail::sequence_walk{c.steps, reverse, c.factors});
}

}  // namespace

TEMPLATE_TEST_CASE("simt: an LSTM's recurrence and its gradient equal the composed ones", "[backend][simt]",
                   SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  for_each_case<T>([](const walk_case& c, const tl::detail::sequence_walk& walk) {
    const operands<T> in(c, 4);
    const tl::detail::lstm_trace<T, tl::reference> expected{in.gates.clone(), in.states(c, 7), in.states(c, 8)},
        got{in.gates.clone(), in.states(c, 7), in.states(c, 8)};
    tl::detail::lstm_walk(expected, in.w, in.mask, walk);
    X::lstm(got.h.view(), got.c.view(), got.gates.view(), in.w.cview(), in.mask.cview(), walk.reverse, walk.factors);
    require_close(got.h, expected.h, c, "h");
    require_close(got.c, expected.c, c, "c");
    require_close(got.gates, expected.gates, c, "gates");

    const auto dgates = in.gates.clone(), dgates2 = in.gates.clone(), dh = in.dh.clone(), dh2 = in.dh.clone(),
               dc = in.dc.clone(), dc2 = in.dc.clone();
    tl::detail::lstm_walk_backward(dgates2, dh2, dc2, in.dy, expected, in.w, in.mask, walk);
    X::lstm_backward(dgates.view(), dh.view(), dc.view(), in.dy.cview(), expected.c.cview(), expected.gates.cview(),
                     in.w.cview(), in.mask.cview(), walk.reverse, walk.factors);
    require_close(dgates, dgates2, c, "dgates");
    require_close(dh, dh2, c, "dh");
    require_close(dc, dc2, c, "dc");
  });
}

TEMPLATE_TEST_CASE("simt: a GRU's recurrence and its gradient equal the composed ones", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  using tl::gru_reset;
  for (const gru_reset reset : {gru_reset::after_product, gru_reset::before_product})
    for_each_case<T>([&](const walk_case& c, const tl::detail::sequence_walk& walk) {
      const bool after = reset == gru_reset::after_product;
      const operands<T> in(c, 3);
      const T* const bias = after && c.steps % 2 == 0 ? in.bias.data() : nullptr;
      const auto trace = [&] {
        return tl::detail::gru_trace<T, tl::reference>{
            in.gates.clone(), host<T>::full({c.steps, c.batch, c.hidden}, T(9)), in.states(c, 7)};
      };
      const auto expected = trace(), got = trace();
      tl::detail::gru_walk(expected, in.w, bias, in.mask, walk, reset);
      X::gru(got.h.view(), got.gates.view(), got.inner.view(), in.w.cview(), bias, in.mask.cview(), walk.reverse, after,
             walk.factors);
      require_close(got.h, expected.h, c, "h");
      require_close(got.inner, expected.inner, c, "inner");
      require_close(got.gates, expected.gates, c, "gates");

      const auto dgates = in.gates.clone(), dgates2 = in.gates.clone(), dh = in.dh.clone(), dh2 = in.dh.clone(),
                 dinner = expected.inner.clone(), dinner2 = expected.inner.clone();
      tl::detail::gru_walk_backward(dgates2, dinner2, dh2, in.dy, expected, in.w, in.mask, walk, reset);
      X::gru_backward(dgates.view(), dinner.view(), dh.view(), in.dy.cview(), expected.h.cview(),
                      expected.gates.cview(), expected.inner.cview(), in.w.cview(), in.mask.cview(), walk.reverse,
                      after, walk.factors);
      require_close(dgates, dgates2, c, "dgates");
      require_close(dinner, dinner2, c, "dinner");
      require_close(dh, dh2, c, "dh");
    });
}

TEMPLATE_TEST_CASE("simt: both directions of a layer at once are each what it is alone", "[backend][simt]",
                   SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  for (const walk_case& c : {walk_case{3, 5, 4, true}, walk_case{2, 2, 130}, walk_case{2, 0, 3}}) {
    const operands<T> of_lstm(c, 4), of_gru(c, 3);
    const auto other = uniform<T>(of_lstm.w.shape(), 20), other_gru = uniform<T>(of_gru.w.shape(), 21);
    struct run {
      host<T> h, c, gates;
      std::vector<std::vector<T>> values() const { return {h.to_host(), c.to_host(), gates.to_host()}; }
    };
    const auto start = [&](const operands<T>& in) { return run{in.states(c, 7), in.states(c, 8), in.gates.clone()}; };
    const run a = start(of_lstm), b = start(of_lstm), first = start(of_lstm), second = start(of_lstm);
    X::lstm(a.h.view(), a.c.view(), a.gates.view(), of_lstm.w.cview(), of_lstm.mask.cview(), false);
    X::lstm(b.h.view(), b.c.view(), b.gates.view(), other.cview(), of_lstm.mask.cview(), true);
    X::lstm_both(first.h.view(), first.c.view(), first.gates.view(), of_lstm.w.cview(), second.h.view(),
                 second.c.view(), second.gates.view(), other.cview(), of_lstm.mask.cview(), compute::full);
    REQUIRE(first.values() == a.values());
    REQUIRE(second.values() == b.values());

    // The second array is `inner`, of which the walk leaves the last step's room alone.
    const T* const bias = of_gru.bias.data();
    const auto inner = [&](const run& r) { return r.c.restride({c.steps, c.batch, c.hidden}, r.c.strides()); };
    const run e = start(of_gru), f = start(of_gru), third = start(of_gru), fourth = start(of_gru);
    X::gru(e.h.view(), e.gates.view(), inner(e).view(), of_gru.w.cview(), bias, of_gru.mask.cview(), false, true);
    X::gru(f.h.view(), f.gates.view(), inner(f).view(), other_gru.cview(), bias, of_gru.mask.cview(), true, true);
    X::gru_both(third.h.view(), third.gates.view(), inner(third).view(), of_gru.w.cview(), bias, fourth.h.view(),
                fourth.gates.view(), inner(fourth).view(), other_gru.cview(), bias, of_gru.mask.cview(), true,
                compute::full);
    REQUIRE(third.values() == e.values());
    REQUIRE(fourth.values() == f.values());
  }
}

TEST_CASE("simt: large layers and batches take a launch per step", "[backend][simt]") {
  using walks = tl::simt_kernel::recurrent_primitives<tl::simt_kernel::serial_launcher>;
  REQUIRE(walks::walks_alone(32, 64));
  REQUIRE(walks::walks_alone(1, 128));
  REQUIRE_FALSE(walks::walks_alone(1, 129));
  REQUIRE_FALSE(walks::walks_alone(4096, 128));
}
