#include <tensorlab/autograd/autocast.hpp>
#include <tensorlab/autograd/checkpoint.hpp>
#include <tensorlab/autograd/grad.hpp>
#include <tensorlab/ops/cast.hpp>
#include <tensorlab/ops/conv.hpp>
#include <tensorlab/ops/linalg.hpp>
#include <tensorlab/ops/rnn.hpp>
#include <tensorlab/ops/unary.hpp>

#include <functional>
#include <thread>

#include "support/backend.hpp"

using T = tl::tensor<float, B>;
using tl::compute;

namespace {

template <class Backend>
tl::tensor<float, Backend> rounded(const tl::tensor<float, Backend>& x) {
  return tl::cast<float>(tl::cast<tl::bf16>(x));
}

/// The values and the leaves' gradients of sum(f(leaves) dy), forward and backward under given settings.
template <class X, class F>
std::vector<X> run(const F& f, std::vector<X> leaves, const X& dy, compute forward, compute backward) {
  for (X& x : leaves) x = X(x.array().clone_row_major()).requires_grad(true);
  const X y = [&] {
    const tl::autocast scope(forward);
    return f(leaves);
  }();
  {
    const tl::autocast scope(backward);
    y.backward(dy);
  }
  std::vector<X> results{tl::stop_gradient(y)};
  for (X& x : leaves) results.push_back(x.grad());
  return results;
}

template <class X>
bool same_bits(const std::vector<X>& a, const std::vector<X>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].to_vector() != b[i].to_vector()) return false;
  return true;
}

/// An op with its leaves' shapes.
struct product_case {
  const char* name;
  std::vector<tl::shape> leaves;
  std::function<T(const std::vector<T>&)> f;
};

std::vector<product_case> product_cases() {
  return {
      {"matmul", {{5, 9}, {9, 4}}, [](const auto& v) { return tl::matmul(v[0], v[1]); }},
      {"matmul of a stack", {{2, 3, 5, 9}, {3, 9, 4}}, [](const auto& v) { return tl::matmul(v[0], v[1]); }},
      {"linear", {{2, 3, 7}, {4, 7}, {4}}, [](const auto& v) { return tl::linear(v[0], v[1], v[2]); }},
      {"conv2d",
       {{2, 3, 6, 5}, {4, 3, 3, 3}, {4}},
       [](const auto& v) { return tl::conv2d(v[0], v[1], v[2], {.padding = 1}); }},
      {"conv1d", {{2, 3, 9}, {4, 3, 3}, {4}}, [](const auto& v) { return tl::conv1d(v[0], v[1], v[2]); }},
      {"lstm",
       {{3, 4, 6}, {20, 6}, {20, 5}, {20}, {20}},
       [](const auto& v) {
         return tl::lstm_direction(v[0], T(), T(), {v[1], v[2], v[3], v[4]}).y;
       }},
      {"gru",
       {{3, 4, 6}, {15, 6}, {15, 5}, {15}, {15}},
       [](const auto& v) {
         return tl::gru_direction(v[0], T(), {v[1], v[2], v[3], v[4]}).y;
       }},
      {"gru with the reset before",
       {{3, 4, 6}, {15, 6}, {15, 5}, {15}, {15}},
       [](const auto& v) {
         return tl::gru_direction(v[0], T(), {v[1], v[2], v[3], v[4]}, {}, tl::gru_reset::before_product).y;
       }},
  };
}

struct operands {
  std::vector<T> leaves;
  T dy;
};
operands operands_of(const product_case& c) {
  operands o;
  for (const tl::shape& s : c.leaves) o.leaves.push_back(test::uniform<float>(s, 3 + o.leaves.size(), -0.6, 0.6));
  o.dy = test::uniform<float>(c.f(o.leaves).shape(), 2);
  return o;
}

}  // namespace

TEST_CASE("autocast holds for its scope and nests", "[autograd][autocast]") {
  REQUIRE(tl::autocast_compute() == compute::full);
  {
    const tl::autocast outer(compute::bf16);
    REQUIRE(tl::autocast_compute() == compute::bf16);
    REQUIRE(tl::factors_of<float>() == compute::bf16);
    REQUIRE(tl::factors_of<double>() == compute::full);
    {
      const tl::autocast inner(compute::full);
      REQUIRE(tl::autocast_compute() == compute::full);
    }
    REQUIRE(tl::autocast_compute() == compute::bf16);
    compute elsewhere = compute::bf16;
    std::thread([&] { elsewhere = tl::autocast_compute(); }).join();
    REQUIRE(elsewhere == compute::full);
  }
  REQUIRE(tl::autocast_compute() == compute::full);
}

TEST_CASE("autocast ends with its scope when an exception leaves it", "[autograd][autocast]") {
  REQUIRE_THROWS_AS(
      [] {
        const tl::autocast scope(compute::bf16);
        tl::matmul(T::ones({2, 3}), T::ones({2, 3}));
      }(),
      tl::shape_error);
  REQUIRE(tl::autocast_compute() == compute::full);
}

TEST_CASE("products under autocast are those of rounded factors, forward and backward", "[autograd][autocast]") {
  const auto a = test::uniform<float>({5, 9}, 1), b = test::uniform<float>({9, 4}, 2),
             dy = test::uniform<float>({5, 4}, 3);
  const auto product = [](const auto& v) { return tl::matmul(v[0], v[1]); };
  const auto got = run<T>(product, {a, b}, dy, compute::bf16, compute::full);
  test::require_close(got[0], tl::matmul(rounded(a), rounded(b)));
  test::require_close(got[1], tl::matmul(rounded(dy), tl::transpose(rounded(b))));
  test::require_close(got[2], tl::matmul(tl::transpose(rounded(a)), rounded(dy)));

  const auto x = test::uniform<float>({2, 3, 6, 5}, 4), w = test::uniform<float>({4, 3, 3, 3}, 5),
             dz = test::uniform<float>({2, 4, 4, 3}, 6);
  const auto convolve = [](const auto& v) { return tl::conv2d(v[0], v[1]); };
  const auto conv = run<T>(convolve, {x, w}, dz, compute::bf16, compute::full);
  test::require_close(conv[0], tl::conv2d(rounded(x), rounded(w)));
  const auto by_hand = run<T>(convolve, {rounded(x), rounded(w)}, rounded(dz), compute::full, compute::full);
  test::require_close(conv[1], by_hand[1]);
  test::require_close(conv[2], by_hand[2]);
}

TEST_CASE("gradients round as their forward pass did", "[autograd][autocast]") {
  for (const product_case& c : product_cases()) {
    INFO(c.name);
    const auto [leaves, dy] = operands_of(c);
    const auto full = run<T>(c.f, leaves, dy, compute::full, compute::full);
    const auto cast = run<T>(c.f, leaves, dy, compute::bf16, compute::bf16);
    REQUIRE(same_bits(run<T>(c.f, leaves, dy, compute::full, compute::bf16), full));
    REQUIRE(same_bits(run<T>(c.f, leaves, dy, compute::bf16, compute::full), cast));
    // bf16 keeps 8 bits, and no sum here has more than some dozens of terms.
    for (std::size_t i = 0; i < full.size(); ++i)
      test::require_close(cast[i], full[i], 0.03 / test::tolerance<float>());
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(cast[i].to_vector() != full[i].to_vector());
  }
}

TEST_CASE("autocast leaves double and grouped convolutions alone", "[autograd][autocast]") {
  using D = tl::tensor<double, B>;
  const auto a = test::uniform<double>({5, 9}, 1), b = test::uniform<double>({9, 4}, 2);
  const auto product = [](const auto& v) { return tl::matmul(v[0], v[1]); };
  const auto dy = D::ones({5, 4});
  REQUIRE(same_bits(run<D>(product, {a, b}, dy, compute::bf16, compute::bf16),
                    run<D>(product, {a, b}, dy, compute::full, compute::full)));
  const auto x = test::uniform<float>({2, 4, 6, 5}, 3), w = test::uniform<float>({4, 1, 3, 3}, 4);
  const auto depthwise = [](const auto& v) { return tl::conv2d(v[0], v[1], T(), {.groups = 4}); };
  const auto dz = T::ones({2, 4, 4, 3});
  REQUIRE(same_bits(run<T>(depthwise, {x, w}, dz, compute::bf16, compute::bf16),
                    run<T>(depthwise, {x, w}, dz, compute::full, compute::full)));
}

TEST_CASE("recurrent layers round the same factors on every backend", "[autograd][autocast]") {
  using R = tl::tensor<float, tl::reference>;
  const std::int64_t n = 5, hidden = 9;
  for (const std::int64_t steps : {1, 4})
    for (const int kind : {0, 1, 2}) {
      INFO("steps " << steps << ", kind " << kind);
      const std::int64_t gates = kind == 0 ? 4 : 3;
      const auto layer = [&](const auto& v) {
        using X = std::decay_t<decltype(v[0])>;
        const auto reset = kind == 1 ? tl::gru_reset::after_product : tl::gru_reset::before_product;
        if (kind == 0) return tl::lstm_direction(v[0], v[1], X(), {v[2], v[3], v[4], v[5]}).y;
        return tl::gru_direction(v[0], v[1], {v[2], v[3], v[4], v[5]}, {}, reset).y;
      };
      std::vector<T> leaves;
      std::vector<R> same;
      for (const tl::shape& s :
           {tl::shape{n, steps, 7}, tl::shape{n, hidden}, tl::shape{gates * hidden, 7},
            tl::shape{gates * hidden, hidden}, tl::shape{gates * hidden}, tl::shape{gates * hidden}}) {
        leaves.push_back(test::uniform<float>(s, 10 + leaves.size()));
        same.push_back(test::on_reference(leaves.back()));
      }
      const auto dy = test::uniform<float>({n, steps, hidden}, 9);
      const auto got = run<T>(layer, leaves, dy, compute::bf16, compute::full);
      const auto expected = run<R>(layer, same, test::on_reference(dy), compute::bf16, compute::full);
      // A last digit of a state or of a gate's gradient can decide how it is rounded in the next product.
      for (std::size_t i = 0; i < got.size(); ++i)
        test::require_close(got[i], expected[i], steps == 1 && i == 0 ? 1 : 2e-3 / test::tolerance<float>());
    }
}

TEST_CASE("a checkpointed part is run again under the setting of its first run", "[autograd][autocast]") {
  const auto x = test::uniform<float>({5, 9}, 1), w = test::uniform<float>({9, 4}, 2),
             dy = test::uniform<float>({5, 4}, 3);
  const auto part = [](const T& a, const T& b) { return tl::exp(tl::matmul(a, b)); };
  const auto plain = [&](const auto& v) { return part(v[0], v[1]); };
  const auto again = [&](const auto& v) { return tl::checkpoint(part, v[0], v[1]); };
  for (const compute forward : {compute::full, compute::bf16})
    REQUIRE(same_bits(run<T>(again, {x, w}, dy, forward, compute::full),
                      run<T>(plain, {x, w}, dy, forward, compute::full)));
}

TEST_CASE("a recorded gradient rounds as its forward pass did", "[autograd][autocast]") {
  for (const product_case& c : product_cases()) {
    INFO(c.name);
    const auto [leaves, dy] = operands_of(c);
    const auto second = [&, given = dy, inputs = leaves](compute forward, compute backward) {
      std::vector<T> v;
      for (const T& x : inputs) v.push_back(T(x.array().clone_row_major()).requires_grad(true));
      T y;
      {
        const tl::autocast scope(forward);
        y = c.f(v);
      }
      const tl::autocast scope(backward);
      const auto g = tl::grad(tl::sum(y * given), {v[0], v[1]}, {.create_graph = true});
      // Recorded gradients of factors are sums that are no longer rounded here.
      tl::sum(g[0] * g[0]).backward();
      return v[1].grad().to_vector();
    };
    REQUIRE(second(compute::bf16, compute::full) == second(compute::bf16, compute::bf16));
    REQUIRE(second(compute::full, compute::bf16) == second(compute::full, compute::full));
    REQUIRE(second(compute::bf16, compute::full) != second(compute::full, compute::full));
  }
}

TEST_CASE("a small net trains under autocast as without", "[autograd][autocast]") {
  const auto x = test::uniform<float>({48, 6}, 1);
  const auto target = tl::sin(tl::matmul(x, test::uniform<float>({6, 2}, 2, -2, 2)));
  const auto final_loss = [&](compute how) {
    std::vector<T> w{test::uniform<float>({16, 6}, 3, -0.5, 0.5), T::zeros({16}),
                     test::uniform<float>({2, 16}, 4, -0.5, 0.5), T::zeros({2})};
    for (T& p : w) p.requires_grad(true);
    double loss = 0;
    for (int step = 0; step < 150; ++step) {
      const T objective = [&] {
        const tl::autocast scope(how);
        return tl::mean(tl::square(tl::linear(tl::tanh(tl::linear(x, w[0], w[1])), w[2], w[3]) - target));
      }();
      objective.backward();
      loss = static_cast<double>(objective.item());
      const tl::no_grad untracked;
      for (T& p : w) {
        B::map(tl::rule::add{}, p.array().view(), p.array().cview(), (p.grad() * -0.2).array().cview());
        p.zero_grad();
      }
    }
    return loss;
  };
  const double full = final_loss(compute::full), cast = final_loss(compute::bf16);
  INFO("loss " << full << " in float, " << cast << " with bf16");
  REQUIRE(full < 0.2);
  REQUIRE(std::abs(cast - full) < 0.03 * full);
  REQUIRE(cast != full);
}
