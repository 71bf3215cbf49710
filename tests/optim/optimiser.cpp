#include <tensorlab/optim/optimiser.hpp>

#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/optim/adam.hpp>
#include <tensorlab/optim/clip.hpp>
#include <tensorlab/optim/rmsprop.hpp>
#include <tensorlab/optim/sgd.hpp>

#include "optim/five.hpp"

namespace optim = tl::optim;

namespace {

std::vector<std::string> keys(const tl::named_tensors& state) {
  std::vector<std::string> out;
  for (const auto& entry : state) out.push_back(entry.first);
  return out;
}

/// Stopping after 7 of 20 steps and going on with a new optimiser gives the same bits.
template <class T, class Make>
void require_resumes(Make make) {
  const auto expected = after_20_steps<T>(make);
  auto net = five<T>::init();
  tl::named_tensors saved;
  {
    auto opt = make(net);
    run_steps(net, opt, 0, 7);
    saved = opt.state();
  }
  auto opt = make(net);
  opt.load_state(saved);
  REQUIRE(opt.state() == saved);
  run_steps(net, opt, 7, 20);
  REQUIRE(net.flat() == expected);
}

}  // namespace

TEMPLATE_TEST_CASE("an optimiser with a loaded state goes on bit by bit", "[optim]", float, double) {
  using T = TestType;
  require_resumes<T>([](auto& n) { return optim::sgd{n, {.lr = 0.05, .momentum = 0.9, .dampening = 0.1}}; });
  require_resumes<T>([](auto& n) { return optim::adam{n, {.lr = 0.02, .amsgrad = true}}; });
  require_resumes<T>([](auto& n) { return optim::adamw{n, {.lr = 0.02}}; });
  require_resumes<T>([](auto& n) { return optim::keras_adam{n, {.lr = 0.02}}; });
  require_resumes<T>([](auto& n) { return optim::rmsprop{n, {.lr = 0.01, .momentum = 0.5}}; });
}

TEST_CASE("frozen parameters and those without a gradient stay as they are", "[optim]") {
  auto net = five<float>::init();
  const auto b = net.b.to_vector(), c = net.c.to_vector();
  tl::nn::freeze(net, "b");
  optim::adamw opt{net, {.lr = 0.1}};
  net.set_gradients(0);
  net.c.zero_grad();
  opt.step();
  REQUIRE(net.b.to_vector() == b);
  REQUIRE(net.c.to_vector() == c);
  REQUIRE(keys(opt.state()) == std::vector<std::string>{"learning_rate", "steps", "a.step", "a.exp_avg", "a.exp_avg_sq",
                                                        "d.step", "d.exp_avg", "d.exp_avg_sq", "e.step", "e.exp_avg",
                                                        "e.exp_avg_sq"});
}

TEST_CASE("a parameter that is thawed later counts its own steps", "[optim]") {
  // Adam's first step has the size of the rate, whenever it is taken.
  auto net = five<double>::init();
  tl::nn::freeze(net, "d");
  optim::adam opt{net, {.lr = 0.01}};
  run_steps(net, opt, 0, 5);
  tl::nn::unfreeze(net, "d");
  const double before = net.d.item();
  run_steps(net, opt, 5, 6);
  REQUIRE(std::abs(std::abs(net.d.item() - before) - 0.01) < 1e-8);
}

TEST_CASE("an optimiser without any gradient does nothing", "[optim]") {
  auto net = five<float>::init();
  const auto before = net.flat();
  optim::adam opt{net};
  opt.step();
  REQUIRE(net.flat() == before);
  REQUIRE(opt.steps() == 1);
  optim::sgd empty{std::vector<tl::nn::named_parameter<float, B>>{}};
  empty.step();
  empty.zero_grad();
}

TEST_CASE("zero_grad drops every gradient and step keeps them", "[optim]") {
  auto net = five<float>::init();
  optim::sgd opt{net};
  net.set_gradients(0);
  opt.step();
  REQUIRE(net.a.grad().defined());
  opt.zero_grad();
  for (auto* p : net.all()) REQUIRE_FALSE(p->grad().defined());
}

TEST_CASE("groups scale the rate and replace the weight decay", "[optim]") {
  auto net = five<double>::init(), twice = five<double>::init();
  optim::sgd opt{net, {.lr = 0.1, .weight_decay = 0.01}, {{.pattern = "b", .lr_scale = 2, .weight_decay = 0.5}}};
  REQUIRE(opt.learning_rate_of("a") == 0.1);
  REQUIRE(opt.learning_rate_of("b") == 0.2);
  REQUIRE(opt.weight_decay_of("a") == 0.01);
  REQUIRE(opt.weight_decay_of("b") == 0.5);
  opt.set_learning_rate(0.01);
  REQUIRE(opt.learning_rate_of("b") == 0.02);
  optim::sgd other{twice, {.lr = 0.02, .weight_decay = 0.5}};
  net.set_gradients(0);
  twice.set_gradients(0);
  opt.step();
  other.step();
  REQUIRE(net.b.to_vector() == twice.b.to_vector());
  REQUIRE(net.a.to_vector() != twice.a.to_vector());
}

TEST_CASE("a later group takes parameters from an earlier one", "[optim]") {
  auto net = five<float>::init();
  optim::adamw opt{net, {.lr = 1}, {{.pattern = "*", .lr_scale = 3}, {.pattern = "c", .lr_scale = 5}}};
  opt.add_group({.pattern = "d", .lr_scale = 7, .weight_decay = 0});
  REQUIRE(opt.learning_rate_of("a") == 3);
  REQUIRE(opt.learning_rate_of("c") == 5);
  REQUIRE(opt.learning_rate_of("d") == 7);
  REQUIRE(opt.weight_decay_of("c") == 1e-2);
  REQUIRE(opt.weight_decay_of("d") == 0);
  REQUIRE_THROWS_WITH(opt.add_group({.pattern = "x*"}), "adamw: no parameter's path matches 'x*'");
  REQUIRE_THROWS_WITH(opt.add_group({.lr_scale = -1}), "adamw: lr_scale must be at least 0, got -1");
  REQUIRE_THROWS_WITH(opt.learning_rate_of("x"), "adamw: no parameter is called 'x'");
}

TEST_CASE("one optimiser trains the parameters of two modules", "[optim]") {
  auto net = five<double>::init(), centres = five<double>::init();
  optim::sgd opt{net, {.lr = 0.1}};
  auto more = tl::nn::named_parameters(centres);
  REQUIRE_THROWS_WITH(opt.add_parameters(more), "sgd: two parameters are called 'a'");
  for (auto& p : more) p.name = "centres." + p.name;
  opt.add_parameters(more, {.lr_scale = 5});
  REQUIRE(opt.parameters().size() == 10);
  net.set_gradients(0);
  centres.set_gradients(0);
  const double before = centres.d.item(), g = centres.d.grad().item();
  opt.step();
  REQUIRE(std::abs(centres.d.item() - (before - 0.5 * g)) < 1e-15);
}

TEST_CASE("a tensor under two paths is stepped once", "[optim]") {
  auto net = five<double>::init();
  auto list = tl::nn::named_parameters(net);
  list.push_back({"again", net.d.handle()});
  optim::sgd opt{list, {.lr = 0.1}};
  REQUIRE(opt.parameters().size() == 5);
  net.set_gradients(0);
  const double before = net.d.item(), g = net.d.grad().item();
  opt.step();
  REQUIRE(net.d.item() == before - 0.1 * g);
}

TEST_CASE("a state that does not fit is refused and changes nothing", "[optim]") {
  auto net = five<float>::init();
  optim::adam opt{net, {.lr = 0.5}};
  run_steps(net, opt, 0, 2);
  const tl::named_tensors good = opt.state();
  const auto refused = [&](const char* message, auto change) {
    tl::named_tensors bad = good;
    change(bad);
    REQUIRE_THROWS_WITH(opt.load_state(bad), message);
    REQUIRE(opt.state() == good);
  };
  using state = tl::named_tensors;
  refused("load_state: missing key: learning_rate", [](state& s) { s.erase(s.begin()); });
  refused("load_state: missing key: a.exp_avg_sq", [](state& s) { s.erase(s.begin() + 4); });
  refused("load_state: unexpected keys: x.step, b.momentum_buffer", [](state& s) {
    s.emplace_back("x.step", s[1].second);
    s.emplace_back("b.momentum_buffer", s[1].second);
  });
  refused("load_state: wrong shape: a.exp_avg (parameter [3, 4], state [4, 3])", [](state& s) {
    s[3].second.extents = {4, 3};
  });
  refused("load_state: steps must hold one number, has shape [2]", [](state& s) { s[1].second.extents = {2}; });
  // States without their step count belong to no step.
  refused("load_state: unexpected keys: a.exp_avg, a.exp_avg_sq", [](state& s) { s.erase(s.begin() + 2); });
}

TEST_CASE("the learning rate is part of the state", "[optim]") {
  auto net = five<float>::init();
  optim::sgd opt{net, {.lr = 0.5}}, other{net, {.lr = 0.1}};
  opt.set_learning_rate(0.3);
  other.load_state(opt.state());
  REQUIRE(other.learning_rate() == 0.3);
}

TEST_CASE("parameters and gradients of other memory orders are stepped alike", "[optim]") {
  using array = tl::array<double, B>;
  auto plain = five<double>::init(), turned = five<double>::init();
  const auto laid_out = [](const tl::tensor<double, B>& x, const tl::strides& st, std::int64_t room) {
    const auto memory = array::full({room}, 0);
    const array a = memory.restride(x.shape(), st);
    B::map(tl::rule::copy{}, a.view(), x.array().cview());
    return tl::tensor<double, B>(a);
  };
  // a column by column, c with gaps between its elements
  turned.a = tl::parameter<double, B>(laid_out(plain.a.handle(), {1, 3}, 12));
  turned.c = tl::parameter<double, B>(laid_out(plain.c.handle(), {12, 4, 2}, 24));
  optim::adamw first{plain, {.lr = 0.01}}, second{turned, {.lr = 0.01}};
  for (std::uint64_t step = 0; step < 3; ++step) {
    plain.set_gradients(step);
    turned.set_gradients(step);
    first.step();
    second.step();
  }
  REQUIRE(turned.flat() == plain.flat());
  REQUIRE(second.state() == first.state());
}

TEST_CASE("a step is seen by a tape that saved the parameter", "[optim]") {
  auto net = five<float>::init();
  const auto loss = tl::sum_to(tl::apply(tl::rule::square{}, net.b.handle()), {});
  net.set_gradients(0);
  optim::sgd opt{net};
  opt.step();
  REQUIRE_THROWS_WITH(loss.backward(), Catch::Contains("overwritten in place"));
}

TEST_CASE("a gradient of another shape is refused", "[optim]") {
  auto net = five<float>::init();
  net.b.set_grad(tl::tensor<float, B>::ones({3}));
  optim::sgd opt{net};
  REQUIRE_THROWS_WITH(opt.step(), "sgd: the gradient's shape is not the parameter's: b [7], gradient [3]");
}

TEST_CASE("a step with a limit is the step after clipping, and leaves gradients alone", "[optim]") {
  const auto check = [](auto make) {
    auto net = five<double>::init(), other = five<double>::init();
    auto opt = make(net), plain = make(other);
    for (std::uint64_t i = 0; i < 3; ++i) {
      net.set_gradients(i);
      other.set_gradients(i);
      const auto before = net.c.grad().to_vector();
      const double limit = i == 1 ? 1000 : 0.3;
      REQUIRE(opt.step({.max_norm = limit}));
      REQUIRE(optim::clip_grad_norm(other, limit) == opt.gradient_norm());
      plain.step();
      REQUIRE(net.c.grad().to_vector() == before);
      require_near(net.flat(), other.flat());
    }
    REQUIRE(opt.steps() == 3);
  };
  check([](auto& n) { return optim::sgd{n, {.lr = 0.1, .weight_decay = 0.1}}; });
  check([](auto& n) { return optim::sgd{n, {.lr = 0.1, .momentum = 0.9}}; });
  check([](auto& n) { return optim::adam{n, {.weight_decay = 0.1, .amsgrad = true}}; });
  check([](auto& n) { return optim::adamw{n}; });
  check([](auto& n) { return optim::rmsprop{n, {.weight_decay = 0.1}}; });
  check([](auto& n) { return optim::rmsprop{n, {.momentum = 0.5}}; });
}

TEST_CASE("a step divides gradients by a loss scale, and is left out where they are not finite", "[optim]") {
  auto net = five<double>::init(), other = five<double>::init();
  optim::adam opt{net}, plain{other};
  net.set_gradients(1);
  other.set_gradients(1);
  for (auto* p : net.all()) p->set_grad(tl::apply(tl::rule::mul_scalar{8}, p->grad()));
  REQUIRE(opt.step({.max_norm = 0.3, .loss_scale = 8, .skip_not_finite = true}));
  optim::clip_grad_norm(other, 0.3);
  plain.step();
  require_near(net.flat(), other.flat());
  const auto before = net.flat();
  net.d.set_grad(tl::tensor<double, B>::full({1}, std::nan("")));
  REQUIRE_FALSE(opt.step({.skip_not_finite = true}));
  REQUIRE(net.flat() == before);
  REQUIRE(opt.steps() == 1);
  REQUIRE(opt.step({.max_norm = 1}));
  REQUIRE(std::isnan(net.flat()[0]));
  REQUIRE_THROWS_WITH(opt.step({.loss_scale = 0}), Catch::Contains("loss_scale must be positive"));
  REQUIRE_THROWS_WITH(opt.step({.max_norm = -1}), Catch::Contains("max_norm"));
}
