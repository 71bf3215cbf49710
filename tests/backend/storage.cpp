#include <tensorlab/backend/storage.hpp>

#include "support/backend.hpp"

namespace {

int released = 0;
std::size_t released_bytes = 0;

void release(void*, std::size_t bytes, int) noexcept {
  ++released;
  released_bytes = bytes;
}

}  // namespace

TEST_CASE("a storage counts its writes and gives its memory back once", "[backend][storage]") {
  released = 0;
  int block = 0;
  {
    tl::storage s(&block, 4, 2, &release);
    REQUIRE(s.data() == &block);
    REQUIRE(s.bytes() == 4);
    REQUIRE(s.device() == 2);
    REQUIRE_FALSE(s.is_borrowed());
    REQUIRE(s.version() == 0);
    s.bump_version();
    REQUIRE(s.version() == 1);
    REQUIRE(released == 0);
  }
  REQUIRE(released == 1);
  REQUIRE(released_bytes == 4);
}

TEST_CASE("a storage keeps the owner of borrowed memory alive", "[backend][storage]") {
  auto owner = std::make_shared<int>(5);
  const std::weak_ptr<int> watch = owner;
  {
    tl::storage s(owner.get(), sizeof(int), 0, nullptr);
    REQUIRE(s.is_borrowed());
    s.keep_alive(std::move(owner));
    REQUIRE_FALSE(watch.expired());
  }
  REQUIRE(watch.expired());
}

TEST_CASE("a block of a recording is not borrowed", "[backend][storage]") {
  tl::capture recording;
  const tl::capture::scope here(&recording);
  const auto block = tl::detail::make_storage(64, 0, &B::allocate, &B::deallocate);
  REQUIRE(recording.memory()->owns(block->data()));
  REQUIRE_FALSE(block->is_borrowed());
}
