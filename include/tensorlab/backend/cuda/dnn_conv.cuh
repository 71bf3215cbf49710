#pragma once

#include <atomic>
#include <optional>

#include <tensorlab/backend/cuda/dnn_plan.hpp>
#include <tensorlab/backend/cuda/launch.cuh>
#include <tensorlab/backend/simt/elementwise.hpp>

namespace tensorlab::inline v0::cuda_kernel {

/// Convolutions by cuDNN in strict float32, by its implicit products alone: they are deterministic and round as a sum
/// does. Each function returns false, with its output in any state, where cuDNN has nothing for the operands.
class dnn_conv {
 public:
  /// Whether cuDNN is asked at all.
  static std::atomic<bool>& enabled() {
    static std::atomic<bool> on{true};
    return on;
  }

  static bool forward(const view<float>& y, const view<const float>& x, const view<const float>& w, const float* bias,
                      const window_geometry& g) {
    const dnn_plan plan = dnn_plan::of(y, x, w, g);
    if (!plan.suits || !enabled()) return false;
    if (bias != nullptr) elementwise::map(rule::copy{}, y, view<const float>{bias, y.shape, strides{0, 1, 0, 0}});
    const weights dense(w, plan.channels_last);
    return with_state("conv", 0, plan, y, x, w, g, [&](dnn_state& s, const dnn_choice& c, void* room) {
      const float one = 1, begin = bias != nullptr ? 1 : 0;
      return cudnnConvolutionForward(s.handle, &one, s.x, x.data, s.w, dense.data, s.window,
                                     static_cast<cudnnConvolutionFwdAlgo_t>(c.algorithm), room, c.workspace, &begin,
                                     s.y, y.data);
    });
  }

  static bool backward_data(const view<float>& dx, const view<const float>& dy, const view<const float>& w,
                            const window_geometry& g) {
    const dnn_plan plan = dnn_plan::of(dy, dx, w, g);
    if (!plan.suits || !enabled()) return false;
    const weights dense(w, plan.channels_last);
    return with_state("conv_dx", 1, plan, dy, dx, w, g, [&](dnn_state& s, const dnn_choice& c, void* room) {
      const float one = 1, zero = 0;
      return cudnnConvolutionBackwardData(s.handle, &one, s.w, dense.data, s.y, dy.data, s.window,
                                          static_cast<cudnnConvolutionBwdDataAlgo_t>(c.algorithm), room, c.workspace,
                                          &zero, s.x, dx.data);
    });
  }

  static bool backward_weights(const view<float>& dw, const view<const float>& dy, const view<const float>& x,
                               const window_geometry& g) {
    const dnn_plan plan = dnn_plan::of(dy, x, dw, g);
    if (!plan.suits || !enabled()) return false;
    const bool direct = dnn_plan::is_dense(dw, plan.channels_last);
    const scratch memory(dw.data, direct ? 0 : static_cast<std::size_t>(dw.size()) * sizeof(float));
    float* const to = direct ? dw.data : static_cast<float*>(memory.data());
    const bool done = with_state("conv_dw", 2, plan, dy, x, dw, g, [&](dnn_state& s, const dnn_choice& c, void* room) {
      const float one = 1, zero = 0;
      return cudnnConvolutionBackwardFilter(s.handle, &one, s.x, x.data, s.y, dy.data, s.window,
                                            static_cast<cudnnConvolutionBwdFilterAlgo_t>(c.algorithm), room,
                                            c.workspace, &zero, s.w, to);
    });
    if (done && !direct)
      elementwise::map(rule::copy{}, dw, view<const float>{to, dw.shape, dense_strides(dw.shape, plan.channels_last)});
    return done;
  }

 private:
  using elementwise = simt_kernel::elementwise_primitives<launcher>;
  static constexpr std::size_t most_workspace = std::size_t{512} << 20;

  static strides dense_strides(const shape& s, bool last) { return last ? channels_last(s) : row_major(s); }

  /// Weights in the images' memory order, copied where they are not.
  struct weights {
    scratch memory;
    const float* data;

    weights(const view<const float>& w, bool channels_last)
        : memory(w.data, dnn_plan::is_dense(w, channels_last) ? 0 : static_cast<std::size_t>(w.size()) * sizeof(float)),
          data(w.data) {
      if (memory.data() == nullptr) return;
      auto* const to = static_cast<float*>(memory.data());
      elementwise::map(rule::copy{}, view<float>{to, w.shape, dense_strides(w.shape, channels_last)}, w);
      data = to;
    }
  };

  template <class Y, class X, class W, class F>
  static bool with_state(const char* op, int pass, const dnn_plan& plan, const view<Y>& y, const view<X>& x,
                         const view<W>& w, const window_geometry& g, F run) {
    const place p(op, y.data);
    stream_state& stream = p.device->state(p.stream);
    const std::lock_guard lock(stream.mutex);
    if (stream.dnn == nullptr) stream.dnn = std::make_unique<dnn_state>(p.stream);
    dnn_state& s = *stream.dnn;
    describe(op, s, plan.channels_last, y.shape, x.shape, w.shape, g);
    dnn_choice& choice = choose(op, s, pass, plan.channels_last, y.shape, x.shape, w.shape, g);
    if (choice.algorithm < 0) return false;
    const scratch room(y.data, choice.workspace);
    const cudnnStatus_t status = run(s, choice, room.data());
    if (is_unsupported(status)) {
      choice = {};
      return false;
    }
    check(status, op, "output ", y.shape, ", input ", x.shape, ", weights ", w.shape);
    return true;
  }

  static bool is_unsupported(cudnnStatus_t status) {
    return CUDNN_STATUS_CATEGORY(static_cast<int>(status)) == static_cast<int>(CUDNN_STATUS_NOT_SUPPORTED);
  }

  static void describe(const char* op, dnn_state& s, bool last, const shape& y, const shape& x, const shape& w,
                       const window_geometry& g) {
    const auto n = [](std::int64_t v) { return static_cast<int>(v); };
    const cudnnTensorFormat_t format = last ? CUDNN_TENSOR_NHWC : CUDNN_TENSOR_NCHW;
    constexpr cudnnDataType_t type = CUDNN_DATA_FLOAT;
    const auto need = [&](cudnnStatus_t status) { check(status, op, "output ", y, ", input ", x, ", weights ", w); };
    need(cudnnSetTensor4dDescriptor(s.x, format, type, n(x[0]), n(x[1]), n(x[2]), n(x[3])));
    need(cudnnSetTensor4dDescriptor(s.y, format, type, n(y[0]), n(y[1]), n(y[2]), n(y[3])));
    need(cudnnSetFilter4dDescriptor(s.w, type, format, n(w[0]), n(w[1]), n(w[2]), n(w[3])));
    need(cudnnSetConvolution2dDescriptor(s.window, n(g.pad_begin[0]), n(g.pad_begin[1]), n(g.stride[0]), n(g.stride[1]),
                                         n(g.dilation[0]), n(g.dilation[1]), CUDNN_CROSS_CORRELATION, type));
    need(cudnnSetConvolutionGroupCount(s.window, n(g.groups)));
    need(cudnnSetConvolutionMathType(s.window, CUDNN_FMA_MATH));  // the default takes tf32
  }

  static dnn_choice& choose(const char* op, dnn_state& s, int pass, bool last, const shape& y, const shape& x,
                            const shape& w, const window_geometry& g) {
    std::vector<std::int64_t> key{pass, last, g.groups};
    for (const shape* d : {&y, &x, &w}) key.insert(key.end(), d->begin(), d->end());
    for (const auto* a : {&g.stride, &g.dilation, &g.pad_begin}) key.insert(key.end(), a->begin(), a->end());
    const auto found = s.choices.find(key);
    if (found != s.choices.end()) {
      ++s.use.hits;
      return found->second;
    }
    ++s.use.misses;
    if (s.choices.size() >= dnn_state::most_choices) {
      s.use.evictions += s.choices.size();
      s.choices.clear();
    }
    dnn_choice best;
    for (const int algorithm : candidates(pass)) {
      std::size_t bytes = 0;
      const cudnnStatus_t status = workspace(s, pass, algorithm, bytes);
      if (status == CUDNN_STATUS_SUCCESS && bytes <= most_workspace) {
        best = {algorithm, bytes};
        break;
      }
      if (status != CUDNN_STATUS_SUCCESS && !is_unsupported(status))
        check(status, op, "output ", y, ", input ", x, ", weights ", w);
    }
    return s.choices[key] = best;
  }

  static std::vector<int> candidates(int pass) {
    if (pass == 0) return {CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM};
    if (pass == 1) return {CUDNN_CONVOLUTION_BWD_DATA_ALGO_1};
    return {CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1};
  }

  static cudnnStatus_t workspace(dnn_state& s, int pass, int algorithm, std::size_t& bytes) {
    if (pass == 0)
      return cudnnGetConvolutionForwardWorkspaceSize(s.handle, s.x, s.w, s.window, s.y,
                                                     static_cast<cudnnConvolutionFwdAlgo_t>(algorithm), &bytes);
    if (pass == 1)
      return cudnnGetConvolutionBackwardDataWorkspaceSize(
          s.handle, s.w, s.y, s.window, s.x, static_cast<cudnnConvolutionBwdDataAlgo_t>(algorithm), &bytes);
    return cudnnGetConvolutionBackwardFilterWorkspaceSize(
        s.handle, s.x, s.y, s.window, s.w, static_cast<cudnnConvolutionBwdFilterAlgo_t>(algorithm), &bytes);
  }
};

}  // namespace tensorlab::inline v0::cuda_kernel
