#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/autograd/node.hpp>

#include "support/backend.hpp"

using T = tl::tensor<double, B>;

namespace {

/// A node that counts its destruction.
class counted final : public tl::node {
 public:
  explicit counted(int& alive) : node("counted"), alive_(alive) { ++alive_; }
  ~counted() override { --alive_; }
  void backward(const tl::backward_context&, std::span<std::shared_ptr<tl::variable>>,
                std::span<std::shared_ptr<tl::variable>>) override {}
  void release() override {}
  int outputs() const override { return 1; }

 private:
  int& alive_;
};

}  // namespace

TEST_CASE("node numbers grow with time", "[autograd][node]") {
  int alive = 0;
  const counted a(alive), b(alive);
  REQUIRE(a.id() < b.id());
  REQUIRE(std::string(a.name()) == "counted");
}

TEST_CASE("releasing the last node releases all before it", "[autograd][node]") {
  int alive = 0;
  {
    std::shared_ptr<tl::node> last;
    for (int i = 0; i < 1000; ++i) {
      auto n = std::make_shared<counted>(alive);
      if (last) n->edges = {{last, 0, nullptr}, {last, 0, nullptr}};
      last = n;
    }
    REQUIRE(alive == 1000);
  }
  REQUIRE(alive == 0);
}

TEST_CASE("a node that is used elsewhere stays", "[autograd][node]") {
  int alive = 0;
  const auto shared = std::make_shared<counted>(alive);
  {
    const auto user = std::make_shared<counted>(alive);
    user->edges.push_back({shared, 0, nullptr});
  }
  REQUIRE(alive == 1);
  REQUIRE(shared.use_count() == 1);
}

TEST_CASE("edges of a recorded op lead to where its inputs came from", "[autograd][node]") {
  auto x = T::ones({1}).requires_grad(true);
  const auto h = tl::apply(tl::rule::exp{}, x);
  const auto y = tl::apply(tl::rule::add{}, h, T::ones({1}));
  const tl::edge to = y.source();
  REQUIRE(std::string(to.producer->name()) == "add");
  REQUIRE(to.producer->edges.size() == 2);
  REQUIRE(to.producer->edges[0].producer == h.source().producer);
  REQUIRE_FALSE(to.producer->edges[1].tracked());
  REQUIRE(h.source().producer->edges[0].leaf == x.body());
}
