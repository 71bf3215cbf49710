#pragma once

#include <string>

#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/config.hpp>
#if TENSORLAB_HAS_CUDA
#include <tensorlab/backend/cuda.hpp>
#endif

namespace tensorlab::inline v0 {

/// Calls `f.template operator()<B>()` with the backend that `device` names, and returns what it returns.
///
/// `cpu`; `cuda`, which **throws** device_error if this build has no cuda or no GPU is usable; `auto`: cuda where both
/// are there, else cpu. **Throws** value_error for another name.
///
/// ```cpp
/// return tl::with_device(args.device, [&]<tl::backend B>() { return train<B>(args); });
/// ```
template <class F>
auto with_device(const std::string& device, F&& f) {
  if (device != "auto" && device != "cpu" && device != "cuda")
    throw_value_error(concat("device: '", device, "' is none of auto, cpu, cuda"));
#if TENSORLAB_HAS_CUDA
  if (device != "cpu" && cuda::usable()) return f.template operator()<cuda>();
  if (device == "cuda") throw_device_error("device: cuda was asked for, but no usable GPU was found; use --device cpu");
#else
  if (device == "cuda")
    throw_device_error(
        "device: cuda was asked for, but this build has no cuda backend; use --device cpu or build with "
        "TENSORLAB_WITH_CUDA=ON");
#endif
  return f.template operator()<cpu>();
}

}  // namespace tensorlab::inline v0
