#pragma once

#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/ops/activation.hpp>
#include <tensorlab/ops/linalg.hpp>
#include <tensorlab/ops/reduce.hpp>
#include <tensorlab/ops/shape.hpp>
#include <tensorlab/precompiled/instance.hpp>

namespace tensorlab::inline v0 {

TL_INSTANCE(class array<float, cpu>);
TL_INSTANCE(class tensor<float, cpu>);
TL_INSTANCE(class detail::tensor_body<float, cpu>);
TL_INSTANCE(class detail::recorded_node<float, cpu>);
TL_INSTANCE(class array<std::int64_t, cpu>);
TL_INSTANCE(class detail::tensor_body<std::int64_t, cpu>);

TL_INSTANCE(tensor<float, cpu> operator-(const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> exp(const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> log(const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> sqrt(const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> square(const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> relu(const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> sigmoid(const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> tanh(const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> silu(const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> gelu(const tensor<float, cpu>&));

TL_INSTANCE(tensor<float, cpu> operator+(const tensor<float, cpu>&, const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> operator-(const tensor<float, cpu>&, const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> operator*(const tensor<float, cpu>&, const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> operator/(const tensor<float, cpu>&, const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> matmul(const tensor<float, cpu>&, const tensor<float, cpu>&));
TL_INSTANCE(tensor<float, cpu> linear(const tensor<float, cpu>&, const tensor<float, cpu>&, const tensor<float, cpu>&));

TL_INSTANCE(tensor<float, cpu> sum(const tensor<float, cpu>&, const dims&, bool));
TL_INSTANCE(tensor<float, cpu> mean(const tensor<float, cpu>&, const dims&, bool));
TL_INSTANCE(tensor<float, cpu> reshape(const tensor<float, cpu>&, const shape&));
TL_INSTANCE(tensor<float, cpu> permute(const tensor<float, cpu>&, const dims&));
TL_INSTANCE(tensor<float, cpu> slice(const tensor<float, cpu>&, int, std::int64_t, std::int64_t, std::int64_t));
TL_INSTANCE(tensor<float, cpu> select(const tensor<float, cpu>&, int, std::int64_t));

}  // namespace tensorlab::inline v0
