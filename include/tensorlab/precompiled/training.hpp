#pragma once

#include <tensorlab/loss/bce.hpp>
#include <tensorlab/loss/cross_entropy.hpp>
#include <tensorlab/optim/adam.hpp>
#include <tensorlab/optim/sgd.hpp>
#include <tensorlab/precompiled/tensor.hpp>

namespace tensorlab::inline v0 {

namespace loss {
TL_INSTANCE(tensor<float, cpu> cross_entropy(const tensor<float, cpu>&, const tensor<std::int64_t, cpu>&,
                                             const cross_entropy_options<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> bce_with_logits(const tensor<float, cpu>&, const tensor<float, cpu>&,
                                               const bce_with_logits_options<float, cpu>&));
}  // namespace loss

namespace optim {
TL_INSTANCE(class optimiser<float, cpu>);
TL_INSTANCE(class detail::adam_family<float, cpu>);
TL_INSTANCE(class sgd<float, cpu>);
TL_INSTANCE(class adam<float, cpu>);
TL_INSTANCE(class adamw<float, cpu>);
}  // namespace optim

}  // namespace tensorlab::inline v0
