#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <tensorlab/backend/storage.hpp>
#include <tensorlab/core/capture.hpp>

namespace tensorlab::inline v0::quantized::detail {

using memory_blocks = std::vector<std::shared_ptr<storage>>;

/// The blocks that buffers lie in; an undefined one has none.
template <class... Buffers>
memory_blocks blocks_of(const Buffers&... buffers) {
  memory_blocks blocks;
  blocks.reserve(sizeof...(buffers));
  const auto add = [&](const auto& b) {
    if (b.defined() && b.array().storage()) blocks.push_back(b.array().storage());
  };
  (add(buffers), ...);
  return blocks;
}

/// Something made of buffers that is kept until one of them is written to. A copy starts without it.
template <class P>
class packing {
 public:
  packing() = default;
  packing(const packing&) {}
  packing& operator=(const packing&) {
    kept_ = std::make_shared<kept>();
    return *this;
  }
  ~packing() = default;

  /// Calls `use(p)`, p what `make()` gave for these blocks as they are; if a step is being recorded, also in every
  /// replay of it. `make` returns a shared_ptr and refers to the buffers by handles; a prediction that is prepared
  /// calls it once.
  template <class Make, class Use>
  void perform(const memory_blocks& of, const Make& make, const Use& use) const {
    capture* const c = capture::current();
    if (c == nullptr) return use(*kept_->get(of, make));
    if (std::all_of(of.begin(), of.end(), [&](const auto& block) { return c->is_constant(block->data()); }))
      return c->perform([made = c->once([&] { return kept_->get(of, make); }), use] { use(*made); });
    c->perform([kept = kept_, of, make, use] { use(*kept->get(of, make)); });
  }

 private:
  class kept {
   public:
    template <class Make>
    std::shared_ptr<const P> get(const memory_blocks& of, const Make& make) {
      const std::lock_guard lock(mutex_);
      const auto unchanged = [](const auto& block, const auto& source) {
        return block == source.first && block->version() == source.second;
      };
      if (!made_ || !std::equal(of.begin(), of.end(), sources_.begin(), sources_.end(), unchanged)) {
        made_ = make();
        sources_.clear();
        for (const auto& block : of) sources_.emplace_back(block, block->version());
      }
      return made_;
    }

   private:
    std::mutex mutex_;
    std::shared_ptr<const P> made_;
    // Kept alive, as memory that is used again would look like the same buffer.
    std::vector<std::pair<std::shared_ptr<storage>, std::uint32_t>> sources_;
  };

  std::shared_ptr<kept> kept_ = std::make_shared<kept>();
};

}  // namespace tensorlab::inline v0::quantized::detail
