#include <tensorlab/io/torch_file.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"

namespace tl = tensorlab;
using Catch::Contains;
using tl::io::torch_value;

namespace {

std::span<const std::byte> bytes(const std::string& s) { return std::as_bytes(std::span(s.data(), s.size())); }

/// Writes an archive with this pickle and 4 floats as storage 0, and reads it.
torch_value load(const std::string& pickle) {
  const test::temporary_directory folder;
  tl::io::zip_writer archive(folder / "a.pt");
  archive.add("root/data.pkl", pickle);
  archive.add("root/data/0", std::string(16, '\0'));
  archive.commit();
  return tl::io::load_torch(folder / "a.pt");
}

void put(std::string& p, std::uint64_t v) {
  p += "\x8a\x08";
  for (int i = 0; i < 64; i += 8) p += static_cast<char>(v >> i & 255);
}
/// A pickle of one tensor over a storage of `count` elements.
std::string tensor(std::int64_t count, std::int64_t offset, const std::vector<std::int64_t>& size,
                   const std::vector<std::int64_t>& stride, const std::string& storage = "FloatStorage",
                   const std::string& key = "0") {
  const auto text = [](const std::string& s) { return std::string("U") + static_cast<char>(s.size()) + s; };
  const auto tuple = [](const std::vector<std::int64_t>& v) {
    std::string p = "(";
    for (std::int64_t x : v) put(p, static_cast<std::uint64_t>(x));
    return p + "t";
  };
  std::string p =
      "\x80\x02"
      "ctorch._utils\n_rebuild_tensor_v2\n((" +
      text("storage") + "ctorch\n" + storage + "\n" + text(key) + text("cpu");
  put(p, static_cast<std::uint64_t>(count));
  p += "tQ";
  put(p, static_cast<std::uint64_t>(offset));
  return p + tuple(size) + tuple(stride) +
         "\x89"
         "ccollections\nOrderedDict\n)RtR.";
}

}  // namespace

TEST_CASE("torch: the helper of these tests writes a readable tensor", "[io][torch]") {
  REQUIRE(load(tensor(4, 0, {2, 2}, {2, 1})).ref<tl::host_tensor>("t").extents == tl::shape{2, 2});
  REQUIRE(load(tensor(4, 3, {1}, {1})).ref<tl::host_tensor>("t").bytes.size() == 4);
  REQUIRE(load(tensor(4, 0, {5000}, {0})).ref<tl::host_tensor>("t").extents == tl::shape{5000});
}

TEST_CASE("torch: tensors that reach beyond their storage", "[io][torch]") {
  const std::int64_t huge = std::int64_t{1} << 62;
  REQUIRE_THROWS_WITH(load(tensor(4, 0, {5}, {1})),
                      Contains("a tensor reaches beyond its storage: size [5], stride [1]"));
  for (const std::string& p :
       {tensor(4, 4, {1}, {1}), tensor(4, 0, {3}, {2}), tensor(4, 0, {2, 2}, {3, 1}), tensor(4, 0, {huge}, {1}),
        tensor(4, 0, {huge, huge}, {0, 0}), tensor(4, 0, {3}, {huge}), tensor(4, huge, {3}, {huge}),
        tensor(0, 0, {1}, {1}), tensor(4, 0, {std::int64_t{1} << 40}, {0})}) {
    REQUIRE_THROWS_WITH(load(p), Contains("a tensor reaches beyond its storage"));
  }
  REQUIRE_THROWS_WITH(load(tensor(5, 0, {5}, {1})),
                      Contains("storage 0 is truncated (5 elements of 4 bytes expected, 16 bytes found)"));
  REQUIRE_THROWS_WITH(load(tensor(huge, 0, {5}, {1})), Contains("is truncated"));
  REQUIRE_THROWS_WITH(load(tensor(4, 0, {1}, {1}, "DoubleStorage")), Contains("is truncated (4 elements of 8 bytes"));
}

TEST_CASE("torch: malformed tensors", "[io][torch]") {
  REQUIRE_THROWS_WITH(load(tensor(4, -1, {1}, {1})), Contains("storage offset of a tensor is not a number >= 0"));
  REQUIRE_THROWS_WITH(load(tensor(-4, 0, {1}, {1})), Contains("storage size of a tensor is not a number >= 0"));
  REQUIRE_THROWS_WITH(load(tensor(4, 0, {-1}, {1})), Contains("size of a tensor is not a number >= 0"));
  REQUIRE_THROWS_WITH(load(tensor(4, 0, {1}, {-1})), Contains("stride of a tensor is not a number >= 0"));
  REQUIRE_THROWS_WITH(load(tensor(4, 0, {1, 1}, {1})), Contains("differ in length"));
  REQUIRE_THROWS_WITH(load(tensor(4, 0, std::vector<std::int64_t>(9, 1), {1})), Contains("more than 8 dimensions"));
  REQUIRE_THROWS_WITH(load(tensor(4, 0, {1}, {1}, "FloatStorage", "7")), Contains("no entry root/data/7"));
  REQUIRE(load(tensor(4, 0, {1}, {1}, "ShortStorage")).is<tl::io::torch_record>());
}

TEST_CASE("torch: values nested without end, or too many", "[io][torch]") {
  REQUIRE_THROWS_WITH(load(std::string("\x80\x02]q\0h\0a.", 9)), Contains("nested more than 400 deep"));
  REQUIRE_THROWS_WITH(load("\x80\x02" + std::string(1000, ']') + std::string(999, 'a') + "."),
                      Contains("nested more than 400 deep"));
  // 60 lists that each hold the one before twice: 2^60 values.
  std::string p("\x80\x02]q\0", 5);
  for (char i = 0; i < 60; ++i) p += std::string("(h") + i + "h" + i + "lq" + static_cast<char>(i + 1);
  REQUIRE_THROWS_WITH(load(p + "."), Contains("too many values"));
}

TEST_CASE("torch: archives that hold something else", "[io][torch]") {
  const test::temporary_directory folder;
  REQUIRE_THROWS_WITH(tl::io::load_torch(test::golden("stored.npz")), Contains("an archive without an entry data.pkl"));
  REQUIRE_THROWS_WITH(tl::io::load_torch(test::golden("ramp_f4.npy")), Contains("Not a zip archive"));
  REQUIRE_THROWS_AS(tl::io::load_torch("/nowhere/a.pt"), tl::file_error);
}

TEST_CASE("torch: records cannot be written, and nothing is left behind", "[io][torch]") {
  const test::temporary_directory folder;
  const tl::io::torch_list list{{1, tl::io::torch_record{"fractions", "Fraction", {}, {}}}};
  REQUIRE_THROWS_WITH(tl::io::save_torch(folder / "a.pt", list),
                      "torch: an object of fractions.Fraction cannot be written");
  REQUIRE(folder.entries() == 0);
}

TEST_CASE("torch: damaged pickles end in an error or a value, never in anything else", "[io][torch]") {
  std::string pickle;
  {
    const auto whole = tl::io::zip_reader(test::golden("torch_file.pt")).read("torch_file/data.pkl");
    pickle.assign(reinterpret_cast<const char*>(whole.data()), whole.size());
  }
  struct zeros final : tl::io::detail::torch_storage_source {
    std::vector<std::byte> bytes = std::vector<std::byte>(24 * 8);
    const std::vector<std::byte>& storage(const std::string&, std::size_t) override { return bytes; }
  } source;
  int errors = 0, values = 0;
  const auto attempt = [&](const std::string& p) {
    try {
      tl::io::unpickler reader(bytes(p), "a.pkl");
      const auto& root = reader.load();
      tl::io::detail::torch_rebuilder(source, "a.pkl", reader.nodes()).value(root);
      ++values;
    } catch (const tl::error&) {
      ++errors;
    }
  };
  for (std::size_t n = 0; n < pickle.size(); ++n) attempt(pickle.substr(0, n));
  REQUIRE(values == 0);
  for (std::size_t n = 0; n < pickle.size(); ++n) {
    for (int flip : {1, 0x20, 0x80}) {
      std::string p = pickle;
      p[n] = static_cast<char>(p[n] ^ flip);
      attempt(p);
    }
  }
  REQUIRE(errors + values == static_cast<int>(4 * pickle.size()));
}
