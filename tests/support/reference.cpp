#include "support/reference.hpp"

namespace tensorlab::inline v0::detail {

template void reference_layers::gemm(view<float>, view<const float>, view<const float>, const gemm_epilogue<float>&);
template void reference_layers::conv(view<float>, view<const float>, view<const float>, const float*,
                                     const window_geometry&);
template void reference_layers::conv_dx(view<float>, view<const float>, view<const float>, const window_geometry&);
template void reference_layers::conv_dw(view<float>, view<const float>, view<const float>, const window_geometry&);
template void reference_layers::gemm(view<double>, view<const double>, view<const double>,
                                     const gemm_epilogue<double>&);
template void reference_layers::conv(view<double>, view<const double>, view<const double>, const double*,
                                     const window_geometry&);
template void reference_layers::conv_dx(view<double>, view<const double>, view<const double>, const window_geometry&);
template void reference_layers::conv_dw(view<double>, view<const double>, view<const double>, const window_geometry&);

}  // namespace tensorlab::inline v0::detail
