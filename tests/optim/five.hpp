#pragma once

#include <array>

#include <tensorlab/optim/optimiser.hpp>

#include "support/backend.hpp"

/// Five parameters of several shapes, with the values and gradients of tests/golden/make_optim.py.
template <class T>
struct five {
  tl::parameter<T, B> a, b, c, d, e;

  static constexpr auto fields() {
    return tl::fields("a", &five::a, "b", &five::b, "c", &five::c, "d", &five::d, "e", &five::e);
  }

  std::array<tl::parameter<T, B>*, 5> all() { return {&a, &b, &c, &d, &e}; }

  static tl::tensor<T, B> values(const tl::shape& s, std::uint64_t key) {
    std::vector<T> v(static_cast<std::size_t>(s.size()));
    for (std::size_t i = 0; i < v.size(); ++i)
      v[i] = static_cast<T>(
          static_cast<double>(static_cast<std::uint32_t>(2654435761U * i + 2654445711U * key + 12345U)) / 2147483648.0 -
          1);
    return tl::tensor<T, B>::from(std::span<const T>(v), s);
  }

  static five init() {
    const tl::shape shapes[] = {{3, 4}, {7}, {2, 3, 2}, {1}, {5, 1}};
    five f;
    for (std::size_t k = 0; k < 5; ++k) *f.all()[k] = tl::parameter<T, B>(values(shapes[k], k + 1));
    return f;
  }

  /// The gradients of step `step`: a fill plus 0.3 p.
  void set_gradients(std::uint64_t step) {
    for (std::size_t k = 0; k < 5; ++k) {
      tl::parameter<T, B>& p = *all()[k];
      const std::vector<T> now = p.to_vector(), fill = values(p.shape(), 10 * step + k + 100).to_vector();
      std::vector<T> g(now.size());
      for (std::size_t i = 0; i < g.size(); ++i) g[i] = fill[i] + T(0.3) * now[i];
      p.set_grad(tl::tensor<T, B>::from(std::span<const T>(g), p.shape()));
    }
  }

  std::vector<T> flat() {
    std::vector<T> out;
    for (auto* p : all())
      for (T v : p->to_vector()) out.push_back(v);
    return out;
  }
};

template <class T, class O>
void run_steps(five<T>& net, O& opt, std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t step = from; step < to; ++step) {
    net.set_gradients(step);
    opt.step();
    opt.zero_grad();
  }
}

/// All values after the 20 steps that the golden trajectories take.
template <class T, class Make>
std::vector<T> after_20_steps(Make make) {
  auto net = five<T>::init();
  auto opt = make(net);
  run_steps(net, opt, 0, 20);
  return net.flat();
}

template <class T>
void require_near(const std::vector<T>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO("element " << i << ": got " << got[i] << ", expected " << expected[i]);
    REQUIRE(std::abs(static_cast<double>(got[i]) - expected[i]) <= test::tolerance<T>());
  }
}
