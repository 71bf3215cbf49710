#include <tensorlab/backend/cuda/instances.cuh>

namespace tensorlab::inline v0 {

int cuda::device_count() noexcept { return cuda_kernel::count_devices(); }

bool cuda::usable(int device) noexcept {
  if (device < 0 || device >= device_count()) return false;
  using probe = simt_kernel::map_body<rule::copy, std::uint32_t, std::uint32_t>;
  cudaFuncAttributes attributes{};
  const bool usable = cudaSetDevice(device) == cudaSuccess &&
                      cudaFuncGetAttributes(&attributes, cuda_kernel::run_body<probe>) == cudaSuccess;
  cudaGetLastError();
  return usable;
}

std::string cuda::describe(int device) {
  cuda_kernel::use_device("cuda", device);
  cudaDeviceProp p{};
  cuda_kernel::check(cudaGetDeviceProperties(&p, device), "cuda");
  return concat(static_cast<const char*>(p.name), ", compute capability ", p.major, ".", p.minor, ", ",
                p.totalGlobalMem >> 20, " MiB");
}

void* cuda::allocate(std::size_t bytes, int device) {
  if (bytes == 0) return nullptr;
  return cuda_kernel::allocate_on(cuda_kernel::place("cuda", device), bytes);
}

void cuda::deallocate(void* p, std::size_t, int device) noexcept {
  if (p == nullptr) return;
  try {
    cuda_kernel::use_device("cuda", device).memory().deallocate(p);
  } catch (...) {  // the driver is gone at exit, and the memory with it
  }
}

void cuda::copy_to_host(void* to, const void* from, std::size_t bytes, int device) {
  detail::require_host_values("a tensor's values");
  if (bytes == 0) return;
  const cuda_kernel::place p("copy_to_host", device);
  cuda_kernel::check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, p.stream), "copy_to_host");
  cuda_kernel::check(cudaStreamSynchronize(p.stream), "copy_to_host");
}

void cuda::copy_from_host(void* to, const void* from, std::size_t bytes, int device) {
  detail::require_host_values("a tensor of the host's values");
  if (bytes == 0) return;
  const cuda_kernel::place p("copy_from_host", device);
  cuda_kernel::check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, p.stream), "copy_from_host");
  cuda_kernel::check(cudaStreamSynchronize(p.stream), "copy_from_host");
}

void cuda::synchronize(int device) {
  cuda_kernel::use_device("synchronize", device);
  cuda_kernel::check(cudaDeviceSynchronize(), "synchronize");
}

cuda::memory_use cuda::memory(int device) {
  const auto u = cuda_kernel::use_device("cuda", device).memory().use();
  return {u.live_bytes, u.peak_bytes, u.cached_bytes, u.requests, u.requested_bytes, u.device_allocations};
}
void cuda::reset_peak(int device) { cuda_kernel::use_device("cuda", device).memory().reset_peak(); }
void cuda::release_cached(int device) { cuda_kernel::use_device("cuda", device).memory().release(); }
void cuda::set_cache_limit(std::size_t bytes, int device) {
  cuda_kernel::use_device("cuda", device).memory().set_limit(bytes);
}

void cuda::use_cudnn(bool yes) { cuda_kernel::dnn_conv::enabled() = yes; }

cache_statistics cuda::convolution_cache(int device) {
  const cuda_kernel::place p("cuda", device);
  cuda_kernel::stream_state& stream = p.device->state(p.stream);
  const std::lock_guard lock(stream.mutex);
  cache_statistics s = stream.dnn != nullptr ? stream.dnn->use : cache_statistics{};
  s.size = stream.dnn != nullptr ? stream.dnn->choices.size() : 0;
  s.capacity = cuda_kernel::dnn_state::most_choices;
  return s;
}

void* cuda::stream(int device) { return cuda_kernel::place("cuda", device).stream; }

cuda::stream_scope::stream_scope(void* cuda_stream, int device) : before_(nullptr), device_(device) {
  cuda_kernel::use_device("cuda", device);
  before_ = cuda_kernel::chosen_stream(device);
  cuda_kernel::chosen_stream(device) = static_cast<cudaStream_t>(cuda_stream);
}
cuda::stream_scope::~stream_scope() { cuda_kernel::chosen_stream(device_) = static_cast<cudaStream_t>(before_); }

namespace cuda_kernel {

std::unique_ptr<graph> make_graph(const void* at) { return std::make_unique<recorded_graph<graph_stream>>(at); }

using floats = type_list<float, double>;
using integers = type_list<std::int64_t, std::int32_t>;
using numbers = join<floats, integers>;
using elements = type_list<float, double, bf16, half, std::int64_t, std::int32_t, std::uint8_t, bool>;

[[gnu::used]] void instantiate() {
  emit_differentiable(floats{}, join<rule::elementary_ops, rule::activation_ops, rule::loss_ops>{});
  emit_maps(floats{}, rule::discrete_ops{});
  emit_maps(floats{}, join<rule::arithmetic_ops, rule::share_ops>{});
  emit_maps(floats{}, join<rule::norm_ops, rule::rnn_ops, rule::loss_formula_ops>{});
  emit_maps(integers{}, join<rule::integer_ops, type_list<rule::neg, rule::abs, rule::square, rule::sign, rule::clamp,
                                                          rule::add_scalar, rule::mul_scalar>>{});
  emit_comparisons(join<numbers, type_list<std::uint8_t>>{}, rule::comparison_ops{});
  emit_maps(type_list<bool>{}, join<rule::logical_ops, type_list<rule::logical_not>>{});
  emit_conversions(elements{}, elements{});
  emit_moves(type_list<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>{});
  emit(&generate<rule::uniform<float>, float>, &generate<rule::uniform<double>, double>,
       &generate<rule::keep_mask<float>, float>, &generate<rule::keep_mask<double>, double>,
       &generate<rule::iota<float>, float>, &generate<rule::iota<double>, double>,
       &generate<rule::iota<std::int64_t>, std::int64_t>, &generate<rule::iota<std::int32_t>, std::int32_t>);
  emit_updates(floats{}, rule::update_ops{});
  emit_reductions(numbers{}, rule::reduce_ops{}, rule::arg_reduce_ops{}, rule::cumulate_ops{});
  emit_layers(floats{});
}

}  // namespace cuda_kernel

}  // namespace tensorlab::inline v0
