#include <tensorlab/quantized/packing.hpp>

#include "support/backend.hpp"

namespace {

using packing = tl::quantized::detail::packing<int>;

/// Two buffers, and the number of the packed form that a packing has for them.
struct buffers {
  tl::tensor<float> scale = tl::tensor<float>::ones({2});
  tl::tensor<std::int8_t> values = tl::tensor<std::int8_t>::zeros({2});
  std::shared_ptr<int> made = std::make_shared<int>(0), used = std::make_shared<int>(0);

  int perform(const packing& p) const {
    const tl::tensor<float> undefined;
    p.perform(
        tl::quantized::detail::blocks_of(scale, undefined, values),
        [made = made] { return std::make_shared<const int>(++*made); }, [used = used](int form) { *used = form; });
    return *used;
  }
};

}  // namespace

TEST_CASE("a packing is made again after a write, and by a copy for itself", "[quantized]") {
  const packing p;
  buffers b;
  REQUIRE(b.perform(p) == 1);
  REQUIRE(b.perform(p) == 1);
  b.scale.fill(2);
  REQUIRE(b.perform(p) == 2);
  b.values.mutable_span()[0] = 3;
  REQUIRE(b.perform(p) == 3);
  b.values = tl::tensor<std::int8_t>::zeros({2});
  REQUIRE(b.perform(p) == 4);
  packing copy = p;
  REQUIRE(b.perform(copy) == 5);
  REQUIRE(b.perform(p) == 4);
  copy = p;
  REQUIRE(b.perform(copy) == 6);
}

TEST_CASE("a replay sees writes where it takes nothing for constant", "[quantized]") {
  for (const bool constant : {false, true}) {
    buffers b;
    tl::capture recording;
    {
      const packing p;  // as one of a module that is moved
      const tl::capture::scope here(&recording);
      if (constant) recording.assume_constants();
      REQUIRE(b.perform(p) == 1);
    }
    *b.used = 0;
    recording.replay();
    REQUIRE(*b.used == 1);
    b.scale.fill(2);
    recording.replay();
    REQUIRE(*b.used == (constant ? 1 : 2));
  }
}
