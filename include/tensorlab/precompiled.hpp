#pragma once

#include <tensorlab/tensorlab.hpp>

/// The common types on cpu, compiled once: with TensorLab::precompiled linked, including this header instead of the
/// umbrella declares these instances, so that no translation unit compiles them again. Without it, it is the umbrella.
#if defined(TENSORLAB_PRECOMPILED)
#if defined(TL_PRECOMPILE_HERE)
#define TL_INSTANCE template
#else
#define TL_INSTANCE extern template
#endif

namespace tensorlab::inline v0 {

TL_INSTANCE class array<float, cpu>;
TL_INSTANCE class tensor<float, cpu>;
TL_INSTANCE class detail::tensor_body<float, cpu>;
TL_INSTANCE class detail::recorded_node<float, cpu>;

#define TL_UNARY(f) TL_INSTANCE tensor<float, cpu> f(const tensor<float, cpu>&);
TL_UNARY(operator-)
TL_UNARY(exp)
TL_UNARY(log)
TL_UNARY(sqrt)
TL_UNARY(square)
TL_UNARY(relu)
TL_UNARY(sigmoid)
TL_UNARY(tanh)
TL_UNARY(silu)
TL_UNARY(gelu)
#undef TL_UNARY

#define TL_BINARY(f) TL_INSTANCE tensor<float, cpu> f(const tensor<float, cpu>&, const tensor<float, cpu>&);
TL_BINARY(operator+)
TL_BINARY(operator-)
TL_BINARY(operator*)
TL_BINARY(operator/)
TL_BINARY(matmul)
#undef TL_BINARY

TL_INSTANCE tensor<float, cpu> sum(const tensor<float, cpu>&, const dims&, bool);
TL_INSTANCE tensor<float, cpu> mean(const tensor<float, cpu>&, const dims&, bool);
TL_INSTANCE tensor<float, cpu> reshape(const tensor<float, cpu>&, const shape&);
TL_INSTANCE tensor<float, cpu> permute(const tensor<float, cpu>&, const dims&);
TL_INSTANCE tensor<float, cpu> slice(const tensor<float, cpu>&, int, std::int64_t, std::int64_t, std::int64_t);
TL_INSTANCE tensor<float, cpu> select(const tensor<float, cpu>&, int, std::int64_t);
TL_INSTANCE tensor<float, cpu> linear(const tensor<float, cpu>&, const tensor<float, cpu>&, const tensor<float, cpu>&);

namespace nn {
TL_INSTANCE struct linear<float, cpu>;
TL_INSTANCE struct conv1d<float, cpu>;
TL_INSTANCE struct conv2d<float, cpu>;
TL_INSTANCE struct batch_norm<float, cpu>;
TL_INSTANCE struct layer_norm<float, cpu>;
TL_INSTANCE struct lstm<float, cpu>;
TL_INSTANCE struct gru<float, cpu>;
TL_INSTANCE struct attention_pool<float, cpu>;
}  // namespace nn

namespace loss {
TL_INSTANCE tensor<float, cpu> cross_entropy(const tensor<float, cpu>&, const tensor<std::int64_t, cpu>&,
                                             const cross_entropy_options<float, cpu>&);
TL_INSTANCE tensor<float, cpu> bce_with_logits(const tensor<float, cpu>&, const tensor<float, cpu>&,
                                               const bce_with_logits_options<float, cpu>&);
}  // namespace loss

namespace optim {
TL_INSTANCE class optimiser<float, cpu>;
TL_INSTANCE class detail::adam_family<float, cpu>;
TL_INSTANCE class sgd<float, cpu>;
TL_INSTANCE class adam<float, cpu>;
TL_INSTANCE class adamw<float, cpu>;
}  // namespace optim

}  // namespace tensorlab::inline v0

#undef TL_INSTANCE
#endif
