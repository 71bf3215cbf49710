#pragma once

#include <tensorlab/config.hpp>
#if TENSORLAB_HAS_ONEDNN

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

/// A convolution with the strides of its plain weights; the activations are dense and channels-last.
struct convolution_problem {
  pass kind;
  shape x, w, y;
  strides w_strides;
  window_geometry geometry;
  bool bias;

  /// Whether the factors are bf16; the result is float.
  bool rounded() const { return geometry.factors == compute::bf16; }
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
  dnnl_status_t any(int rank, const std::int64_t* extents, dnnl_data_type_t type) {
    return dnnl_memory_desc_create_with_tag(&desc_, rank, extents, type, dnnl_format_tag_any);
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
  dnnl_status_t any(int rank, const std::int64_t* extents, dnnl_data_type_t type) {
    return dnnl_memory_desc_init_by_tag(&desc_, rank, extents, type, dnnl_format_tag_any);
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

/// The layouts and the window of a problem in oneDNN's terms.
struct convolution_terms {
  owned_layout x, w, y, bias, plain_w;
  std::array<std::int64_t, 2> dilation;

  explicit convolution_terms(const convolution_problem& p) {
    const auto type_of = [&](pass result) { return p.rounded() && p.kind != result ? dnnl_bf16 : dnnl_f32; };
    const auto activations = [&](owned_layout& to, const shape& s, dnnl_data_type_t type) {
      const strides st = channels_last(s);
      check(to.strided(4, s.begin(), st.begin(), type), p, "activations' layout");
    };
    activations(x, p.x, type_of(pass::data));
    activations(y, p.y, type_of(pass::forward));
    const dnnl_data_type_t weights = type_of(pass::weights);
    shape extents = p.w;
    strides steps = p.w_strides;
    if (p.geometry.groups > 1) {
      extents[0] /= p.geometry.groups;
      extents.insert(0, p.geometry.groups);
      steps.insert(0, steps[0] * extents[1]);
    }
    check(w.any(extents.rank(), extents.begin(), weights), p, "weights' layout");
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
  const auto algorithm = dnnl_convolution_direct;
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

/// A primitive for one pass of one problem, and the reorder between its weights and the plain ones. Without a primitive
/// where the factors are rounded and oneDNN has nothing but its reference loops for that.
struct convolution {
  primitive pass_primitive;
  primitive reorder;  // absent where the layouts agree
  owned_layout bias, plain_weights;
  std::size_t packed_bytes = 0;

  explicit convolution(const convolution_problem& p) {
    const attributes a;
    const convolution_terms t(p);
    primitive forward;
    if (p.kind != pass::forward) {
      convolution_problem q = p;
      q.kind = pass::forward;
      const convolution_terms hint(q);
      const dnnl_status_t status = describe(&forward.desc, pass::forward, q, hint, nullptr, a.a);
      if (lacks(status, p)) return;
      check(status, p, "forward descriptor");
    }
    const dnnl_status_t status = describe(&pass_primitive.desc, p.kind, p, t, forward.desc, a.a);
    if (lacks(status, p)) return;
    check(status, p, "descriptor");
    const char* name = "";
    check(dnnl_primitive_desc_query(pass_primitive.desc, dnnl_query_impl_info_str, 0, &name), p,
          "implementation's name");
    const bool slow = std::string_view(name).find("ref") != std::string_view::npos;
    if (slow && p.rounded()) return;
    if (slow) fail(p, "only the reference loops fit, which are hundreds of times slower", name);
    check(pass_primitive.make(), p, "primitive");

    const layout packed = weights();
    packed_bytes = dnnl_memory_desc_get_size(packed);
    if (dnnl_memory_desc_equal(packed, t.plain_w.get()) == 0) {
      const bool unpack = p.kind == pass::weights;
      check(dnnl_reorder_primitive_desc_create(&reorder.desc, unpack ? packed : t.plain_w.get(), engine(),
                                               unpack ? t.plain_w.get() : packed, engine(), a.a),
            p, "weights' reorder");
      check(reorder.make(), p, "weights' reorder");
    }
  }

  static bool lacks(dnnl_status_t status, const convolution_problem& p) {
    return status == dnnl_unimplemented && p.rounded();
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
  put(std::array<std::int64_t, 5>{static_cast<std::int64_t>(p.kind), p.geometry.groups, p.bias ? 1 : 0,
                                  p.rounded() ? 1 : 0, available_threads()});
  return key;
}

inline std::shared_ptr<const convolution> find(const convolution_problem& p) {
  return convolutions().get(key_of(p), [&] { return std::make_shared<const convolution>(p); });
}

/// Copies weights between their plain order and the primitive's.
inline void reorder_weights(const convolution& c, const convolution_problem& p, const void* from, const void* to) {
  arguments a(p);
  a.add(DNNL_ARG_FROM, c.reorder.asks(dnnl_query_src_md), from);
  a.add(DNNL_ARG_TO, c.reorder.asks(dnnl_query_dst_md), to);
  a.run(c.reorder);
}

/// Runs the primitive on weights in its order.
inline void run(const convolution& c, const convolution_problem& p, const void* x, const void* weights,
                const float* bias, const void* y) {
  const primitive& f = c.pass_primitive;
  arguments a(p);
  switch (p.kind) {
    case pass::forward:
      a.add(DNNL_ARG_SRC, f.asks(dnnl_query_src_md), x);
      a.add(DNNL_ARG_WEIGHTS, c.weights(), weights);
      if (p.bias) a.add(DNNL_ARG_BIAS, dnnl_primitive_desc_query_md(f.desc, dnnl_query_weights_md, 1), bias);
      a.add(DNNL_ARG_DST, f.asks(dnnl_query_dst_md), y);
      break;
    case pass::data:
      a.add(DNNL_ARG_DIFF_SRC, f.asks(dnnl_query_diff_src_md), x);
      a.add(DNNL_ARG_WEIGHTS, c.weights(), weights);
      a.add(DNNL_ARG_DIFF_DST, f.asks(dnnl_query_diff_dst_md), y);
      break;
    case pass::weights:
      a.add(DNNL_ARG_SRC, f.asks(dnnl_query_src_md), x);
      a.add(DNNL_ARG_DIFF_WEIGHTS, c.weights(), weights);
      a.add(DNNL_ARG_DIFF_DST, f.asks(dnnl_query_diff_dst_md), y);
  }
  a.run(f);
}

/// Runs one pass. `x` and `y` are dense and channels-last, or their gradients; `w` has the problem's strides. Factors
/// are bf16 if the problem rounds them, all else is float. False, with nothing done, where they are and oneDNN has
/// nothing but its reference loops for that.
inline bool convolve(const convolution_problem& p, const void* x, const void* w, const float* bias, const void* y) {
  const auto c = find(p);
  if (c->pass_primitive.get() == nullptr) return false;
  if (c->reorder.get() == nullptr) {
    run(*c, p, x, w, bias, y);
    return true;
  }
  const scratch<char> packed(static_cast<std::int64_t>(c->packed_bytes));
  if (p.kind != pass::weights) reorder_weights(*c, p, w, packed.data());
  run(*c, p, x, packed.data(), bias, y);
  if (p.kind == pass::weights) reorder_weights(*c, p, packed.data(), w);
  return true;
}

/// A forward pass whose weights do not change, with a copy of them in the primitive's order.
class prepared_convolution {
 public:
  /// `w` has the problem's strides.
  prepared_convolution(const convolution_problem& p, const float* w)
      : problem_(p), made_(find(p)), threads_(available_threads()), plain_(w), packed_(bytes(*made_)) {
    if (packed_.data() != nullptr) reorder_weights(*made_, problem_, w, packed_.data());
  }

  void operator()(const float* x, const float* bias, float* y) const {
    // A primitive splits its work among the threads there were when it was made.
    if (available_threads() != threads_)
      convolve(problem_, x, plain_, bias, y);
    else
      run(*made_, problem_, x, packed_.data() != nullptr ? packed_.data() : static_cast<const void*>(plain_), bias, y);
  }

 private:
  static std::int64_t bytes(const convolution& c) {
    return c.reorder.get() == nullptr ? 0 : static_cast<std::int64_t>(c.packed_bytes);
  }

  convolution_problem problem_;
  std::shared_ptr<const convolution> made_;
  int threads_;
  const float* plain_;
  scratch<char> packed_;
};

}  // namespace tensorlab::inline v0::detail::onednn

#endif
