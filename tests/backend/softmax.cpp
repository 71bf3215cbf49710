#include "backend/both.hpp"

namespace {

using namespace test;

const tl::shape shapes[] = {{1},          {5},          {17, 3},   {4, 64}, {3, 5, 100},
                            {2, 3, 4, 5}, {40, 33, 30}, {2, 3000}, {0, 4},  {3, 1, 20}};

template <class T>
void check(const tl::shape& s, int axis, layout l, bool log, double range) {
  INFO("shape " << tl::to_string(s) << " axis " << axis << " layout " << static_cast<int>(l) << (log ? " log" : ""));
  const auto x = random_both<T>(s, l, 1, -range, range);
  auto y = random_both<T>(s, layout::gapped, 2);
  tl::reference::softmax(y.e(), x.ce(), axis, log);
  B::softmax(y.g(), x.cg(), axis, log);
  require_equal(y);
  const auto dy = random_both<T>(s, l, 3);
  auto dx = random_both<T>(s, l, 4);
  tl::reference::softmax_backward(dx.e(), y.ce(), dy.ce(), axis, log);
  B::softmax_backward(dx.g(), y.cg(), dy.cg(), axis, log);
  require_equal(dx, 4);
}

}  // namespace

TEMPLATE_TEST_CASE("softmax and its gradient agree with the reference", "[backend]", float, double) {
  for (const tl::shape& s : shapes)
    for (int axis = 0; axis < s.rank(); ++axis)
      for (layout l : every_layout)
        for (bool log : {false, true}) check<TestType>(s, axis, l, log, 4);
}

TEST_CASE("softmax is stable for large inputs", "[backend]") {
  for (int axis : {0, 1}) check<float>({6, 40}, axis, layout::dense, false, 1000);
  for (int axis : {0, 1}) check<float>({6, 40}, axis, layout::dense, true, 1000);
}

TEST_CASE("softmax may write over its input, and a masked element gets no share", "[backend]") {
  const float inf = std::numeric_limits<float>::infinity();
  for (const tl::strides& st : {tl::strides{4, 1}, tl::strides{1, 2}}) {
    const auto values = std::make_unique<float[]>(8);
    for (std::size_t i = 0; i < 8; ++i) values[i] = i % 4 == 1 ? -inf : static_cast<float>(i);
    auto x = from_values(values, 8, {2, 4}, st);
    tl::reference::softmax(x.e(), x.ce(), 1, false);
    B::softmax(x.g(), x.cg(), 1, false);
    require_equal(x);
  }
}
