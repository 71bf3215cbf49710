#include <tensorlab/backend/cuda/recurrent.cuh>

// Apart from kernels.cu, so that both compile side by side.
namespace tensorlab::inline v0::cuda_kernel {

template void lstm(const view<float>& h, const view<float>& c, const view<float>& gates, const view<const float>& w_hh,
                   const view<const bool>& mask, bool reverse, compute factors);
template void lstm(const view<double>& h, const view<double>& c, const view<double>& gates,
                   const view<const double>& w_hh, const view<const bool>& mask, bool reverse, compute factors);
template void lstm_both(const view<float>& h_a, const view<float>& c_a, const view<float>& gates_a,
                        const view<const float>& w_a, const view<float>& h_b, const view<float>& c_b,
                        const view<float>& gates_b, const view<const float>& w_b, const view<const bool>& mask,
                        compute factors);
template void lstm_both(const view<double>& h_a, const view<double>& c_a, const view<double>& gates_a,
                        const view<const double>& w_a, const view<double>& h_b, const view<double>& c_b,
                        const view<double>& gates_b, const view<const double>& w_b, const view<const bool>& mask,
                        compute factors);
template void lstm_backward(const view<float>& dgates, const view<float>& dh, const view<float>& dc,
                            const view<const float>& dy, const view<const float>& c, const view<const float>& gates,
                            const view<const float>& w_hh, const view<const bool>& mask, bool reverse, compute factors);
template void lstm_backward(const view<double>& dgates, const view<double>& dh, const view<double>& dc,
                            const view<const double>& dy, const view<const double>& c, const view<const double>& gates,
                            const view<const double>& w_hh, const view<const bool>& mask, bool reverse,
                            compute factors);
template void gru(const view<float>& h, const view<float>& gates, const view<float>& inner,
                  const view<const float>& w_hh, const float* b_n, const view<const bool>& mask, bool reverse,
                  bool reset_after, compute factors);
template void gru(const view<double>& h, const view<double>& gates, const view<double>& inner,
                  const view<const double>& w_hh, const double* b_n, const view<const bool>& mask, bool reverse,
                  bool reset_after, compute factors);
template void gru_both(const view<float>& h_a, const view<float>& gates_a, const view<float>& inner_a,
                       const view<const float>& w_a, const float* b_a, const view<float>& h_b,
                       const view<float>& gates_b, const view<float>& inner_b, const view<const float>& w_b,
                       const float* b_b, const view<const bool>& mask, bool reset_after, compute factors);
template void gru_both(const view<double>& h_a, const view<double>& gates_a, const view<double>& inner_a,
                       const view<const double>& w_a, const double* b_a, const view<double>& h_b,
                       const view<double>& gates_b, const view<double>& inner_b, const view<const double>& w_b,
                       const double* b_b, const view<const bool>& mask, bool reset_after, compute factors);
template void gru_backward(const view<float>& dgates, const view<float>& dinner, const view<float>& dh,
                           const view<const float>& dy, const view<const float>& h, const view<const float>& gates,
                           const view<const float>& inner, const view<const float>& w_hh, const view<const bool>& mask,
                           bool reverse, bool reset_after, compute factors);
template void gru_backward(const view<double>& dgates, const view<double>& dinner, const view<double>& dh,
                           const view<const double>& dy, const view<const double>& h, const view<const double>& gates,
                           const view<const double>& inner, const view<const double>& w_hh,
                           const view<const bool>& mask, bool reverse, bool reset_after, compute factors);

}  // namespace tensorlab::inline v0::cuda_kernel
