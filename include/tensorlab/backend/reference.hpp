#pragma once

#include <tensorlab/backend/concept.hpp>
#include <tensorlab/backend/host_storage.hpp>
#include <tensorlab/backend/reference/elementwise.hpp>
#include <tensorlab/backend/reference/layers.hpp>

namespace tensorlab::inline v0 {

/// The oracle: every primitive as a naive loop in host memory. Never optimised, depends on nothing.
struct reference : detail::host_storage, detail::reference_elementwise, detail::reference_layers {
  static constexpr const char* name = "reference";
};

static_assert(backend<reference>);

}  // namespace tensorlab::inline v0
