#pragma once

#include <tensorlab/config.hpp>
#if TENSORLAB_HAS_ONEDNN

#include <atomic>
#include <string_view>

#include <dnnl.h>
#include <dnnl_version.h>

#include <tensorlab/backend/cpu/allocator.hpp>
#include <tensorlab/backend/cpu/parallel.hpp>
#include <tensorlab/backend/cpu/primitive_cache.hpp>
#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/core/shape.hpp>

/// The bridge to oneDNN's C interface, versions 2.6 and 3: convolution on channels-last float activations. The C header
/// costs a program nothing to compile, the C++ one 0.6 seconds.
namespace tensorlab::inline v0::detail::onednn {

enum class pass : std::int64_t { forward, data, weights };

/// Whether convolutions may be computed by Winograd's algorithm.
inline std::atomic<bool>& winograd_allowed() {
  static std::atomic<bool> allowed{true};
  return allowed;
}

/// A convolution with the strides of its plain weights; the activations are dense and channels-last.
struct convolution_problem {
  pass kind;
  shape x, w, y;
  strides w_strides;
  window_geometry geometry;
  bool bias;

  /// Whether the factors are bf16; the result is float.
  bool rounded() const { return geometry.factors == compute::bf16; }

  /// Whether it is computed by Winograd's algorithm, as it serves it, pays and is allowed. Lavin and Gray, "Fast
  /// algorithms for convolutional neural networks" (2016).
  ///
  /// From 32 channels and some 800 pixels on it takes 0.45 to 0.65 of the direct algorithm's time, with the copies
  /// between layouts; with 16 channels or 400 pixels it gains nothing.
  bool by_winograd() const {
    const auto are_1 = [](const std::array<std::int64_t, 2>& pair) { return pair[0] == 1 && pair[1] == 1; };
    const auto enough = [](std::int64_t channels) { return channels % 16 == 0 && channels >= 32; };
    return winograd_allowed().load(std::memory_order_relaxed) && w[2] == 3 && w[3] == 3 && enough(w[0]) &&
           enough(w[1]) && geometry.groups == 1 && !rounded() && are_1(geometry.stride) && are_1(geometry.dilation) &&
           y[0] * y[2] * y[3] >= 768;
  }
};

[[noreturn]] inline void fail(const convolution_problem& p, const char* what, std::string_view reason) {
  constexpr const char* names[] = {"conv", "conv_dx", "conv_dw"};
  throw_backend_error(
      concat(names[static_cast<int>(p.kind)], ": oneDNN: ", what, ": ", reason, ": x ", p.x, ", w ", p.w, ", y ", p.y));
}

inline void check(dnnl_status_t status, const convolution_problem& p, const char* what) {
  constexpr const char* names[] = {"success",       "out of memory", "invalid arguments", "unimplemented",
                                   "iterator ends", "runtime error", "not required"};
  if (status != dnnl_success)
    fail(p, what, static_cast<int>(status) < 7 ? names[static_cast<int>(status)] : "unknown status");
}

inline dnnl_engine_t engine() {
  static const dnnl_engine_t e = [] {
    dnnl_engine_t made = nullptr;
    if (dnnl_engine_create(&made, dnnl_cpu, 0) != dnnl_success) throw_backend_error("cpu: oneDNN has no engine");
    return made;
  }();
  return e;
}

/// A stream of the calling thread.
inline dnnl_stream_t stream() {
  struct owner {
    dnnl_stream_t s = nullptr;
    ~owner() { dnnl_stream_destroy(s); }
  };
  static thread_local owner o;
  if (o.s == nullptr && dnnl_stream_create(&o.s, engine(), dnnl_stream_default_flags) != dnnl_success)
    throw_backend_error("cpu: oneDNN has no stream");
  return o.s;
}

/// A memory layout: made here, or borrowed from a primitive's descriptor as a pointer.
#if DNNL_VERSION_MAJOR >= 3
using layout = const_dnnl_memory_desc_t;
class owned_layout {
 public:
  owned_layout() = default;
  owned_layout(const owned_layout&) = delete;
  owned_layout& operator=(const owned_layout&) = delete;
  ~owned_layout() {
    if (desc_ != nullptr) dnnl_memory_desc_destroy(desc_);
  }
  layout get() const { return desc_; }
  dnnl_status_t tagged(int rank, const std::int64_t* extents, dnnl_data_type_t type, dnnl_format_tag_t tag) {
    return dnnl_memory_desc_create_with_tag(&desc_, rank, extents, type, tag);
  }
  dnnl_status_t strided(int rank, const std::int64_t* extents, const std::int64_t* steps, dnnl_data_type_t type) {
    return dnnl_memory_desc_create_with_strides(&desc_, rank, extents, type, steps);
  }

 private:
  dnnl_memory_desc_t desc_ = nullptr;
};
#else
using layout = const dnnl_memory_desc_t*;
class owned_layout {
 public:
  layout get() const { return &desc_; }
  dnnl_status_t tagged(int rank, const std::int64_t* extents, dnnl_data_type_t type, dnnl_format_tag_t tag) {
    return dnnl_memory_desc_init_by_tag(&desc_, rank, extents, type, tag);
  }
  dnnl_status_t strided(int rank, const std::int64_t* extents, const std::int64_t* steps, dnnl_data_type_t type) {
    return dnnl_memory_desc_init_by_strides(&desc_, rank, extents, type, steps);
  }

 private:
  dnnl_memory_desc_t desc_ = {};
};
#endif

/// A primitive with its descriptor, which owns the layouts that the primitive asks for.
class primitive {
 public:
  primitive() = default;
  primitive(const primitive&) = delete;
  primitive& operator=(const primitive&) = delete;
  ~primitive() {
    if (made_ != nullptr) dnnl_primitive_destroy(made_);
    if (desc != nullptr) dnnl_primitive_desc_destroy(desc);
  }
  dnnl_status_t make() { return dnnl_primitive_create(&made_, desc); }
  dnnl_primitive_t get() const { return made_; }
  layout asks(dnnl_query_t what) const { return dnnl_primitive_desc_query_md(desc, what, 0); }
  std::size_t scratchpad_bytes() const { return dnnl_memory_desc_get_size(asks(dnnl_query_scratchpad_md)); }

  dnnl_primitive_desc_t desc = nullptr;

 private:
  dnnl_primitive_t made_ = nullptr;
};

struct attributes {
  attributes() {
    if (dnnl_primitive_attr_create(&a) != dnnl_success ||
        dnnl_primitive_attr_set_scratchpad_mode(a, dnnl_scratchpad_mode_user) != dnnl_success)
      throw_backend_error("cpu: oneDNN has no primitive attributes");
  }
  attributes(const attributes&) = delete;
  attributes& operator=(const attributes&) = delete;
  ~attributes() { dnnl_primitive_attr_destroy(a); }
  dnnl_primitive_attr_t a = nullptr;
};

/// The layouts and the window of a problem in oneDNN's terms. Winograd's algorithm wants activations in blocks of 16
/// channels.
struct convolution_terms {
  owned_layout x, w, y, bias, plain_x, plain_w, plain_y;
  std::array<std::int64_t, 2> dilation;
  dnnl_alg_kind_t algorithm;

  convolution_terms(const convolution_problem& p, bool winograd)
      : algorithm(winograd ? dnnl_convolution_winograd : dnnl_convolution_direct) {
    const auto type_of = [&](pass result) { return p.rounded() && p.kind != result ? dnnl_bf16 : dnnl_f32; };
    const auto activations = [&](owned_layout& to, owned_layout& plain, const shape& s, dnnl_data_type_t type) {
      const strides st = channels_last(s);
      check(plain.strided(4, s.begin(), st.begin(), type), p, "activations' layout");
      check(winograd ? to.tagged(4, s.begin(), type, dnnl_aBcd16b) : to.strided(4, s.begin(), st.begin(), type), p,
            "activations' layout");
    };
    activations(x, plain_x, p.x, type_of(pass::data));
    activations(y, plain_y, p.y, type_of(pass::forward));
    const dnnl_data_type_t weights = type_of(pass::weights);
    shape extents = p.w;
    strides steps = p.w_strides;
    if (p.geometry.groups > 1) {
      extents[0] /= p.geometry.groups;
      extents.insert(0, p.geometry.groups);
      steps.insert(0, steps[0] * extents[1]);
    }
    check(w.tagged(extents.rank(), extents.begin(), weights, dnnl_format_tag_any), p, "weights' layout");
    check(plain_w.strided(extents.rank(), extents.begin(), steps.begin(), weights), p, "weights' layout");
    const std::int64_t channels[] = {p.w[0]}, unit[] = {1};
    check(bias.strided(1, channels, unit, dnnl_f32), p, "bias layout");
    for (std::size_t i = 0; i < 2; ++i) dilation[i] = p.geometry.dilation[i] - 1;
  }
};

/// Describes one pass; `hint` is the forward descriptor of the same problem for the backward passes.
inline dnnl_status_t describe(dnnl_primitive_desc_t* to, pass kind, const convolution_problem& p,
                              const convolution_terms& t, dnnl_primitive_desc_t hint, dnnl_primitive_attr_t a) {
  const window_geometry& g = p.geometry;
  const dnnl_alg_kind_t algorithm = t.algorithm;
  const layout bias = p.bias ? t.bias.get() : nullptr;
  const std::int64_t *step = g.stride.data(), *gap = t.dilation.data(), *begin = g.pad_begin.data(),
                     *end = g.pad_end.data();
#if DNNL_VERSION_MAJOR >= 3
  switch (kind) {
    case pass::forward:
      return dnnl_convolution_forward_primitive_desc_create(to, engine(), dnnl_forward_training, algorithm, t.x.get(),
                                                            t.w.get(), bias, t.y.get(), step, gap, begin, end, a);
    case pass::data:
      return dnnl_convolution_backward_data_primitive_desc_create(to, engine(), algorithm, t.x.get(), t.w.get(),
                                                                  t.y.get(), step, gap, begin, end, hint, a);
    default:
      return dnnl_convolution_backward_weights_primitive_desc_create(
          to, engine(), algorithm, t.x.get(), t.w.get(), nullptr, t.y.get(), step, gap, begin, end, hint, a);
  }
#else
  dnnl_convolution_desc_t d;
  dnnl_status_t status = dnnl_success;
  switch (kind) {
    case pass::forward:
      status = dnnl_dilated_convolution_forward_desc_init(&d, dnnl_forward_training, algorithm, t.x.get(), t.w.get(),
                                                          bias, t.y.get(), step, gap, begin, end);
      break;
    case pass::data:
      status = dnnl_dilated_convolution_backward_data_desc_init(&d, algorithm, t.x.get(), t.w.get(), t.y.get(), step,
                                                                gap, begin, end);
      break;
    default:
      status = dnnl_dilated_convolution_backward_weights_desc_init(&d, algorithm, t.x.get(), t.w.get(), nullptr,
                                                                   t.y.get(), step, gap, begin, end);
  }
  return status == dnnl_success ? dnnl_primitive_desc_create(to, &d, a, engine(), hint) : status;
#endif
}

/// A copy of an operand in another layout; absent where the layouts agree.
struct reorder {
  primitive made;
  std::size_t bytes = 0;  // of the primitive's side

  explicit operator bool() const { return made.get() != nullptr; }

  /// Between the plain layout and the convolution's, towards the former if `back`.
  dnnl_status_t make(layout plain, layout other, bool back, dnnl_primitive_attr_t a) {
    bytes = dnnl_memory_desc_get_size(other);
    if (dnnl_memory_desc_equal(plain, other) != 0) return dnnl_success;
    const dnnl_status_t status = dnnl_reorder_primitive_desc_create(&made.desc, back ? other : plain, engine(),
                                                                    back ? plain : other, engine(), a);
    return status == dnnl_success ? made.make() : status;
  }
};

/// A primitive for one pass of one problem, and the reorders between its layouts and the plain ones. Without a
/// primitive where the factors are rounded and oneDNN has nothing but its reference loops for that.
struct convolution {
  primitive pass_primitive;
  reorder x, w, y;

  explicit convolution(const convolution_problem& p, bool winograd = false) {
    const attributes a;
    const convolution_terms t(p, winograd);
    primitive forward;
    if (p.kind != pass::forward) {
      convolution_problem q = p;
      q.kind = pass::forward;
      const convolution_terms hint(q, winograd);
      const dnnl_status_t status = describe(&forward.desc, pass::forward, q, hint, nullptr, a.a);
      if (lacks(status, p, winograd)) return;
      check(status, p, "forward descriptor");
    }
    const dnnl_status_t status = describe(&pass_primitive.desc, p.kind, p, t, forward.desc, a.a);
    if (lacks(status, p, winograd)) return;
    check(status, p, "descriptor");
    const char* name = "";
    check(dnnl_primitive_desc_query(pass_primitive.desc, dnnl_query_impl_info_str, 0, &name), p,
          "implementation's name");
    const bool slow = std::string_view(name).find("ref") != std::string_view::npos;
    if (slow && (p.rounded() || winograd)) return;
    if (slow) fail(p, "only the reference loops fit, which are hundreds of times slower", name);
    check(x.make(t.plain_x.get(), t.x.get(), p.kind == pass::data, a.a), p, "activations' reorder");
    check(y.make(t.plain_y.get(), t.y.get(), p.kind == pass::forward, a.a), p, "activations' reorder");
    const dnnl_status_t packing = w.make(t.plain_w.get(), weights(), p.kind == pass::weights, a.a);
    if (packing == dnnl_unimplemented && winograd) return;
    check(packing, p, "weights' reorder");
    check(pass_primitive.make(), p, "primitive");
  }

  static bool lacks(dnnl_status_t status, const convolution_problem& p, bool winograd) {
    return status == dnnl_unimplemented && (p.rounded() || winograd);
  }

  layout weights() const {
    const layout diff = pass_primitive.asks(dnnl_query_diff_weights_md);
    return diff != nullptr && dnnl_memory_desc_get_size(diff) != 0 ? diff : pass_primitive.asks(dnnl_query_weights_md);
  }
};

/// Memory objects for the length of one execution.
class arguments {
 public:
  explicit arguments(const convolution_problem& p) : problem_(p) {}
  arguments(const arguments&) = delete;
  arguments& operator=(const arguments&) = delete;
  ~arguments() {
    for (int i = 0; i < count_; ++i) dnnl_memory_destroy(list_[i].memory);
  }
  void add(int name, layout l, const void* data) {
    dnnl_memory_t m = nullptr;
    check(dnnl_memory_create(&m, l, engine(), const_cast<void*>(data)), problem_, "memory");
    list_[count_++] = {name, m};
  }
  void run(const primitive& f) {
    const scratch<char> pad(static_cast<std::int64_t>(f.scratchpad_bytes()));
    if (pad.data() != nullptr) add(DNNL_ARG_SCRATCHPAD, f.asks(dnnl_query_scratchpad_md), pad.data());
    check(dnnl_primitive_execute(f.get(), stream(), count_, list_), problem_, "execution");
    check(dnnl_stream_wait(stream()), problem_, "execution");
  }

 private:
  const convolution_problem& problem_;
  dnnl_exec_arg_t list_[8] = {};
  int count_ = 0;
};

using convolution_cache = bounded_cache<32, convolution>;

/// The convolution primitives of this program; never destroyed, as arrays in static storage may outlive any order.
inline convolution_cache& convolutions() {
  static auto* const cache = new convolution_cache(1024);
  return *cache;
}

inline convolution_cache::key_type key_of(const convolution_problem& p) {
  convolution_cache::key_type key{};
  std::size_t at = 0;
  const auto put = [&](const auto& values) {
    for (std::int64_t v : values) key[at++] = v;
  };
  for (const shape* s : {&p.x, &p.w, &p.y}) put(*s);
  put(p.w_strides);
  for (const auto* pair : {&p.geometry.stride, &p.geometry.dilation, &p.geometry.pad_begin, &p.geometry.pad_end})
    put(*pair);
  // A primitive splits its work among the threads there were when it was made.
  put(std::array<std::int64_t, 6>{static_cast<std::int64_t>(p.kind), p.geometry.groups, p.bias ? 1 : 0,
                                  p.rounded() ? 1 : 0, p.by_winograd() ? 1 : 0, available_threads()});
  return key;
}

inline std::shared_ptr<const convolution> find(const convolution_problem& p) {
  return convolutions().get(key_of(p), [&] {
    if (p.by_winograd()) {
      auto winograd = std::make_shared<const convolution>(p, true);
      if (winograd->pass_primitive.get() != nullptr) return winograd;
    }
    return std::make_shared<const convolution>(p);
  });
}

/// Copies an operand between its plain layout and the primitive's.
inline void run(const reorder& r, const convolution_problem& p, const void* from, const void* to) {
  arguments a(p);
  a.add(DNNL_ARG_FROM, r.made.asks(dnnl_query_src_md), from);
  a.add(DNNL_ARG_TO, r.made.asks(dnnl_query_dst_md), to);
  a.run(r.made);
}

/// An operand in the primitive's layout for the length of a scope: itself where that is the plain one.
class laid_out {
 public:
  laid_out(const reorder& r, const convolution_problem& p, const void* plain)
      : reorder_(r), problem_(p), plain_(plain), copy_(r ? static_cast<std::int64_t>(r.bytes) : 0) {}
  const void* data() const { return reorder_ ? copy_.data() : plain_; }
  void fill() const {
    if (reorder_) run(reorder_, problem_, plain_, copy_.data());
  }
  void give_back() const {
    if (reorder_) run(reorder_, problem_, copy_.data(), plain_);
  }

 private:
  const reorder& reorder_;
  const convolution_problem& problem_;
  const void* plain_;
  scratch<char> copy_;
};

/// Runs the primitive on weights in its layout.
inline void run(const convolution& c, const convolution_problem& p, const void* x, const void* weights,
                const float* bias, const void* y) {
  const primitive& f = c.pass_primitive;
  const laid_out in(c.x, p, x), out(c.y, p, y);
  if (p.kind != pass::data) in.fill();
  if (p.kind != pass::forward) out.fill();
  arguments a(p);
  switch (p.kind) {
    case pass::forward:
      a.add(DNNL_ARG_SRC, f.asks(dnnl_query_src_md), in.data());
      a.add(DNNL_ARG_WEIGHTS, c.weights(), weights);
      if (p.bias) a.add(DNNL_ARG_BIAS, dnnl_primitive_desc_query_md(f.desc, dnnl_query_weights_md, 1), bias);
      a.add(DNNL_ARG_DST, f.asks(dnnl_query_dst_md), out.data());
      break;
    case pass::data:
      a.add(DNNL_ARG_DIFF_SRC, f.asks(dnnl_query_diff_src_md), in.data());
      a.add(DNNL_ARG_WEIGHTS, c.weights(), weights);
      a.add(DNNL_ARG_DIFF_DST, f.asks(dnnl_query_diff_dst_md), out.data());
      break;
    case pass::weights:
      a.add(DNNL_ARG_SRC, f.asks(dnnl_query_src_md), in.data());
      a.add(DNNL_ARG_DIFF_WEIGHTS, c.weights(), weights);
      a.add(DNNL_ARG_DIFF_DST, f.asks(dnnl_query_diff_dst_md), out.data());
  }
  a.run(f);
  if (p.kind == pass::forward) out.give_back();
  if (p.kind == pass::data) in.give_back();
}

/// Runs one pass. `x` and `y` are dense and channels-last, or their gradients; `w` has the problem's strides. Factors
/// are bf16 if the problem rounds them, all else is float. False, with nothing done, where they are and oneDNN has
/// nothing but its reference loops for that.
inline bool convolve(const convolution_problem& p, const void* x, const void* w, const float* bias, const void* y) {
  const auto c = find(p);
  if (c->pass_primitive.get() == nullptr) return false;
  const laid_out weights(c->w, p, w);
  if (p.kind != pass::weights) weights.fill();
  run(*c, p, x, weights.data(), bias, y);
  if (p.kind == pass::weights) weights.give_back();
  return true;
}

/// A forward pass whose weights do not change, with a copy of them in the primitive's order.
class prepared_convolution {
 public:
  /// `w` has the problem's strides.
  prepared_convolution(const convolution_problem& p, const float* w)
      : problem_(p), made_(find(p)), threads_(available_threads()), plain_(w), weights_(made_->w, problem_, w) {
    weights_.fill();
  }
  prepared_convolution(const prepared_convolution&) = delete;
  prepared_convolution& operator=(const prepared_convolution&) = delete;

  void operator()(const float* x, const float* bias, float* y) const {
    // A primitive splits its work among the threads there were when it was made.
    if (available_threads() != threads_)
      convolve(problem_, x, plain_, bias, y);
    else
      run(*made_, problem_, x, weights_.data(), bias, y);
  }

 private:
  convolution_problem problem_;
  std::shared_ptr<const convolution> made_;
  int threads_;
  const float* plain_;
  laid_out weights_;
};

}  // namespace tensorlab::inline v0::detail::onednn

#endif
