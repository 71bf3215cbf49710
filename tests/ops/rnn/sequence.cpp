#include <tensorlab/ops/rnn/sequence.hpp>

#include "support/backend.hpp"

TEST_CASE("a sequence mask marks the valid steps", "[ops][rnn]") {
  const auto mask = tl::sequence_mask(tl::tensor<std::int64_t, B>::from({2, 0, 5, 3}, {4}), 3);
  REQUIRE(mask.shape() == tl::shape{4, 3});
  test::require_values(tl::tensor<float, B>(mask.array().cast<float>()), {1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1});
  REQUIRE_THROWS_WITH((tl::sequence_mask(tl::tensor<std::int64_t, B>::zeros({2, 1}), 3)),
                      "sequence_mask: lengths: expected rank 1, got shape [2, 1]");
}
