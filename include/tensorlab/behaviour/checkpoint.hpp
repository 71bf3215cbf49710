#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <tensorlab/io/file.hpp>
#include <tensorlab/io/json.hpp>
#include <tensorlab/io/torch_file.hpp>

namespace tensorlab::inline v0::behaviour {

/// What a trained model's file holds: PyTorch's zip form of {state_dict, meta, thresholds}.
struct checkpoint {
  named_tensors state;             // the model's state dict
  io::json meta;                   // meta.json of the windows it was trained on
  std::vector<double> thresholds;  // one per class
};

namespace detail {

inline io::torch_value as_torch(const io::json& j) {
  switch (j.type()) {
    case io::json::value_t::boolean:
      return j.template get<bool>();
    case io::json::value_t::number_unsigned:
      if (j.template get<std::uint64_t>() > std::uint64_t{INT64_MAX})
        throw_value_error(concat("save_checkpoint: meta holds an integer beyond 64 signed bits: ",
                                 j.template get<std::uint64_t>(), "; write it as a string"));
      [[fallthrough]];
    case io::json::value_t::number_integer:
      return j.template get<std::int64_t>();
    case io::json::value_t::number_float:
      return j.template get<double>();
    case io::json::value_t::string:
      return j.template get<std::string>();
    case io::json::value_t::array: {
      io::torch_list list;
      for (const auto& v : j) list.items.push_back(as_torch(v));
      return list;
    }
    case io::json::value_t::object: {
      io::torch_dict dict;
      for (const auto& [key, v] : j.items()) dict.set(key, as_torch(v));
      return dict;
    }
    default:
      return nullptr;
  }
}

inline io::json as_json(const io::torch_value& v, const std::string& where) {
  if (v.is<bool>()) return v.as<bool>(where);
  if (v.is<std::int64_t>()) return v.as<std::int64_t>(where);
  if (v.is<double>()) return v.as<double>(where);
  if (v.is<std::string>()) return v.as<std::string>(where);
  if (v.is<io::torch_list>()) {
    io::json list = io::json::array();
    for (const auto& item : v.ref<io::torch_list>(where).items) list.push_back(as_json(item, where));
    return list;
  }
  if (v.is<io::torch_dict>()) {
    io::json object = io::json::object();
    const auto& dict = v.ref<io::torch_dict>(where);
    for (std::size_t i = 0; i < dict.size(); ++i) {
      const auto key = dict.key(i).as<std::string>(where);
      object[key] = as_json(dict.value(i), where + "." + key);
    }
    return object;
  }
  if (v.is_none()) return nullptr;
  throw_format_error(concat(where, ": ", v.type_name(), " has no place in a JSON document"));
}

}  // namespace detail

/// Writes `path` atomically, readable by `torch.load(path, weights_only=True)`. **Throws** file_error;
/// value_error for an integer of `meta` beyond 64 signed bits.
inline void save_checkpoint(const std::string& path, const checkpoint& c) {
  io::torch_list thresholds;
  for (double t : c.thresholds) thresholds.items.push_back(t);
  io::torch_dict all;
  all.set("state_dict", io::torch_state_dict(c.state));
  all.set("meta", detail::as_torch(c.meta));
  all.set("thresholds", std::move(thresholds));
  io::save_torch(path, all);
}

/// Reads a file that save_checkpoint or the PyTorch program wrote; files of its older form have the weights under
/// `model`.
///
/// **Throws** file_error; format_error that names the file and the key that is missing.
inline checkpoint load_checkpoint(const std::string& path) {
  const io::torch_value file = io::load_torch(path);
  const auto& dict = file.ref<io::torch_dict>(path);
  checkpoint c;
  c.state =
      io::named_tensors_of(file.at(dict.find("state_dict") ? "state_dict" : "model", path), path + ": state_dict");
  c.meta = detail::as_json(file.at("meta", path), path + ": meta");
  for (const auto& t : file.at("thresholds", path).ref<io::torch_list>(path + ": thresholds").items)
    c.thresholds.push_back(t.as<double>(path + ": thresholds"));
  return c;
}

/// **Throws** file_error if a file of that name could not be written: found out before hours of training, not after.
inline void require_writable(const std::string& path) {
  if (path.empty() || std::filesystem::is_directory(path))
    throw file_error(concat("save: cannot write \"", path, "\": ",
                            path.empty() ? "the name is empty" : "it is a folder", "; name a file, such as model.pt"));
  const io::atomic_file probe(path);
}

}  // namespace tensorlab::inline v0::behaviour
