#include <tensorlab/backend/cuda/instances.cuh>

// Apart from kernels.cu, so that both compile side by side.
namespace tensorlab::inline v0::cuda_kernel {

[[gnu::used]] void instantiate_dropout() {
  emit_dropout(type_list<float, double>{}, rule::activation_ops{});
  emit(&generate<rule::draw, std::int64_t>, &generate<rule::drop<rule::copy, float>, float, float>,
       &generate<rule::drop<rule::copy, double>, double, double>);
}

}  // namespace tensorlab::inline v0::cuda_kernel
