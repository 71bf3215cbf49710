#pragma once

#include <tensorlab/core/math.hpp>
#include <tensorlab/core/type_list.hpp>

/// Running statistics of batch normalisation, elementwise over channels.
namespace tensorlab::inline v0::rule {

struct running_mean {  // m = (1 - momentum) m + momentum batch
  double momentum = 0.1;
  static constexpr auto name = "running_mean";
  template <class T> TL_HD T f(const T& m, const T& batch) const { return m + T(momentum) * (batch - m); }
};

struct running_variance {  // v = (1 - momentum) v + momentum correction (rstd^-2 - eps)
  double momentum = 0.1, correction = 1, eps = 1e-5;
  static constexpr auto name = "running_variance";
  template <class T> TL_HD T f(const T& v, const T& rstd) const {
    const T batch = math::maximum(T(T(1) / (rstd * rstd) - T(eps)), T(0));
    return v + T(momentum) * (T(correction) * batch - v);
  }
};

using norm_ops = type_list<running_mean, running_variance>;

}  // namespace tensorlab::inline v0::rule
