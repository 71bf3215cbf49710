#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tensorlab/nn/visit.hpp>

namespace tensorlab::inline v0::nn {

/// A parameter's path with a handle that shares its elements and gradient.
template <class T, class B>
struct named_parameter {
  std::string name;
  tensor<T, B> value;
};

namespace detail {

/// `*` stands for any run of characters, `?` for one.
inline bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

/// What walks over `M`; over a module without tensors any visitor may.
template <class M>
using visitor_for = std::conditional_t<std::is_void_v<backend_of<M>>, visitor<float, reference>,
                                       visitor<value_type_of<M>, backend_of<M>>>;
template <class M>
using parameter_of = parameter<value_type_of<M>, backend_of<M>>;

}  // namespace detail

/// All parameters with their paths, in the order of the records' fields.
template <class M>
auto named_parameters(M& module) {
  using parameter_type = detail::parameter_of<M>;
  struct collect final : detail::visitor_for<M> {
    void on_parameter(const std::string& path, parameter_type& p) override { found.push_back({path, p.handle()}); }
    std::vector<named_parameter<value_type_of<M>, backend_of<M>>> found;
  } v;
  visit(module, v);
  return std::move(v.found);
}

/// The number of trained values: elements of all parameters.
template <class M>
std::int64_t parameter_count(const M& module) {
  std::int64_t count = 0;
  for (const auto& p : named_parameters(detail::for_reading(module))) count += p.value.size();
  return count;
}

/// Drops all collected gradients.
template <class M>
void zero_grad(M& module) {
  for (auto& p : named_parameters(module)) p.value.zero_grad();
}

/// Stops (or, with `on`, lets again) parameters whose path matches the pattern collect gradients; returns how many.
///
/// In the pattern `*` stands for any run of characters and `?` for one: `set_requires_grad(net, "backbone.*", false)`.
template <class M>
int set_requires_grad(M& module, std::string_view pattern, bool on) {
  int count = 0;
  for (auto& p : named_parameters(module)) {
    if (!detail::matches(pattern, p.name)) continue;
    p.value.requires_grad(on);
    ++count;
  }
  return count;
}
/// Keeps the parameters whose path matches from being trained. **Throws** value_error if none does.
template <class M>
int freeze(M& module, std::string_view pattern = "*") {
  const int count = set_requires_grad(module, pattern, false);
  if (count == 0) throw_value_error(concat("freeze: no parameter's path matches '", pattern, "'"));
  return count;
}
/// Undoes freeze. **Throws** value_error if no path matches.
template <class M>
int unfreeze(M& module, std::string_view pattern = "*") {
  const int count = set_requires_grad(module, pattern, true);
  if (count == 0) throw_value_error(concat("unfreeze: no parameter's path matches '", pattern, "'"));
  return count;
}

/// Gives every parameter whose path matches the pattern the values `f(shape)`; returns how many. The initialisers of
/// nn/init.hpp make such values.
///
/// **Throws** value_error if no path matches, shape_error for values of another shape.
template <class M, class F>
int initialise(M& module, std::string_view pattern, F&& f) {
  const no_grad guard;
  int count = 0;
  for (auto& p : named_parameters(module)) {
    if (!detail::matches(pattern, p.name)) continue;
    p.value.assign(f(p.value.shape()));
    ++count;
  }
  if (count == 0) throw_value_error(concat("initialise: no parameter's path matches '", pattern, "'"));
  return count;
}

/// Sets every part of the module to training or to evaluation.
template <class M>
void set_training(M& module, bool training) {
  struct set final : detail::visitor_for<M> {
    void on_mode(const std::string&, mode& m) override { m.training = value; }
    bool value = true;
  } v;
  v.value = training;
  visit(module, v);
}
/// Dropout drops and batch statistics are used and updated.
template <class M>
void train(M& module) {
  set_training(module, true);
}
/// Dropout passes and running statistics are used: the result depends on the input alone.
template <class M>
void eval(M& module) {
  set_training(module, false);
}

/// Gives every random stream of the module its own sequence, split from `rng` by the stream's path.
template <class M>
void seed_streams(M& module, const random::stream& rng) {
  struct seed final : detail::visitor_for<M> {
    explicit seed(const random::stream& from) : source(from) {}
    void on_stream(const std::string& path, random::stream& s) override {
      std::uint64_t tag = 1469598103934665603ULL;  // FNV-1a
      for (char c : path) tag = (tag ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
      s = source.split(tag);
    }
    const random::stream& source;
  } v(rng);
  visit(module, v);
}

}  // namespace tensorlab::inline v0::nn
