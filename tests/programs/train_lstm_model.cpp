#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/behaviour/checkpoint.hpp>
#include <tensorlab/io/npy.hpp>
#include <tensorlab/models/behaviour_lstm.hpp>
#include <tensorlab/nn/module.hpp>
#include <tensorlab/nn/state_dict.hpp>

#include <sys/wait.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "support/catch.hpp"
#include "support/window_folder.hpp"

namespace {

struct outcome {
  int code;
  std::string text;
};

/// Runs the program and keeps what it prints on both streams.
outcome run(const std::string& arguments) {
  std::FILE* pipe = ::popen((std::string(TL_TRAIN_LSTM_MODEL) + " " + arguments + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  outcome o{0, {}};
  std::array<char, 4096> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) o.text.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  o.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return o;
}

/// One line on standard error and exit code 2.
void require_refusal(const std::string& arguments, const std::string& why) {
  const outcome o = run(arguments);
  INFO(arguments << "\n" << o.text);
  REQUIRE(o.code == 2);
  REQUIRE_THAT(o.text, Catch::Contains(why));
  REQUIRE(std::count(o.text.begin(), o.text.end(), '\n') == 1);
  REQUIRE_THAT(o.text, Catch::StartsWith("train_lstm_model: "));
}

}  // namespace

TEST_CASE("the program trains on a folder and writes a checkpoint", "[programs]") {
  const test::window_folder f;
  const test::temporary_directory out;
  const outcome o = run("--data_dir " + f.path() +
                        " --epochs 2 --batch 2 --val-ratio 0.5 --num_workers 1 --device cpu --save " + (out / "x.pt"));
  INFO(o.text);
  REQUIRE(o.code == 0);
  REQUIRE_THAT(o.text, Catch::Contains("epoch 2/2") && Catch::Contains("mAP"));
  const auto c = tensorlab::behaviour::load_checkpoint(out / "x.pt");
  REQUIRE(c.thresholds.size() == 2);
  REQUIRE(c.state.front().first == "pre.0.weight");
  REQUIRE(out.entries() == 1);
}

TEST_CASE("the same seed gives the same file", "[programs]") {
  const test::window_folder f;
  const test::temporary_directory out;
  const std::string common = "--data-dir " + f.path() + " --epochs 2 --batch 2 --val_ratio 0.5 --seed 3 --save ";
  REQUIRE(run(common + (out / "a.pt") + " --num-workers 0").code == 0);
  REQUIRE(run(common + (out / "b.pt") + " --num-workers 2").code == 0);
  REQUIRE(tensorlab::io::read_file(out / "a.pt") == tensorlab::io::read_file(out / "b.pt"));
}

TEST_CASE("PyTorch loads the program's file and computes the same logits", "[programs][python]") {
  const char* python = std::getenv("TENSORLAB_TORCH_PYTHON");
  if (python == nullptr || *python == '\0') test::skip("TENSORLAB_TORCH_PYTHON names no Python with PyTorch");
  namespace tl = tensorlab;
  const test::window_folder f;
  const test::temporary_directory out;
  REQUIRE(
      run("--data_dir " + f.path() + " --epochs 3 --batch 2 --val_ratio 0.5 --device cpu --save " + (out / "model.pt"))
          .code == 0);

  const auto x = tl::io::load_npy<float, tl::cpu>(f / "X.npy");
  const auto checkpoint = tl::behaviour::load_checkpoint(out / "model.pt");
  auto model = tl::models::behaviour_lstm<>::init({.features = x.dim(2), .classes = 2}, tl::random::stream{1});
  tl::nn::load_state_dict(model, checkpoint.state);
  tl::nn::eval(model);
  tl::io::save_npy(out / "x.npy", x);
  tl::io::save_npy(out / "logits.npy", model(x));
  const std::string command =
      tl::concat("\"", python, "\" \"", test::golden("check_model_file.py"), "\" \"", out.path().string(), "\"");
  INFO(command);
  REQUIRE(std::system(command.c_str()) == 0);
}

TEST_CASE("the program refuses bad input in one line with exit code 2", "[programs]") {
  const test::window_folder f;
  const test::temporary_directory out;
  const std::string save = " --save " + (out / "x.pt"), data = "--data_dir " + f.path() + save;
  require_refusal(save, "--data_dir is required");
  require_refusal("--data_dir " + (out / "nowhere") + save, "no such folder");
  require_refusal(data + " --no_such_flag", "--no_such_flag");
  require_refusal(data + " --epochs 0", "--epochs");
  require_refusal(data + " --lr fast", "--lr");
  require_refusal(data + " --val_ratio 0", "the split leaves 4 windows for training and 0 for validation");
  require_refusal(data + " --val_ratio 1", "the split leaves 0 windows");
  require_refusal(data + " --split video", "the video of each window is unknown");
  require_refusal(data + " --augment pose", "the joints are unknown");
  require_refusal(data + " --device tpu", "--device");
#if !TENSORLAB_HAS_CUDA
  require_refusal(data + " --device cuda", "cuda was asked for");
#endif
  require_refusal("--data_dir " + f.path() + " --save " + (out / "no/folder/x.pt"), "cannot write");
  REQUIRE(out.entries() == 0);
}

TEST_CASE("a truncated file is refused by name", "[programs]") {
  const test::window_folder f;
  const test::temporary_directory out;
  std::filesystem::resize_file(f / "X.npy", 150);
  require_refusal("--data_dir " + f.path() + " --save " + (out / "x.pt"), "X.npy");
  REQUIRE(out.entries() == 0);
}
