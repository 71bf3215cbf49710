#pragma once

#include <cstring>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tensorlab/io/torch_rebuild.hpp>

namespace tensorlab::inline v0::io::detail {

/// True for the first bytes of a file that PyTorch before 1.6 wrote: a pickle.
inline bool is_torch_legacy(std::span<const std::byte> start) {
  return start.size() > 1 && start[0] == std::byte{0x80} && start[1] == std::byte{2};
}

/// The form of PyTorch before 1.6: pickles of a magic number, a version, the writer's system, the object and the keys
/// of its storages, then for each key the number of elements and the elements.
class torch_legacy final : public torch_storage_source {
 public:
  torch_legacy(std::span<const std::byte> file, const std::string& name)
      : file_(file), name_(name), reader_(file, name) {
    constexpr std::string_view magic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
    if (reader_.load().text != magic) fail("no PyTorch file");
    if (const pickle_node& version = reader_.load(); version.integer != 1001)
      fail(concat("version ", version.integer, " is not read (1001)"));
    const pickle_node& system = reader_.load();
    for (std::size_t i = 0; i + 1 < system.items.size(); i += 2)
      if (system.items[i]->text == "little_endian" && system.items[i + 1]->integer == 0) fail("big endian is not read");
    root_ = &reader_.load();
    find_storages(reader_.load());
  }

  torch_value value() { return torch_rebuilder(*this, name_, reader_.nodes()).value(*root_); }

  const std::vector<std::byte>& storage(const std::string& key, std::size_t) override {
    const auto at = storages_.find(key);
    if (at == storages_.end()) fail(concat("no storage ", key));
    return at->second;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw_format_error(concat("torch: ", what, ": ", name_)); }

  static std::size_t width_of(const std::string& storage) {
    for (const auto& [known, type] : torch_storages)
      if (storage == known) return size_of(type);
    constexpr std::pair<const char*, std::size_t> others[] = {
        {"ShortStorage", 2}, {"ComplexFloatStorage", 8}, {"ComplexDoubleStorage", 16}};
    for (const auto& [known, width] : others)
      if (storage == known) return width;
    return 0;
  }

  void find_storages(const pickle_node& keys) {
    std::unordered_map<std::string, std::size_t> widths;
    reader_.for_each_node([&](const pickle_node& n) {
      if (n.type != pickle_node::kind::persistent || n.items[0]->items.size() < 3) return;
      const auto& id = n.items[0]->items;
      widths[id[2]->text] = width_of(id[1]->name);
    });
    std::size_t at = reader_.position();
    for (const pickle_node* key : keys.items) {
      const std::size_t width = widths[key->text];
      if (width == 0) fail(concat("storage ", key->text, " has elements of an unknown type"));
      std::uint64_t count = 0, bytes = 0;
      if (file_.size() - at < 8) fail(concat("truncated before storage ", key->text));
      std::memcpy(&count, file_.data() + at, 8);
      at += 8;
      if (__builtin_mul_overflow(count, width, &bytes) || file_.size() - at < bytes) {
        fail(concat("storage ", key->text, " is truncated (", count, " elements of ", width, " bytes expected, ",
                    file_.size() - at, " bytes found)"));
      }
      const auto part = file_.subspan(at, static_cast<std::size_t>(bytes));
      storages_[key->text].assign(part.begin(), part.end());
      at += static_cast<std::size_t>(bytes);
    }
  }

  std::span<const std::byte> file_;
  std::string name_;
  unpickler reader_;
  const pickle_node* root_ = nullptr;
  std::unordered_map<std::string, std::vector<std::byte>> storages_;
};

}  // namespace tensorlab::inline v0::io::detail
