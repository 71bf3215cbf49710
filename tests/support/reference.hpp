#pragma once

#include <tensorlab/backend/reference.hpp>

// The slowest plain loops are compiled once, with optimisation: most tests are compiled without.
namespace tensorlab::inline v0::detail {

extern template void reference_layers::gemm(view<float>, view<const float>, view<const float>,
                                            const gemm_epilogue<float>&);
extern template void reference_layers::conv(view<float>, view<const float>, view<const float>, const float*,
                                            const window_geometry&);
extern template void reference_layers::conv_dx(view<float>, view<const float>, view<const float>,
                                               const window_geometry&);
extern template void reference_layers::conv_dw(view<float>, view<const float>, view<const float>,
                                               const window_geometry&);
extern template void reference_layers::gemm(view<double>, view<const double>, view<const double>,
                                            const gemm_epilogue<double>&);
extern template void reference_layers::conv(view<double>, view<const double>, view<const double>, const double*,
                                            const window_geometry&);
extern template void reference_layers::conv_dx(view<double>, view<const double>, view<const double>,
                                               const window_geometry&);
extern template void reference_layers::conv_dw(view<double>, view<const double>, view<const double>,
                                               const window_geometry&);

}  // namespace tensorlab::inline v0::detail
