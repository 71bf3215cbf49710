#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <tensorlab/core/error.hpp>

namespace tensorlab::inline v0 {

namespace io {

namespace detail {

[[noreturn]] inline void throw_file_error(const char* what, const std::string& path, int code) {
  throw file_error(concat(what, " ", path, ": ", std::generic_category().message(code)));
}

/// An open file that closes itself.
class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() { close(); }

  int get() const { return fd_; }
  int close() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 ? 0 : ::close(fd);
  }

 private:
  int fd_;
};

inline int flush_to_disk(int fd) {
  // Pipes and some network folders do not know fsync; there is nothing better to do there.
  return ::fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : -1;
}

}  // namespace detail

/// The bytes of a whole file.
///
/// **Throws** file_error `read: cannot read PATH: REASON`.
inline std::vector<std::byte> read_file(const std::string& path) {
  constexpr const char* what = "read: cannot read";
  const detail::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) detail::throw_file_error(what, path, errno);
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0) detail::throw_file_error(what, path, errno);
  if (S_ISDIR(info.st_mode)) detail::throw_file_error(what, path, EISDIR);
  std::vector<std::byte> bytes(static_cast<std::size_t>(info.st_size));
  std::size_t have = 0;
  for (;;) {
    // One byte more than announced is asked for, so that a file which grows, or a pipe, is read to its end.
    if (have == bytes.size()) bytes.resize(bytes.size() + (bytes.size() / 2 + 1));
    const ::ssize_t n = ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) detail::throw_file_error(what, path, errno);
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  bytes.resize(have);
  return bytes;
}

/// At most the first `count` bytes of a file, and its whole size in `*file_size` if that is not null.
///
/// **Throws** file_error `read: cannot read PATH: REASON`.
inline std::vector<std::byte> read_file_start(const std::string& path, std::size_t count,
                                              std::size_t* file_size = nullptr) {
  constexpr const char* what = "read: cannot read";
  const detail::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) detail::throw_file_error(what, path, errno);
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0) detail::throw_file_error(what, path, errno);
  if (file_size != nullptr) *file_size = static_cast<std::size_t>(info.st_size);
  std::vector<std::byte> bytes(count);
  std::size_t have = 0;
  while (have < count) {
    const ::ssize_t n = ::read(file.get(), bytes.data() + have, count - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) detail::throw_file_error(what, path, errno);
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  bytes.resize(have);
  return bytes;
}

/// A whole file as text. **Throws** file_error.
inline std::string read_text(const std::string& path) {
  const std::vector<std::byte> bytes = read_file(path);
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// A file that appears under its name complete or not at all: it is written under a temporary name in the same folder,
/// flushed to the disk, then renamed. Without commit() the temporary file is removed.
///
/// **Throws** file_error `save: cannot write PATH: REASON` from every member.
class atomic_file {
 public:
  explicit atomic_file(std::string path) : path_(std::move(path)), file_(create()) {}
  atomic_file(const atomic_file&) = delete;
  atomic_file& operator=(const atomic_file&) = delete;
  ~atomic_file() {
    file_.close();
    if (!committed_) ::unlink(temporary_.c_str());
  }

  /// The name the file will have.
  const std::string& path() const { return path_; }
  /// The name it has until commit(): for libraries that open files themselves.
  const std::string& temporary() const { return temporary_; }

  void write(const void* data, std::size_t count) {
    const char* from = static_cast<const char*>(data);
    while (count > 0) {
      const ::ssize_t n = ::write(file_.get(), from, count);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(errno);
      from += n;
      count -= static_cast<std::size_t>(n);
    }
  }
  void write(std::span<const std::byte> bytes) { write(bytes.data(), bytes.size()); }
  void write(std::string_view text) { write(text.data(), text.size()); }

  /// Flushes and gives the file its name, replacing one that has it.
  void commit() {
    // The name may meanwhile belong to another file than the open one: a library that wrote it by renaming.
    const detail::descriptor now(::open(temporary_.c_str(), O_RDONLY | O_CLOEXEC));
    if (now.get() < 0 || detail::flush_to_disk(now.get()) != 0) fail(errno);
    if (file_.close() != 0) fail(errno);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(errno);
    committed_ = true;
    const std::size_t slash = path_.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
    const detail::descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() >= 0) detail::flush_to_disk(directory.get());
  }

  [[noreturn]] void fail(int code) const { detail::throw_file_error("save: cannot write", path_, code); }

 private:
  int create() {
    static std::atomic<unsigned> counter{0};
    for (;;) {
      temporary_ = concat(path_, ".", static_cast<long>(::getpid()), ".", counter++, ".tmp");
      const int fd = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd >= 0) return fd;
      if (errno != EEXIST) fail(errno);
    }
  }

  std::string path_;
  std::string temporary_;
  detail::descriptor file_;
  bool committed_ = false;
};

/// Writes a file through `writer(atomic_file&)`; if that throws, no file and no part of one stays behind, and a file
/// that had the name keeps its contents.
///
/// **Throws** file_error `save: cannot write PATH: REASON`, and what `writer` throws.
template <class Writer>
void atomic_write(const std::string& path, Writer&& writer) {
  atomic_file file(path);
  std::forward<Writer>(writer)(file);
  file.commit();
}

}  // namespace io

}  // namespace tensorlab::inline v0
