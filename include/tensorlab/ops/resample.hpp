#pragma once

#include <tensorlab/autograd/record.hpp>
#include <tensorlab/backend/concept.hpp>
#include <tensorlab/ops/reshape.hpp>

namespace tensorlab::inline v0 {

namespace detail {

/// The view [N, C, H, factor, W, factor] of an image [N, C, factor H, factor W].
template <class T, class B>
array<T, B> in_blocks(const array<T, B>& y, std::int64_t factor) {
  const auto &s = y.shape(), &st = y.strides();
  return y.restride({s[0], s[1], s[2] / factor, factor, s[3] / factor, factor},
                    {st[0], st[1], st[2] * factor, st[2], st[3] * factor, st[3]});
}

template <class T, class B>
tensor<T, B> repeat_in_blocks(const tensor<T, B>& x, std::int64_t factor);

/// The sum over each block of factor x factor pixels: the adjoint of repeat_in_blocks.
template <class T, class B>
tensor<T, B> sum_in_blocks(const tensor<T, B>& x, std::int64_t factor) {
  const auto blocks = in_blocks(x.array(), factor);
  shape s = x.shape();
  s[2] /= factor;
  s[3] /= factor;
  const auto y = array<T, B>::empty(s, dense_like(s, x.strides()), x.device());
  const auto& st = y.strides();
  B::reduce(rule::sum{}, view<T>{y.data(), blocks.shape(), {st[0], st[1], st[2], 0, st[3], 0}}, blocks.cview());
  return record(
      "sum_in_blocks", y, [factor](const auto&, const auto& dy) { return repeat_in_blocks(dy, factor); }, x);
}

template <class T, class B>
tensor<T, B> repeat_in_blocks(const tensor<T, B>& x, std::int64_t factor) {
  shape s = x.shape();
  s[2] *= factor;
  s[3] *= factor;
  const auto y = array<T, B>::empty(s, dense_like(s, x.strides()), x.device());
  const auto blocks = in_blocks(y, factor);
  const auto& st = x.strides();
  B::map(rule::copy{}, blocks.view(),
         view<const T>{x.array().data(), blocks.shape(), {st[0], st[1], st[2], 0, st[3], 0}});
  return record(
      "upsample_nearest", y, [factor](const auto&, const auto& dy) { return sum_in_blocks(dy, factor); }, x);
}

}  // namespace detail

/// Each pixel repeated `factor` times along height and width. Keeps the memory order.
///
/// **Shapes**: x [N, C, H, W]; result [N, C, factor H, factor W]. **Throws** shape_error for another rank, value_error
/// for a factor below 1.
template <std::floating_point T, backend B>
tensor<T, B> upsample_nearest(const tensor<T, B>& x, std::int64_t factor) {
  x.template dims<4>("upsample_nearest: x");
  if (factor < 1) throw_value_error(concat("upsample_nearest: factor must be at least 1: ", factor));
  return detail::repeat_in_blocks(x, factor);
}

/// In which order space_to_depth stacks the pixels of a block: row by row or column by column.
enum class block_order : std::uint8_t { rows, columns };

/// The block x block pixels of each block stacked along the channels.
///
/// With rows, channel (i block + j) C + c of the result is pixel (i, j) of channel c; with columns it is (j block + i)
/// C + c.
/// **Shapes**: x [N, C, H, W]; result [N, block^2 C, H / block, W / block]. **Throws** shape_error for another rank or
/// extents that do not divide by `block`.
template <class T, backend B>
tensor<T, B> space_to_depth(const tensor<T, B>& x, std::int64_t block, block_order order = block_order::rows) {
  const auto [n, c, h, w] = x.template dims<4>("space_to_depth: x");
  if (block < 1 || h % block != 0 || w % block != 0)
    throw_shape_error(
        concat("space_to_depth: height and width do not divide by the block: x ", x.shape(), " (block ", block, ")"));
  const auto blocks = reshape(x, {n, c, h / block, block, w / block, block});
  const dims axes = order == block_order::rows ? dims{0, 3, 5, 1, 2, 4} : dims{0, 5, 3, 1, 2, 4};
  return reshape(permute(blocks, axes), {n, block * block * c, h / block, w / block});
}

}  // namespace tensorlab::inline v0
