#pragma once

#include <zip.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tensorlab/io/file.hpp>

namespace tensorlab::inline v0::io {

namespace detail {

/// Throws what libzip reported: file_error where the system refused, format_error where the archive is bad.
[[noreturn]] inline void throw_zip_error(zip_error_t* e, const char* verb, const std::string& where) {
  const bool system = zip_error_system_type(e) == ZIP_ET_SYS;
  const std::string message = concat(verb, " ", where, ": ", zip_error_strerror(e));
  const bool file = system || zip_error_code_zip(e) == ZIP_ER_NOENT;
  zip_error_fini(e);
  if (file) throw file_error(message);
  throw_format_error(message);
}
[[noreturn]] inline void throw_zip_code(int code, const char* verb, const std::string& where) {
  zip_error_t e;
  zip_error_init_with_code(&e, code);
  throw_zip_error(&e, verb, where);
}

struct zip_discarder {
  void operator()(zip_t* z) const { zip_discard(z); }
};
using zip_handle = std::unique_ptr<zip_t, zip_discarder>;

}  // namespace detail

/// The entries of a zip archive, stored or deflated.
class zip_reader {
 public:
  /// **Throws** file_error if the file cannot be opened; format_error if it is no archive or has two entries of one
  /// name.
  explicit zip_reader(std::string path) : path_(std::move(path)) {
    int code = 0;
    archive_.reset(zip_open(path_.c_str(), ZIP_RDONLY, &code));
    if (!archive_) detail::throw_zip_code(code, reading, path_);
    read_file_start(path_, 0, &file_size_);
    std::set<std::string_view> seen;
    const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
    names_.reserve(static_cast<std::size_t>(count));
    for (zip_int64_t i = 0; i < count; ++i) {
      const char* name = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
      if (name == nullptr) fail(zip_get_error(archive_.get()), path_);
      names_.emplace_back(name);
      if (!seen.insert(names_.back()).second)
        throw_format_error(concat(reading, " ", path_, ": two entries are called ", names_.back()));
    }
  }

  const std::string& path() const { return path_; }
  /// The names of the entries in the order of the archive.
  const std::vector<std::string>& names() const { return names_; }
  bool contains(const std::string& name) const { return find(name) >= 0; }

  /// The contents of an entry. **Throws** format_error if it is absent, encrypted or damaged.
  std::vector<std::byte> read(const std::string& name) const {
    const std::string where = concat(path_, ": ", name);
    const std::int64_t index = find(name);
    if (index < 0) throw_format_error(concat(reading, " ", path_, ": no entry ", name));
    zip_stat_t info;
    if (zip_stat_index(archive_.get(), static_cast<zip_uint64_t>(index), 0, &info) != 0)
      fail(zip_get_error(archive_.get()), where);
    // Deflate cannot shrink by more than 1032, so a size above that is a lie that would cost memory.
    if (info.size / 1040 > file_size_)
      throw_format_error(concat(reading, " ", where, ": ", info.size, " bytes cannot come from this file"));
    const file_handle file(zip_fopen_index(archive_.get(), static_cast<zip_uint64_t>(index), 0));
    if (!file) fail(zip_get_error(archive_.get()), where);
    std::vector<std::byte> bytes(info.size);
    std::size_t have = 0;
    while (have < bytes.size()) {
      const zip_int64_t n = zip_fread(file.get(), bytes.data() + have, bytes.size() - have);
      if (n < 0) fail(zip_file_get_error(file.get()), where);
      if (n == 0)
        throw_format_error(
            concat(reading, " ", where, ": truncated (", info.size, " bytes expected, ", have, " found)"));
      have += static_cast<std::size_t>(n);
    }
    // libzip compares the checksum when it is asked for more than there is.
    std::byte beyond;
    if (zip_fread(file.get(), &beyond, 1) != 0) fail(zip_file_get_error(file.get()), where);
    return bytes;
  }

 private:
  static constexpr const char* reading = "zip: cannot read";

  struct file_closer {
    void operator()(zip_file_t* f) const { zip_fclose(f); }
  };
  using file_handle = std::unique_ptr<zip_file_t, file_closer>;

  [[noreturn]] static void fail(zip_error_t* e, const std::string& where) {
    zip_error_t copy;
    zip_error_init(&copy);
    zip_error_set(&copy, zip_error_code_zip(e), zip_error_code_system(e));
    detail::throw_zip_error(&copy, reading, where);
  }

  std::int64_t find(const std::string& name) const {
    return zip_name_locate(archive_.get(), name.c_str(), ZIP_FL_ENC_RAW);
  }

  std::string path_;
  detail::zip_handle archive_;
  std::vector<std::string> names_;
  std::size_t file_size_ = 0;
};

/// How an entry is kept in an archive.
enum class zip_method : std::uint8_t { stored, deflated };

/// Writes a zip archive atomically: nothing appears under its name before commit(). The same entries give the same
/// bytes.
class zip_writer {
 public:
  /// **Throws** file_error `save: cannot write PATH: REASON`.
  explicit zip_writer(std::string path) : file_(std::move(path)) {
    int code = 0;
    archive_.reset(zip_open(file_.temporary().c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
    if (!archive_) detail::throw_zip_code(code, writing, file_.path());
  }

  /// Adds an entry. **Throws** value_error if there is one of this name.
  void add(const std::string& name, std::vector<std::byte> contents, zip_method method = zip_method::stored) {
    kept_.push_back(std::move(contents));
    add_kept(name, kept_.back(), method);
  }
  /// As above, for contents that live until commit().
  void add_kept(const std::string& name, std::span<const std::byte> contents, zip_method method = zip_method::stored) {
    if (!names_.insert(name).second)
      throw_value_error(concat("save: two entries of ", file_.path(), " are called ", name));
    zip_t* z = archive_.get();
    zip_source_t* source = zip_source_buffer(z, contents.data(), contents.size(), 0);
    if (source == nullptr) fail();
    const zip_int64_t added = zip_file_add(z, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (added < 0) {
      zip_source_free(source);
      fail();
    }
    const auto index = static_cast<zip_uint64_t>(added);
    const zip_int32_t kind = method == zip_method::stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
    if (zip_set_file_compression(z, index, kind, 0) != 0) fail();
    constexpr zip_uint16_t first_day = 1 << 5 | 1;  // 1980-01-01, so that files do not depend on when they were written
    if (zip_file_set_dostime(z, index, 0, first_day, 0) != 0) fail();
  }
  void add(const std::string& name, std::string_view text, zip_method method = zip_method::stored) {
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    add(name, std::vector<std::byte>(bytes.begin(), bytes.end()), method);
  }

  /// Writes everything and gives the file its name.
  void commit() {
    if (names_.empty()) {
      // libzip removes an archive without entries; this is what one consists of.
      file_.write(std::string_view("PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22));
    } else {
      if (zip_close(archive_.get()) != 0) fail();
      static_cast<void>(archive_.release());
    }
    file_.commit();
  }

 private:
  static constexpr const char* writing = "save: cannot write";

  [[noreturn]] void fail() {
    zip_error_t* e = zip_get_error(archive_.get());
    throw file_error(concat(writing, " ", file_.path(), ": ", zip_error_strerror(e)));
  }

  atomic_file file_;
  std::set<std::string> names_;
  std::deque<std::vector<std::byte>> kept_;
  detail::zip_handle archive_;
};

}  // namespace tensorlab::inline v0::io
