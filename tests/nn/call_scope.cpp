#include <tensorlab/nn/call_scope.hpp>

#include <optional>
#include <vector>

#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/any.hpp>
#include <tensorlab/nn/embedding.hpp>
#include <tensorlab/nn/layer_norm.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/nn/sequential.hpp>
#include <tensorlab/ops/binary.hpp>

#include "support/backend.hpp"

namespace nn = tl::nn;

namespace {

using T = tl::tensor<float, B>;
using linear = nn::linear<float, B>;

linear layer(std::int64_t in, std::int64_t out) { return linear::init({.in = in, .out = out}, tl::random::stream{1}); }

/// Throws what a test asks for.
struct failing {
  enum class kind { none, value, gradient, device, foreign } what = kind::none;
  static constexpr auto fields() { return tl::fields("what", &failing::what); }
  T operator()(const T& x) const {
    const nn::call_scope scope(*this);
    if (what == kind::value) tl::throw_value_error("failing: value");
    if (what == kind::gradient) tl::throw_gradient_error("failing: gradient");
    if (what == kind::device) tl::throw_device_error("failing: device");
    if (what == kind::foreign) throw std::out_of_range("foreign");
    return x;
  }
};

struct block {
  nn::residual<nn::sequential<linear, nn::relu>> inner;
  std::vector<linear> many;
  std::optional<linear> last;
  failing fails;
  static constexpr auto fields() {
    return tl::fields("inner", &block::inner, "many", &block::many, "last", &block::last, "fails", &block::fails);
  }
  T operator()(const T& x) const {
    const nn::call_scope scope(*this);
    T y = inner(x);
    for (const auto& one : many) y = one(y);
    return fails(last ? (*last)(y) : y);
  }
};

struct network {
  block encoder;
  nn::any<float, B> head;
  static constexpr auto fields() { return tl::fields("encoder", &network::encoder, "head", &network::head); }
  T operator()(const T& x) const {
    const nn::call_scope scope(*this);
    return head(encoder(x));
  }
};

network make() {
  return {{{nn::sequential{layer(4, 4), nn::relu{}}}, {layer(4, 4), layer(4, 4)}, layer(4, 4), {}},
          nn::any<float, B>(nn::sequential{nn::relu{}, layer(4, 2)})};
}

}  // namespace

TEST_CASE("an error in a record tells the field it comes from", "[nn]") {
  const T x = T::ones({3, 4});
  REQUIRE_NOTHROW(make()(x));
  {
    network n = make();
    std::get<0>(n.encoder.inner.block.layers) = layer(5, 4);
    REQUIRE_THROWS_WITH(n(x), Catch::StartsWith("encoder.inner.block.0.linear: input sizes differ"));
    REQUIRE_THROWS_AS(n(x), tl::shape_error);
  }
  {
    network n = make();
    std::get<0>(n.encoder.inner.block.layers) = layer(4, 3);
    REQUIRE_THROWS_WITH(n(x), Catch::StartsWith("encoder.inner.add: "));
  }
  {
    network n = make();
    n.encoder.many[1] = layer(5, 4);
    REQUIRE_THROWS_WITH(n(x), Catch::StartsWith("encoder.many.1.linear: "));
    REQUIRE_THROWS_WITH(n.encoder(x), Catch::StartsWith("many.1.linear: "));
    REQUIRE_THROWS_WITH(n.encoder.many[1](x), Catch::StartsWith("linear: "));
  }
  {
    network n = make();
    n.encoder.last = layer(5, 4);
    REQUIRE_THROWS_WITH(n(x), Catch::StartsWith("encoder.last.linear: "));
  }
  {
    network n = make();
    n.head = nn::any<float, B>(nn::sequential{nn::relu{}, layer(5, 2)});
    REQUIRE_THROWS_WITH(n(x), Catch::StartsWith("head.1.linear: "));
  }
}

TEST_CASE("every type of error is told where it comes from and keeps its type", "[nn]") {
  const T x = T::ones({3, 4});
  network n = make();
  n.encoder.fails.what = failing::kind::value;
  REQUIRE_THROWS_AS(n(x), tl::value_error);
  REQUIRE_THROWS_WITH(n(x), "encoder.fails.failing: value");
  n.encoder.fails.what = failing::kind::gradient;
  REQUIRE_THROWS_AS(n(x), tl::gradient_error);
  REQUIRE_THROWS_WITH(n(x), "encoder.fails.failing: gradient");
  n.encoder.fails.what = failing::kind::device;
  REQUIRE_THROWS_AS(n(x), tl::device_error);
  REQUIRE_THROWS_WITH(n(x), "encoder.fails.failing: device");
  n.encoder.fails.what = failing::kind::foreign;
  REQUIRE_THROWS_AS(n(x), std::out_of_range);
  // What was unwound tells nothing any more.
  REQUIRE_THROWS_WITH(tl::throw_value_error("outside"), "outside");
}

TEST_CASE("a layer without fields is told by its number", "[nn]") {
  const auto plain = [](const T& v) -> T { return v + T::ones({7}); };
  const nn::sequential net{layer(4, 4), nn::sequential{nn::relu{}, plain}};
  REQUIRE_THROWS_WITH(net(T::ones({3, 4})), Catch::StartsWith("1.1.add: "));
  const nn::sequential untyped{nn::relu{}, plain};
  REQUIRE_THROWS_WITH(untyped(T::ones({3, 4})), Catch::StartsWith("1.add: "));
}

TEST_CASE("an embedding and a norm in a network are told as well", "[nn]") {
  const tl::random::stream rng{1};
  const nn::sequential net{nn::embedding<float, B>::init({.count = 3, .dim = 2}, rng),
                           nn::layer_norm<float, B>::init({.normalized = {5}})};
  using ids = tl::tensor<std::int64_t, B>;
  REQUIRE_THROWS_WITH(net(ids::from({0, 3}, {2})), Catch::StartsWith("0.embedding: index out of range"));
  REQUIRE_THROWS_WITH(net(ids::from({0, 1}, {2})), Catch::StartsWith("1.layer_norm: "));
}
