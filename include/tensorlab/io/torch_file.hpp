#pragma once

#include <string>
#include <unordered_map>

#include <tensorlab/io/torch_legacy.hpp>
#include <tensorlab/io/torch_pickler.hpp>
#include <tensorlab/io/zip.hpp>

namespace tensorlab::inline v0::io {

namespace detail {

class torch_archive final : public torch_storage_source {
 public:
  explicit torch_archive(const std::string& path) : archive_(path) {
    // The root folder is called after the file it was written to; every archive has its own.
    constexpr std::string_view pickle = "data.pkl";
    for (const std::string& name : archive_.names()) {
      const std::size_t slash = name.find('/');
      if (slash != name.npos && std::string_view(name).substr(slash + 1) == pickle) root_ = name.substr(0, slash + 1);
    }
    if (root_.empty())
      throw_format_error(concat("torch: no PyTorch file: ", path, " is an archive without an entry data.pkl"));
    if (archive_.contains(root_ + "byteorder")) {
      const std::vector<std::byte> order = archive_.read(root_ + "byteorder");
      big_endian_ = std::string_view(reinterpret_cast<const char*>(order.data()), order.size()) == "big";
    }
  }

  std::vector<std::byte> pickle() const { return archive_.read(root_ + "data.pkl"); }

  const std::vector<std::byte>& storage(const std::string& key, std::size_t width) override {
    const auto [at, fresh] = storages_.try_emplace(key);
    if (fresh) {
      at->second = archive_.read(concat(root_, "data/", key));
      if (big_endian_) swap_bytes(at->second.data(), at->second.size() / width, width);
    }
    return at->second;
  }

 private:
  zip_reader archive_;
  std::string root_;
  bool big_endian_ = false;
  std::unordered_map<std::string, std::vector<std::byte>> storages_;
};

}  // namespace detail

/// Reads a file that `torch.save` wrote (the zip form, and the older one of PyTorch before 1.6).
///
/// Nothing of the file is executed: tensors of supported types, parameters, `torch.Size`, dicts, lists, tuples,
/// numbers, strings and bytes become values; everything else becomes a torch_record.
/// **Throws** format_error for a file that is neither, is damaged, or whose tensors reach beyond their
/// storages; file_error.
inline torch_value load_torch(const std::string& path) {
  if (detail::is_torch_legacy(read_file_start(path, 2))) {
    const std::vector<std::byte> file = read_file(path);
    return detail::torch_legacy(file, path).value();
  }
  detail::torch_archive archive(path);
  const std::vector<std::byte> pickle = archive.pickle();
  unpickler reader(pickle, path);
  const pickle_node& root = reader.load();
  return detail::torch_rebuilder(archive, path, reader.nodes()).value(root);
}

/// Writes a file that `torch.load(path, weights_only=True)` reads, atomically. The same value gives the same bytes.
///
/// **Throws** value_error for a record, file_error.
inline void save_torch(const std::string& path, const torch_value& value) {
  detail::torch_pickler pickler;
  const std::string pickle = pickler.write(value);
  zip_writer archive(path);
  archive.add("archive/data.pkl", pickle);
  archive.add("archive/byteorder", "little");
  for (std::size_t i = 0; i < pickler.tensors().size(); ++i)
    archive.add_kept(concat("archive/data/", i), detail::bytes_of(*pickler.tensors()[i]));
  archive.add("archive/version", "3\n");
  archive.commit();
}

}  // namespace tensorlab::inline v0::io
