#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <tensorlab/core/capture.hpp>

namespace tensorlab::inline v0 {

/// A block of a backend's memory with the number of writes it has seen; arrays share it.
class storage {
 public:
  using release_function = void (*)(void* data, std::size_t bytes, int device) noexcept;

  storage(void* data, std::size_t bytes, int device, release_function release)
      : data_(data), bytes_(bytes), device_(device), release_(release) {}
  storage(const storage&) = delete;
  storage& operator=(const storage&) = delete;
  ~storage() {
    if (release_ != nullptr) release_(data_, bytes_, device_);
    if (owner_) owner_.reset();
  }

  void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  int device() const { return device_; }
  /// Whether the memory belongs to somebody else, who may read it at any time.
  bool is_borrowed() const { return release_ == nullptr; }

  /// Grows with every in-place write, so a saved tensor can tell that it was overwritten.
  std::uint32_t version() const { return version_; }
  void bump_version() { ++version_; }

  /// Keeps `owner` alive as long as this block: for memory that belongs to somebody else.
  void keep_alive(std::shared_ptr<void> owner) { owner_ = std::move(owner); }

 private:
  void* data_;
  std::size_t bytes_;
  int device_;
  std::uint32_t version_ = 0;
  release_function release_;
  std::shared_ptr<void> owner_;
};

namespace detail {

/// A use of a block of a recording's memory.
class captured_use {
 public:
  captured_use(std::shared_ptr<captured_memory> memory, std::size_t at) : memory_(std::move(memory)), at_(at) {}
  captured_use(const captured_use&) = delete;
  captured_use& operator=(const captured_use&) = delete;
  ~captured_use() { memory_->give_back(at_); }

 private:
  std::shared_ptr<captured_memory> memory_;
  std::size_t at_;
};

/// A block for an array: from the recording under way on this thread, else from the backend.
inline std::shared_ptr<storage> make_storage(std::size_t bytes, int device, captured_memory::allocate_function allocate,
                                             storage::release_function release) {
  const capture* const r = capture::current();
  if (r == nullptr) [[likely]]
    return std::make_shared<storage>(allocate(bytes, device), bytes, device, release);
  const std::size_t at = r->memory()->take(bytes, device, allocate, release);
  constexpr auto kept = [](void*, std::size_t, int) noexcept {};  // the recording releases its blocks itself
  auto s = std::make_shared<storage>(r->memory()->data(at), bytes, device, kept);
  s->keep_alive(std::make_shared<captured_use>(r->memory(), at));
  return s;
}

}  // namespace detail

}  // namespace tensorlab::inline v0
