#pragma once

#include <tensorlab/core/type_list.hpp>
#include <tensorlab/rule/concept.hpp>

/// Activation functions as elementwise rules, in the same form as those of unary.hpp.
namespace tensorlab::inline v0::rule {

struct relu {  // y = max(x, 0), with slope 0 at 0
  static constexpr auto name = "relu";
  static constexpr save saves = save::output;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return math::select(x < T(0), T(0), x); }
  template <class T> TL_HD static T df(const T& y) { return math::select(y > T(0), T(1), T(0)); }
};

struct leaky_relu {  // y = x for x > 0, slope x otherwise
  double slope = 0.01;
  static constexpr auto name = "leaky_relu";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD T f(const T& x) const { return math::select(x > T(0), x, T(T(slope) * x)); }
  template <class T> TL_HD T df(const T& x) const { return math::select(x > T(0), T(1), T(slope)); }
};

struct relu6 {  // y = min(max(x, 0), 6)
  static constexpr auto name = "relu6";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 8};
  template <class T> TL_HD static T f(const T& x) { return math::minimum(math::maximum(x, T(0)), T(6)); }
  template <class T> TL_HD static T df(const T& x) {
    return math::select(x > T(0), math::select(x < T(6), T(1), T(0)), T(0));
  }
};

struct relu_squared {  // y = max(x, 0)^2
  static constexpr auto name = "relu_squared";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return math::select(x < T(0), T(0), T(x * x)); }
  template <class T> TL_HD static T df(const T& x) { return math::select(x > T(0), T(x + x), T(0)); }
};

struct elu {  // y = x for x > 0, alpha (e^x - 1) otherwise
  double alpha = 1;
  static constexpr auto name = "elu";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD T f(const T& x) const {
    return math::select(x > T(0), x, T(T(alpha) * math::expm1(math::minimum(x, T(0)))));
  }
  template <class T> TL_HD T df(const T& x) const {
    return math::select(x > T(0), T(1), T(T(alpha) * math::exp(math::minimum(x, T(0)))));
  }
};

struct sigmoid {  // y = 1 / (1 + e^-x)
  static constexpr auto name = "sigmoid";
  static constexpr save saves = save::output;
  static constexpr sample_range sample{-4, 4};
  template <class T> TL_HD static T f(const T& x) { return math::sigmoid(x); }
  template <class T> TL_HD static T df(const T& y) { return y * (T(1) - y); }
};

struct log_sigmoid {  // y = ln sigmoid(x) = min(x, 0) - ln(1 + e^-|x|)
  static constexpr auto name = "log_sigmoid";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-4, 4};
  template <class T> TL_HD static T f(const T& x) {
    return math::minimum(x, T(0)) - math::log1p(math::exp(T(-math::abs(x))));
  }
  template <class T> TL_HD static T df(const T& x) { return math::sigmoid(T(-x)); }
};

struct tanh {
  static constexpr auto name = "tanh";
  static constexpr save saves = save::output;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return math::tanh(x); }
  template <class T> TL_HD static T df(const T& y) { return T(1) - y * y; }
};

struct softplus {  // y = ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)
  static constexpr auto name = "softplus";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-4, 4};
  template <class T> TL_HD static T f(const T& x) {
    return math::maximum(x, T(0)) + math::log1p(math::exp(T(-math::abs(x))));
  }
  template <class T> TL_HD static T df(const T& x) { return math::sigmoid(x); }
};

struct silu {  // y = x sigmoid(x)
  static constexpr auto name = "silu";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-4, 4};
  template <class T> TL_HD static T f(const T& x) { return x * math::sigmoid(x); }
  template <class T> TL_HD static T df(const T& x) {
    const T s = math::sigmoid(x);
    return s * (T(1) + x * (T(1) - s));
  }
};

struct gelu {  // y = x (1 + erf(x / sqrt(2))) / 2
  static constexpr auto name = "gelu";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) {
    return T(0.5) * x * (T(1) + math::erf(T(x * T(0.70710678118654752))));
  }
  template <class T> TL_HD static T df(const T& x) {
    const T cdf = T(0.5) * (T(1) + math::erf(T(x * T(0.70710678118654752))));
    return cdf + x * T(0.39894228040143268) * math::exp(T(T(-0.5) * x * x));
  }
};

struct gelu_tanh {  // y = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
  static constexpr auto name = "gelu_tanh";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) {
    return T(0.5) * x * (T(1) + math::tanh(T(T(0.79788456080286536) * x * (T(1) + T(0.044715) * x * x))));
  }
};

struct mish {  // y = x tanh(softplus(x))
  static constexpr auto name = "mish";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return x * math::tanh(softplus::f(x)); }
};

struct softsign {  // y = x / (1 + |x|)
  static constexpr auto name = "softsign";
  static constexpr save saves = save::output;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return x / (T(1) + math::abs(x)); }
  template <class T> TL_HD static T df(const T& y) {
    const T rest = T(1) - math::abs(y);  // 1 / (1 + |x|)
    return rest * rest;
  }
};

using activation_ops = type_list<relu, leaky_relu, relu6, relu_squared, elu, sigmoid, log_sigmoid, tanh, softplus, silu,
                                 gelu, gelu_tanh, mish, softsign>;

}  // namespace tensorlab::inline v0::rule
