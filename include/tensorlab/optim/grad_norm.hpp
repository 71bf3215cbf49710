#pragma once

#include <cmath>
#include <vector>

#include <tensorlab/nn/state_dict.hpp>
#include <tensorlab/rule/reduce.hpp>

namespace tensorlab::inline v0::optim {

namespace detail {

/// The L2 norm of some arrays together, with buffers that are kept from call to call.
///
/// Each array is summed on its device, the sums in double in the order in which the arrays were added.
template <class T, class B>
class common_norm {
 public:
  void clear() { arrays_.clear(); }
  void add(const array<T, B>& a) {
    if (a.size() > 0) arrays_.push_back(a);
  }
  double value() {
    if (arrays_.empty()) return 0;
    const auto count = static_cast<std::int64_t>(arrays_.size());
    // One array for all sums, so that a device is waited for once.
    if (!sums_ || sums_.size() < count || sums_.device() != arrays_.front().device())
      sums_ = array<T, B>::empty({count}, arrays_.front().device());
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      const shape& s = arrays_[i].shape();
      B::reduce(rule::sum_squares{}, view<T>{sums_.data() + i, s, dims::filled(s.rank(), 0)}, arrays_[i].cview());
    }
    host_.resize(arrays_.size());
    B::copy_to_host(host_.data(), sums_.data(), arrays_.size() * sizeof(T), sums_.device());
    double total = 0;
    for (T sum : host_) total += static_cast<double>(sum);
    return std::sqrt(total);
  }

 private:
  std::vector<array<T, B>> arrays_;
  array<T, B> sums_;
  std::vector<T> host_;
};

/// What limits gradients of such a norm: max_norm / (norm + 1e-6) below 1, NaN if the norm is, else 1.
inline double limiting_factor(double norm, double max_norm) {
  const double scale = max_norm / (norm + 1e-6);
  return scale >= 1 ? 1 : scale;
}

}  // namespace detail

/// The L2 norm of all gradients together: sqrt(sum g^2); 0 if there are none.
///
/// Each gradient is summed on its device, the sums in double in the order of the list: the same bits every time.
template <class T, class B>
double grad_norm(const std::vector<nn::named_parameter<T, B>>& parameters) {
  detail::common_norm<T, B> norm;
  for (const auto& p : parameters)
    if (p.value.grad().defined()) norm.add(p.value.grad().array());
  return norm.value();
}

}  // namespace tensorlab::inline v0::optim
