#include <tensorlab/loss/cross_entropy.hpp>

#include <tensorlab/autograd/gradcheck.hpp>

#include "loss/torch.hpp"

namespace loss = tl::loss;
using loss::reduction;
using T = tl::tensor<double, B>;
using classes = tl::tensor<std::int64_t, B>;
using inputs = std::vector<T>;

namespace {

const std::vector<std::int64_t> all_classes{2, 0, 3, 3, 1}, some_ignored{2, -100, 3, 1, -100};
const std::vector<std::int64_t> of_places{0, 2, -100, 1, 1, 2, 2, 0, 1, -100, 0, 2};

classes column(const std::vector<std::int64_t>& v) { return classes::from(std::span<const std::int64_t>(v), {5}); }
T class_weight(std::int64_t n = 4) { return test::golden_fill<double>({n}, 3) + 1.5; }

}  // namespace

TEST_CASE("cross_entropy of known values", "[loss]") {
  const auto z = T::from({0, 0, std::log(3.0), 0}, {2, 2});
  const auto y = classes::from({0, 1}, {2});
  test::require_values(loss::cross_entropy(z, y, {.reduce = reduction::none}), {std::log(2.0), std::log(4.0)});
  test::require_values(loss::cross_entropy(z, y), {std::log(8.0) / 2});
  test::require_values(loss::cross_entropy(z, y, {.weight = T::from({1, 3}, {2})}),
                       {(std::log(2.0) + 3 * std::log(4.0)) / 4});
  // q = 0.9 onehot + 0.05: row 0 is ln 2, row 1 is 0.05 ln(4/3) + 0.95 ln 4.
  test::require_values(loss::cross_entropy(z, y, {.label_smoothing = 0.1, .reduce = reduction::none}),
                       {std::log(2.0), 0.05 * std::log(4.0 / 3) + 0.95 * std::log(4.0)});
  test::require_values(loss::cross_entropy(z, T::from({1, 0, 0.5, 0.5}, {2, 2}), {.reduce = reduction::sum}),
                       {std::log(2.0) + 0.5 * std::log(4.0 / 3) + 0.5 * std::log(4.0)});
  const auto far = T::from({1e4, -1e4, -1e4, 1e4}, {2, 2});
  test::require_values(loss::cross_entropy(far, classes::from({0, 0}, {2}), {.reduce = reduction::none}), {0, 2e4});
}

TEST_CASE("cross_entropy of classes is PyTorch's", "[loss]") {
  const T w = class_weight(), w3 = class_weight(3);
  const auto y = column(all_classes), ignoring = column(some_ignored);
  const auto places = classes::from(std::span<const std::int64_t>(of_places), {2, 2, 3});
  using options = loss::cross_entropy_options<double, B>;
  const auto check = [](const char* name, const tl::shape& s, const classes& target, options o) {
    test::require_torch_losses(name, s, [&](const T& x, reduction r) {
      o.reduce = r;
      return loss::cross_entropy(x, target, o);
    });
  };
  check("ce", {5, 4}, y, {});
  check("ce weight", {5, 4}, y, {.weight = w});
  check("ce smoothing", {5, 4}, y, {.label_smoothing = 0.1});
  check("ce ignore", {5, 4}, ignoring, {});
  check("ce ignore 3", {5, 4}, y, {.ignore_index = 3});
  check("ce all", {5, 4}, ignoring, {.weight = w, .label_smoothing = 0.3});
  check("ce places", {2, 3, 2, 3}, places, {.weight = w3, .label_smoothing = 0.2});
}

TEST_CASE("cross_entropy of distributions and nll_loss are PyTorch's", "[loss]") {
  const T w = class_weight(), q = tl::softmax(test::golden_fill<double>({5, 4}, 5) * 2, 1);
  test::require_torch_losses("ce soft", {5, 4},
                             [&](const T& x, reduction r) { return loss::cross_entropy(x, q, {.reduce = r}); });
  test::require_torch_losses("ce soft all", {5, 4}, [&](const T& x, reduction r) {
    return loss::cross_entropy(x, q, {.weight = w, .label_smoothing = 0.3, .reduce = r});
  });
  test::require_torch_losses("nll", {5, 4}, [&](const T& x, reduction r) {
    return loss::nll_loss(x, column(some_ignored), {.weight = w, .reduce = r});
  });
  const auto places = classes::from(std::span<const std::int64_t>(of_places), {2, 2, 3});
  test::require_torch_losses("nll places", {2, 3, 2, 3},
                             [&](const T& x, reduction r) { return loss::nll_loss(x, places, {.reduce = r}); });
}

TEST_CASE("cross_entropy has first and second derivatives", "[loss]") {
  const T w = class_weight();
  const auto y = column(some_ignored);
  const auto f = [&](const inputs& z) {
    return loss::cross_entropy(z[0], y, {.weight = w, .label_smoothing = 0.2}) + loss::nll_loss(z[0], y) +
           loss::cross_entropy(z[0], y, {.weight = w}) + loss::cross_entropy(z[0], y, {.label_smoothing = 0.3});
  };
  const inputs z{test::uniform<double>({5, 4}, 1, -2, 2)};
  const auto first = tl::gradcheck(f, z), second = tl::gradcheck_twice(f, z);
  INFO(first.message << second.message);
  REQUIRE(first.ok);
  REQUIRE(second.ok);
}

TEST_CASE("the mean over ignored targets alone is NaN, the sum 0", "[loss]") {
  const auto z = tl::stop_gradient(T::from({1, 2, 3, 4}, {2, 2})).requires_grad(true);
  const auto y = classes::from({-100, -100}, {2});
  REQUIRE(std::isnan(loss::cross_entropy(z, y).item()));
  REQUIRE(std::isnan(loss::nll_loss(z, y).item()));
  const auto l = loss::cross_entropy(z, y, {.label_smoothing = 0.1, .reduce = reduction::sum});
  test::require_values(l, {0});
  l.backward();
  test::require_values(z.grad(), {0, 0, 0, 0});
}

TEST_CASE("an ignored target meets an impossible class without NaN", "[loss]") {
  const double none = -std::numeric_limits<double>::infinity();
  const auto z = tl::stop_gradient(T::from({none, 0, none, 0}, {2, 2})).requires_grad(true);
  const auto l = loss::cross_entropy(z, classes::from({-100, 1}, {2}));
  test::require_values(l, {0});
  l.backward();
  test::require_values(z.grad(), {0, 0, 0, 0});
}

TEST_CASE("cross_entropy as one node is the one made of ops", "[loss]") {
  // Channels before places, in either order of memory, and no places at all.
  const auto z = test::uniform<double>({4, 5, 3}, 1, -3, 3),
             turned = tl::permute(test::uniform<double>({4, 3, 5}, 1, -3, 3), {0, 2, 1});
  const auto y = test::uniform<std::int64_t>({4, 3}, 2, 0, 5);
  for (const double smoothing : {0.0, 0.3})
    for (const auto& in : {z, turned, T::ones({0, 5, 3})}) {
      const auto targets = in.size() == 0 ? classes::zeros({0, 3}) : y;
      const auto one = tl::stop_gradient(in).requires_grad(true), other = tl::stop_gradient(in).requires_grad(true);
      const auto dl = test::uniform<double>(targets.shape(), 3, -1, 1);
      const auto l = loss::cross_entropy(one, targets, {.label_smoothing = smoothing, .reduce = reduction::none});
      const auto log_p = tl::log_softmax(other, 1);
      const auto made_of_ops = loss::nll_loss(log_p, targets, {.reduce = reduction::none}) * (1 - smoothing) -
                               tl::mean(log_p, {1}) * smoothing;
      test::require_close(l, made_of_ops);
      l.backward(dl);
      made_of_ops.backward(dl);
      test::require_close(one.grad(), other.grad());
    }
}

TEMPLATE_TEST_CASE("cross_entropy is the reference's", "[loss]", float, double) {
  const auto y = test::uniform<std::int64_t>({33}, 2, 0, 17);
  const auto y_ref = test::on_reference(y);
  const auto f = [&]<class Backend>(const std::vector<tl::tensor<TestType, Backend>>& z) {
    if constexpr (std::is_same_v<Backend, B>)
      return loss::cross_entropy(z[0], y, {.label_smoothing = 0.1});
    else
      return loss::cross_entropy(z[0], y_ref, {.label_smoothing = 0.1});
  };
  test::require_same_as_reference<TestType>(f, {test::uniform<TestType>({33, 17}, 1, -9, 9)});
}

TEST_CASE("cross_entropy names what does not fit", "[loss]") {
  const auto z = T::ones({2, 3});
  REQUIRE_THROWS_WITH(loss::cross_entropy(z, classes::from({0, 3}, {2})),
                      Catch::Equals("cross_entropy: target 3 is not one of 3 classes"));
  REQUIRE_THROWS_WITH(loss::nll_loss(z, classes::from({-1, 2}, {2})),
                      Catch::Equals("nll_loss: target -1 is not one of 3 classes"));
  REQUIRE_THROWS_AS(loss::cross_entropy(z, classes::from({0, 3}, {2})), tl::value_error);
  REQUIRE_THROWS_WITH(loss::cross_entropy(z, classes::from({0, 1, 2}, {3})),
                      Catch::Contains("logits [2, 3], targets [3] (3 vs 2)"));
  REQUIRE_THROWS_WITH(loss::cross_entropy(z, classes::from({0, 1}, {2}), {.weight = T::ones({2})}),
                      Catch::Contains("weight [2], logits [2, 3] (2 vs 3)"));
  REQUIRE_THROWS_AS(loss::cross_entropy(z, T::ones({3, 2})), tl::shape_error);
  REQUIRE_THROWS_AS(loss::cross_entropy(T::ones({3}), classes::from({0, 1, 2}, {3})), tl::shape_error);
  REQUIRE_THROWS_AS(loss::cross_entropy(z, classes::from({0, 1}, {2}), {.label_smoothing = 1.5}), tl::value_error);
  REQUIRE_THROWS_AS(loss::cross_entropy(T::ones({2, 0}), classes::from({-100, -100}, {2})), tl::value_error);
}
