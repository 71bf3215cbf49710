// Files written here are read by NumPy, PyTorch and safetensors, where a Python that has them is named.

#include <cstdlib>

#include <limits>

#include <tensorlab/backend/reference.hpp>
#include <tensorlab/io/npz.hpp>
#include <tensorlab/io/safetensors.hpp>
#include <tensorlab/io/torch_file.hpp>

#include "support/catch.hpp"
#include "support/temporary.hpp"

namespace tl = tensorlab;

namespace {

/// Element i of tensor k is (i + k) mod 5, or whether that is not 0.
template <class T>
tl::host_tensor numbered(const tl::shape& s, std::int64_t k) {
  const auto t = tl::tensor<T, tl::reference>::written(s, [&](T* to) {
    for (std::int64_t i = 0; i < s.size(); ++i) to[i] = tl::convert_element<T>(static_cast<float>((i + k) % 5));
  });
  return tl::io::to_host(t);
}

tl::named_tensors tensors() {
  return {{"f4", numbered<float>({2, 3}, 0)},
          {"f8", numbered<double>({4}, 1)},
          {"f2", numbered<tl::half>({3, 1}, 2)},
          {"bf16", numbered<tl::bf16>({2, 2}, 3)},
          {"i8", numbered<std::int64_t>({}, 4)},
          {"i4", numbered<std::int32_t>({0, 2}, 5)},
          {"u1", numbered<std::uint8_t>({1, 2, 3, 4}, 6)},
          {"b1", numbered<bool>({6}, 7)}};
}

tl::io::torch_dict meta() {
  using tl::io::torch_list;
  using tl::io::torch_tuple;
  tl::io::torch_dict m, inner;
  inner.set(3, "three");
  m.set("none", nullptr).set("yes", true).set("no", false).set("small", 7).set("negative", -3).set("byte", 255);
  m.set("large", std::int64_t{1} << 40).set("real", 2.5).set("infinite", std::numeric_limits<double>::infinity());
  m.set("text", "\xc3\xa9\n").set("empty", "").set("list", torch_list{{1, torch_list{{2, "x"}}, torch_list{}}});
  m.set("tuple", torch_tuple{{1, 2, 3, 4}}).set("pair", torch_tuple{{1, 2}}).set("unit", torch_tuple{});
  m.set("bytes", tl::io::torch_bytes{std::string("\0\x7f\x80\xff", 4)}).set("dict", inner);
  return m;
}

}  // namespace

TEST_CASE("NumPy, PyTorch and safetensors read what is written", "[io][python]") {
  const char* python = std::getenv("TENSORLAB_TORCH_PYTHON");
  if (python == nullptr || *python == '\0') test::skip("TENSORLAB_TORCH_PYTHON names no Python with PyTorch");
  const test::temporary_directory folder;
  tl::io::torch_dict file;
  file.set("state_dict", tl::io::torch_state_dict(tensors())).set("meta", meta());
  file.set("thresholds", tl::io::torch_list{{0.5, 0.25}});
  tl::io::save_torch(folder / "a.pt", file);
  tl::io::save_safetensors(folder / "a.safetensors", {tensors(), {{"format", "pt"}, {"note", "\xc3\xa9"}}});
  tl::named_tensors arrays = tensors();
  arrays.erase(arrays.begin() + 3);  // NumPy has no bfloat16
  tl::io::save_npz(folder / "a.npz", arrays);
  tl::io::save_npz(folder / "deflated.npz", arrays, tl::io::zip_method::deflated);
  tl::io::save_npy(folder / "f4.npy", arrays[0].second);
  const std::string command =
      tl::concat("\"", python, "\" \"", test::golden("check_python_reads.py"), "\" \"", folder.path().string(), "\"");
  INFO(command);
  REQUIRE(std::system(command.c_str()) == 0);
}
