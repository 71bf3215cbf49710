// What a user writes for a rule of his own: a .cu file that includes the kernels and names the rule.

#include <tensorlab/backend/cuda/instances.cuh>

#include "own_rule.hpp"

[[gnu::used]] void own_rules() {
  tensorlab::cuda_kernel::emit_differentiable(tensorlab::type_list<float>{}, tensorlab::type_list<test::cubic>{});
  tensorlab::cuda_kernel::emit_dropout(tensorlab::type_list<float>{}, tensorlab::type_list<test::cubic>{});
}
