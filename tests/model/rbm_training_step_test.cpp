#include "model/rbm_training_step.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "model/parameters.h"
#include "model/random_rbm.h"
#include "optim/optimizer.h"
#include "support/dense_parameters.h"
#include "support/random_tensor.h"

namespace wta {
namespace {

using testing_support::Dense;
using testing_support::random_rbm;
using testing_support::random_tensor;
using testing_support::relative_difference;
using testing_support::sigmoid;

constexpr std::int64_t kRbmStep = 5;

/// Contrastive divergence written down from its definition, dense and in double.
class PlainRbm {
 public:
  explicit PlainRbm(const Autoencoder& network)
      : network_(network),
        w_(network.encoder[0].weight.matrix()),
        b_(testing_support::as_row(network.encoder[0].bias)),
        c_(testing_support::as_row(network.decoder_bias)) {}

  Dense positive, hidden, chain;  // [units, B], [units, B], [B, D]
  Dense chains;                   // [B, D] where they persist
  Dense grad_w, grad_b, grad_c;
  double loss = 0;

  void step(const Dense& x, std::int64_t number, std::uint64_t seed) {
    const std::int64_t steps = network_.divergence.steps;
    const bool persistent = network_.divergence.persistent;
    const std::int64_t first = number * (persistent ? steps + 1 : steps);
    positive = hidden_given(x);
    if (network_.kind == NetworkKind::wta_rbm) keep_largest(positive);
    hidden = draw(positive, seed, Purpose::hidden_sample, first);
    chain = visible_given(hidden);
    loss = 0;
    for (std::size_t i = 0; i < x.values.size(); ++i) loss += std::pow(chain.values[i] - x.values[i], 2);
    loss *= 0.5 / static_cast<double>(x.rows);
    if (persistent) {
      chain = chains;
      for (std::int64_t s = 0; s < steps; ++s) {
        hidden = draw(hidden_of_chain(), seed, Purpose::hidden_sample, first + s + 1);
        chain = draw(visible_given(hidden), seed, Purpose::visible_sample, number * steps + s);
      }
      chains = chain;
    } else {
      for (std::int64_t s = 1; s < steps; ++s) {
        hidden = draw(hidden_of_chain(), seed, Purpose::hidden_sample, first + s);
        chain = visible_given(hidden);
      }
    }
    find_gradients(x, hidden_of_chain());
  }

 private:
  [[nodiscard]] Dense hidden_given(const Dense& v) const {
    Dense h(w_.rows, v.rows);
    for (std::int64_t u = 0; u < h.rows; ++u) {
      for (std::int64_t n = 0; n < h.cols; ++n) {
        double sum = b_.at(0, u);
        for (std::int64_t d = 0; d < w_.cols; ++d) sum += w_.at(u, d) * v.at(n, d);
        h.at(u, n) = sigmoid(sum);
      }
    }
    return h;
  }

  [[nodiscard]] Dense hidden_of_chain() const {
    Dense h = hidden_given(chain);
    if (network_.divergence.competing) keep_largest(h);
    return h;
  }

  [[nodiscard]] Dense visible_given(const Dense& h) const {
    Dense v(h.cols, w_.cols);
    for (std::int64_t n = 0; n < v.rows; ++n) {
      for (std::int64_t d = 0; d < v.cols; ++d) {
        double sum = c_.at(0, d);
        for (std::int64_t u = 0; u < w_.rows; ++u) sum += h.at(u, n) * w_.at(u, d);
        v.at(n, d) = sigmoid(sum);
      }
    }
    return v;
  }

  // Per unit the k largest across the batch.
  void keep_largest(Dense& p) const {
    const std::int64_t samples = p.cols;
    const auto k = static_cast<std::ptrdiff_t>(
        std::max(1.0, std::floor(network_.lifetime.fraction * static_cast<double>(samples) + 0.5 + 1e-9)));
    for (std::int64_t u = 0; u < p.rows; ++u) {
      std::vector<double> sorted;
      for (std::int64_t n = 0; n < samples; ++n) sorted.push_back(p.at(u, n));
      std::sort(sorted.begin(), sorted.end(), std::greater<>());
      for (std::int64_t n = 0; n < samples; ++n) {
        if (p.at(u, n) < sorted[static_cast<std::size_t>(k - 1)]) p.at(u, n) = 0;
      }
    }
  }

  [[nodiscard]] static Dense draw(const Dense& p, std::uint64_t seed, Purpose purpose, std::int64_t key) {
    Dense h(p.rows, p.cols);
    const Rng rng(seed, purpose, static_cast<std::uint64_t>(key));
    for (std::size_t i = 0; i < p.values.size(); ++i) {
      const double uniform = static_cast<double>(rng.words(i / 4)[i % 4] >> 8) * 0x1p-24;
      h.values[i] = uniform < p.values[i] ? 1 : 0;
    }
    return h;
  }

  void find_gradients(const Dense& x, const Dense& model) {
    const double share = 1 / static_cast<double>(x.rows);
    grad_w = Dense(w_.rows, w_.cols);
    grad_b = Dense(1, w_.rows);
    grad_c = Dense(1, w_.cols);
    for (std::int64_t u = 0; u < w_.rows; ++u) {
      for (std::int64_t n = 0; n < x.rows; ++n) {
        grad_b.at(0, u) += share * (model.at(u, n) - positive.at(u, n));
        for (std::int64_t d = 0; d < w_.cols; ++d) {
          grad_w.at(u, d) += share * (model.at(u, n) * chain.at(n, d) - positive.at(u, n) * x.at(n, d));
        }
      }
      for (std::int64_t d = 0; d < w_.cols; ++d) {
        grad_w.at(u, d) += network_.divergence.weight_decay * w_.at(u, d);
      }
    }
    for (std::int64_t n = 0; n < x.rows; ++n) {
      for (std::int64_t d = 0; d < w_.cols; ++d) grad_c.at(0, d) += share * (chain.at(n, d) - x.at(n, d));
    }
  }

  const Autoencoder& network_;
  Dense w_, b_, c_;
};

struct RbmCase {
  const char* name;
  ModelOptions model;
};

std::ostream& operator<<(std::ostream& out, const RbmCase& c) {
  return out << c.name;
}

class RbmStep : public testing::TestWithParam<RbmCase> {};

TEST_P(RbmStep, EqualsThePlainComputation) {
  const Model model = random_rbm(GetParam().model, 147);
  Autoencoder network = model.top().network;
  const Tensor<float> x = random_tensor({70, 147}, 0);
  RbmTrainingStep step({.threads = 2, .seed = 3}, network);
  StoringSink sink(parameters(network));
  Batch batch{x.matrix(), x.matrix(), kRbmStep};
  Tensor<float> chains = random_tensor({75, 147}, 1);  // as for a batch of 75, of which this is the last part
  batch.chains = chains.matrix();
  PlainRbm plain(network);
  plain.chains = Dense(batch.chains.row_range(0, 70));
  const Tensor<float> spare = chains;
  const StepResult result = step.forward(batch);
  step.backward(x.matrix(), sink);
  plain.step(Dense(x.matrix()), kRbmStep, 3);
  EXPECT_LT(relative_difference(step.positive(), plain.positive), 1e-6);
  EXPECT_LT(relative_difference(step.hidden(), plain.hidden), 1e-6);
  EXPECT_LT(relative_difference(step.chain(), plain.chain), 1e-5);
  EXPECT_LT(relative_difference(batch.chains.row_range(0, 70), plain.chains), 1e-6);
  EXPECT_EQ(std::memcmp(chains.data() + 70 * 147, spare.data() + 70 * 147, 5 * 147 * sizeof(float)), 0);
  EXPECT_NEAR(result.loss, plain.loss, 1e-5 * plain.loss);
  EXPECT_LT(relative_difference(sink.gradient(0).matrix(), plain.grad_w), 1e-5);
  EXPECT_LT(relative_difference(sink.gradient(1).matrix(), plain.grad_b), 1e-5);
  EXPECT_LT(relative_difference(sink.gradient(2).matrix(), plain.grad_c), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(
    Models, RbmStep,
    testing::Values(
        RbmCase{"rbm", {.model = "rbm", .arch = "203fc"}},
        RbmCase{"rbm_decay", {.model = "rbm", .arch = "203fc", .cd_steps = 3, .weight_decay = 0.01}},
        RbmCase{"rbm_persistent", {.model = "rbm", .arch = "203fc", .cd_persistent = true}},
        RbmCase{"wta_persistent",
                {.model = "wta-rbm", .arch = "203fc", .cd_steps = 2, .cd_persistent = true}},
        RbmCase{"wta", {.model = "wta-rbm", .arch = "203fc"}},
        RbmCase{"wta_positive", {.model = "wta-rbm", .arch = "203fc", .cd_competition = "positive"}},
        RbmCase{"wta_positive_two_steps",
                {.model = "wta-rbm", .arch = "203fc", .cd_steps = 2, .cd_competition = "positive"}},
        RbmCase{"wta_two_steps",
                {.model = "wta-rbm", .arch = "203fc", .lifetime = {.fraction = 0.3}, .cd_steps = 2}}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(RbmStep, CountsOnesAsWinsAndNotesTheSmallestWinner) {
  Model model = random_rbm({.model = "wta-rbm", .arch = "33fc"}, 20);
  RbmTrainingStep step({.threads = 1, .seed = 3}, model.top().network);
  const Tensor<float> x = random_tensor({50, 20}, 0);
  const StepResult result = step.forward(x.matrix());
  std::int64_t ones = 0;
  for (std::int64_t u = 0; u < 33; ++u) {
    const auto row = step.positive().row_span(u);
    EXPECT_EQ(std::ranges::count_if(row, [](float p) { return p > 0; }), 5);  // 10% of 50
    float smallest = 1;
    for (const float p : row) smallest = p > 0 ? std::min(smallest, p) : smallest;
    EXPECT_EQ(step.activity().smallest[static_cast<std::size_t>(u)], smallest);
    EXPECT_EQ(step.activity().wins[static_cast<std::size_t>(u)],
              std::ranges::count(step.hidden().row_span(u), 1.0F));
    ones += step.activity().wins[static_cast<std::size_t>(u)];
  }
  EXPECT_GT(ones, 0);
  EXPECT_EQ(result.winners, ones);
}

TEST(RbmStep, OneTwoAndThreeThreadsGiveTheSameBits) {
  const Tensor<float> x = random_tensor({130, 300}, 0);
  for (const char* kind : {"rbm", "wta-rbm"}) {
    std::vector<StoringSink> sinks;
    for (const int threads : {1, 2, 3}) {
      Model model = random_rbm({.model = kind, .arch = "600fc", .cd_steps = 2}, 300);
      RbmTrainingStep step({.threads = threads, .seed = 3}, model.top().network);
      StoringSink& sink = sinks.emplace_back(parameters(model.top().network));
      step.forward({x.matrix(), x.matrix(), kRbmStep});
      step.backward(x.matrix(), sink);
    }
    for (std::int64_t p = 0; p < 3; ++p) {
      const Tensor<float>& one = sinks[0].gradient(p);
      const auto bytes = static_cast<std::size_t>(one.size()) * sizeof(float);
      for (const std::size_t other : {1U, 2U}) {
        EXPECT_EQ(std::memcmp(one.data(), sinks[other].gradient(p).data(), bytes), 0) << kind << ", " << p;
      }
    }
  }
}

TEST(RbmStep, EveryStepDrawsAnew) {
  Model model = random_rbm({.model = "rbm", .arch = "33fc"}, 20);
  RbmTrainingStep step({.threads = 1, .seed = 3}, model.top().network);
  const Tensor<float> x = random_tensor({50, 20}, 0);
  const auto sample_of = [&](std::int64_t number) {
    step.forward({x.matrix(), x.matrix(), number});
    return std::vector<float>(step.hidden().data, step.hidden().data + 33 * 50);
  };
  const std::vector<float> first = sample_of(0);
  EXPECT_NE(sample_of(1), first);
  EXPECT_EQ(sample_of(0), first);
}

}  // namespace
}  // namespace wta
