#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <tensorlab/io/file.hpp>

namespace tensorlab::inline v0::io {

/// Keys keep the order in which they were written.
using json = nlohmann::ordered_json;

/// Parses JSON text; `name` names the file in errors.
///
/// **Throws** format_error `json: PATH:LINE: REASON`, also for a key that an object holds twice and for a number too
/// large for a double (both without the line).
inline json parse_json(std::string_view text, const std::string& name) {
  // nlohmann keeps the last of equal keys in silence.
  std::vector<std::vector<std::string>> open;
  std::string repeated;
  const auto watch = [&](int, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key) {
      const auto& key = value.get_ref<const std::string&>();
      auto& keys = open.back();
      const auto at = std::lower_bound(keys.begin(), keys.end(), key);
      if (at != keys.end() && *at == key && repeated.empty()) repeated = key;
      keys.insert(at, key);
    }
    return true;
  };
  try {
    json value = json::parse(text.begin(), text.end(), watch);
    if (!repeated.empty())
      throw_format_error(concat("json: ", name, ": key \"", repeated, "\" occurs twice in one object"));
    return value;
  } catch (const json::parse_error& e) {
    const std::size_t at = (std::min)(e.byte == 0 ? 0 : e.byte - 1, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    // "[json.exception.parse_error.101] parse error at line 1, column 2: reason": the reason alone is of use.
    const std::string_view what = e.what();
    const std::size_t place = what.find("parse error"), colon = what.find(": ", place == what.npos ? 0 : place);
    throw_format_error(concat("json: ", name, ":", line, ": ", what.substr(colon == what.npos ? 0 : colon + 2)));
  } catch (const json::exception& e) {
    // "[json.exception.out_of_range.406] number overflow parsing '1e999'"; such an error has no place in the text.
    const std::string_view what = e.what();
    const std::size_t bracket = what.find("] ");
    throw_format_error(concat("json: ", name, ": ", what.substr(bracket == what.npos ? 0 : bracket + 2)));
  }
}

/// Reads a JSON file. **Throws** format_error `json: PATH:LINE: REASON`, file_error.
inline json load_json(const std::string& path) { return parse_json(read_text(path), path); }

/// Writes a JSON file, atomically, with `indent` spaces a level (-1: on one line) and a newline at its end.
///
/// **Throws** format_error for text that is not UTF-8, file_error.
inline void save_json(const std::string& path, const json& value, int indent = 2) {
  std::string text;
  try {
    text = value.dump(indent);
  } catch (const json::type_error&) {
    throw_format_error(concat("json: ", path, ": a string is not UTF-8"));
  }
  atomic_write(path, [&](atomic_file& file) {
    file.write(text);
    file.write("\n");
  });
}

/// `value[key]` as a `T`; `name` names the file in errors. **Throws** format_error if it is absent or of another type.
template <class T>
T json_field(const json& value, const char* key, const std::string& name) {
  if (!value.is_object() || !value.contains(key)) throw_format_error(concat("json: ", name, ": no key \"", key, "\""));
  try {
    return value[key].template get<T>();
  } catch (const json::exception&) {
    throw_format_error(concat("json: ", name, ": \"", key, "\" has the wrong type: ", value[key].type_name()));
  }
}

}  // namespace tensorlab::inline v0::io
