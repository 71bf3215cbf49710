#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <tensorlab/core/error.hpp>
#include <tensorlab/nn/module.hpp>
#include <tensorlab/nn/trace.hpp>

namespace tensorlab::inline v0::nn {

namespace detail {

struct summary_line {
  std::string path, name, type, options;
  record_id id;
  std::int64_t parameters = 0, trained = 0;
  int depth = 0;
};

inline std::string padded(std::string s, std::size_t width) {
  if (s.size() < width) s.append(width - s.size(), ' ');
  return s;
}

template <class T, class B>
struct summary_visitor final : visitor<T, B> {
  void enter(const std::string& path, const record_id& id, const std::string& type,
             const std::string& options) override {
    const std::string parent = open.empty() ? "" : lines[open.back()].path;
    const std::string name = parent.empty() ? path : path.substr(parent.size() + 1);
    open.push_back(lines.size());
    lines.push_back({path, name, type, options, id, 0, 0, static_cast<int>(open.size()) - 1});
  }
  void leave() override { open.pop_back(); }
  void on_parameter(const std::string&, parameter<T, B>& p) override {
    for (std::size_t i : open) {
      lines[i].parameters += p.size();
      if (p.requires_grad()) lines[i].trained += p.size();
    }
  }
  std::vector<summary_line> lines;
  std::vector<std::size_t> open;
};

struct output_shapes final : trace_listener {
  void on_output(const record_id& layer, const shape& output) override { shapes[layer] = v0::to_string(output); }
  std::map<record_id, std::string> shapes;
};

inline std::string summary_table(const std::vector<summary_line>& lines, const output_shapes& outputs) {
  std::vector<std::string> names, shapes;
  std::size_t name_width = 6, shape_width = 6;
  for (const summary_line& l : lines) {
    names.push_back(std::string(static_cast<std::size_t>(l.depth) * 2, ' ') + (l.name.empty() ? "" : l.name + ": ") +
                    l.type + (l.options.empty() ? "" : "(" + l.options + ")"));
    const auto at = outputs.shapes.find(l.id);
    shapes.push_back(at == outputs.shapes.end() ? "" : at->second);
    name_width = names.back().size() > name_width ? names.back().size() : name_width;
    shape_width = shapes.back().size() > shape_width ? shapes.back().size() : shape_width;
  }
  std::string text = padded("module", name_width + 2) + padded("output", shape_width + 2) + "parameters\n";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += padded(names[i], name_width + 2) + padded(shapes[i], shape_width + 2) + std::to_string(lines[i].parameters);
    if (lines[i].trained != lines[i].parameters) text += concat(" (", lines[i].trained, " trained)");
    text += '\n';
  }
  return text;
}

inline void write_to_output(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw file_error("print: the standard output cannot be written to");
}

}  // namespace detail

/// A table of the module's records with their settings and parameter counts, nested as the module is.
template <class M>
std::string summary(const M& module) {
  detail::summary_visitor<value_type_of<M>, backend_of<M>> v;
  visit(detail::for_reading(module), v);
  return detail::summary_table(v.lines, {});
}

/// As above with the shape that each layer puts out when `run(module)` is called: `summary(net, [&](auto& m) { m(x);
/// })`.
template <class M, class F>
std::string summary(M& module, F&& run) {
  detail::output_shapes outputs;
  {
    const no_grad guard;
    const trace_scope scope(outputs);
    run(module);
  }
  detail::summary_visitor<value_type_of<M>, backend_of<M>> v;
  visit(module, v);
  return detail::summary_table(v.lines, outputs);
}

/// Writes summary(module) to the standard output. **Throws** file_error if it cannot be written to.
template <class M>
void print(const M& module) {
  detail::write_to_output(summary(module));
}
/// As above with the shapes of summary(module, run).
template <class M, class F>
void print(M& module, F&& run) {
  detail::write_to_output(summary(module, run));
}

}  // namespace tensorlab::inline v0::nn
