#pragma once

#include <tensorlab/io/npy.hpp>
#include <tensorlab/io/zip.hpp>

namespace tensorlab::inline v0::io {

/// The arrays of a NumPy .npz file, each read when asked for.
class npz_reader {
 public:
  /// **Throws** format_error if the file is no archive, file_error.
  explicit npz_reader(const std::string& path) : archive_(path) {
    for (const std::string& entry : archive_.names()) {
      if (entry.size() > 4 && entry.compare(entry.size() - 4, 4, ".npy") == 0)
        names_.push_back(entry.substr(0, entry.size() - 4));
    }
  }

  /// The arrays' names in the order of the file.
  const std::vector<std::string>& names() const { return names_; }
  bool contains(const std::string& name) const { return archive_.contains(name + ".npy"); }

  /// One array. **Throws** as load_npy(), and format_error if there is none of this name.
  template <class T = float, class B = cpu>
  tensor<T, B> load(const std::string& name, const load_options& options = {}) const {
    return parse_npy<T, B>(entry(name), where(name), options);
  }
  host_tensor load_host(const std::string& name) const { return parse_npy(entry(name), where(name)); }

 private:
  std::string where(const std::string& name) const { return concat(archive_.path(), ": ", name); }
  std::vector<std::byte> entry(const std::string& name) const {
    if (!contains(name)) throw_format_error(concat("npz: no array called ", name, ": ", archive_.path()));
    return archive_.read(name + ".npy");
  }

  zip_reader archive_;
  std::vector<std::string> names_;
};

/// All arrays of a .npz file, in its order. **Throws** as npz_reader and load_npy().
inline named_tensors load_npz(const std::string& path) {
  const npz_reader file(path);
  named_tensors out;
  for (const std::string& name : file.names()) out.emplace_back(name, file.load_host(name));
  return out;
}

/// Writes a .npz file that `numpy.load` reads, atomically; `method` deflated is `numpy.savez_compressed`.
///
/// **Throws** dtype_error for bfloat16, value_error for equal names, file_error.
inline void save_npz(const std::string& path, const named_tensors& arrays, zip_method method = zip_method::stored) {
  zip_writer archive(path);
  for (const auto& [name, array] : arrays)
    archive.add(name + ".npy", format_npy(array, concat(path, ": ", name)), method);
  archive.commit();
}

}  // namespace tensorlab::inline v0::io
