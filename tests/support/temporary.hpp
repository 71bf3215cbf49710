#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

namespace test {

/// A folder that exists as long as this object.
class temporary_directory {
 public:
  temporary_directory() {
    std::random_device seed;
    do {
      path_ = std::filesystem::temp_directory_path() / ("tensorlab_" + std::to_string(seed()) + std::to_string(seed()));
    } while (!std::filesystem::create_directory(path_));
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  /// The path of a file in the folder.
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  /// How many files and folders are in it.
  int entries() const {
    int n = 0;
    for ([[maybe_unused]] const auto& e : std::filesystem::directory_iterator(path_)) ++n;
    return n;
  }

 private:
  std::filesystem::path path_;
};

/// The path of a committed file under tests/golden.
inline std::string golden(const std::string& name) {
  return (std::filesystem::path(__FILE__).parent_path().parent_path() / "golden" / name).string();
}

inline std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void spit(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace test
