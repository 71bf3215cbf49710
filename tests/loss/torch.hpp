#pragma once

#include <tensorlab/loss/reduction.hpp>

#include "loss/torch_losses.hpp"
#include "ops/parity.hpp"

namespace test {

/// The loss of `scale` times the fill with key 1, and its gradient, started from the fill with key 10 where the loss is
/// no scalar.
template <class F>
void require_torch_loss(const std::string& name, const tl::shape& s, const F& loss, double scale = 3) {
  const auto x = tl::stop_gradient(golden_fill<double>(s, 1) * scale).requires_grad(true);
  const tl::tensor<double, B> y = loss(x);
  require_golden(torch_losses(), name + " y", y);
  if (y.rank() == 0)
    y.backward();
  else
    y.backward(golden_fill<double>(y.shape(), 10));
  require_golden(torch_losses(), name + " dx", x.grad());
}

/// As above for "mean", "sum" and "none": `loss(x, reduction)`.
template <class F>
void require_torch_losses(const std::string& name, const tl::shape& s, const F& loss) {
  using tl::loss::reduction;
  constexpr std::pair<const char*, reduction> all[] = {
      {" mean", reduction::mean}, {" sum", reduction::sum}, {" none", reduction::none}};
  for (const auto& [suffix, r] : all)
    require_torch_loss(name + suffix, s, [&, kind = r](const auto& x) { return loss(x, kind); });
}

}  // namespace test
