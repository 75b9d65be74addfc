#include "model/rbm_training_step.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/free_energy.h"
#include "model/parameters.h"
#include "optim/optimizer.h"
#include "support/dense_parameters.h"

namespace wta {
namespace {

using testing_support::Dense;
using testing_support::relative_difference;

constexpr std::int64_t kStep = 5;

Tensor<float> random_tensor(const Shape& shape, std::uint64_t stream) {
  Tensor<float> x(shape);
  const Rng rng(5, Purpose::validation, stream);
  for (std::int64_t i = 0; i < x.size(); ++i) x[i] = rng.uniform(static_cast<std::uint64_t>(i));
  return x;
}

// An RBM with biases and weights that matter.
Model random_rbm(ModelOptions options, std::int64_t inputs) {
  options.init_scale = 0.5;
  Model model = make_model(options, {inputs}, 3);
  Autoencoder& network = model.top().network;
  network.encoder[0].bias = random_tensor({network.units()}, 7);
  network.decoder_bias = random_tensor({inputs}, 8);
  for (float& value : network.encoder[0].bias.span()) value -= 0.7F;
  for (float& value : network.decoder_bias.span()) value -= 0.3F;
  return model;
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

/// A tiny RBM in double, for sums over all of its states.
struct TinyRbm {
  static constexpr std::int64_t kInputs = 5;
  static constexpr std::int64_t kUnits = 4;
  Dense w, b, c;

  explicit TinyRbm(const Autoencoder& network)
      : w(network.encoder[0].weight.matrix()),
        b(testing_support::as_row(network.encoder[0].bias)),
        c(testing_support::as_row(network.decoder_bias)) {}

  /// Bit d of `state`: visible unit d is on.
  static double bit(unsigned state, std::int64_t d) { return (state >> d & 1U) != 0 ? 1 : 0; }

  [[nodiscard]] double minus_energy(unsigned v, unsigned h) const {
    double sum = 0;
    for (std::int64_t d = 0; d < kInputs; ++d) sum += c.at(0, d) * bit(v, d);
    for (std::int64_t u = 0; u < kUnits; ++u) {
      sum += b.at(0, u) * bit(h, u);
      for (std::int64_t d = 0; d < kInputs; ++d) sum += bit(h, u) * w.at(u, d) * bit(v, d);
    }
    return sum;
  }

  /// P(v) of every v, summed over all h.
  [[nodiscard]] std::vector<double> probabilities() const {
    std::vector<double> p(1U << kInputs);
    double all = 0;
    for (unsigned v = 0; v < p.size(); ++v) {
      for (unsigned h = 0; h < 1U << kUnits; ++h) p[v] += std::exp(minus_energy(v, h));
      all += p[v];
    }
    for (double& value : p) value /= all;
    return p;
  }

  /// Mean over the data of -log P(v), through the reference free energy.
  [[nodiscard]] double minus_log_likelihood(const std::vector<unsigned>& data) const {
    Tensor<double> visible({1 << kInputs, kInputs});
    for (std::int64_t i = 0; i < visible.size(); ++i) {
      visible[i] = bit(static_cast<unsigned>(i / kInputs), i % kInputs);
    }
    std::vector<double> energy(1U << kInputs);
    reference::free_energy<double>({w.values.data(), kUnits, kInputs}, b.values, c.values,
                                   std::as_const(visible).matrix(), energy);
    double partition = 0;
    for (const double f : energy) partition += std::exp(-f);
    double sum = 0;
    for (const unsigned v : data) sum += energy[v] + std::log(partition);
    return sum / static_cast<double>(data.size());
  }
};

/// A batch of binary samples, the enumerated negative phase, and the rows that the step sends then.
struct ExactStep {
  Model model = random_rbm({.model = "rbm", .arch = "4fc"}, TinyRbm::kInputs);
  TinyRbm rbm{model.top().network};
  std::vector<unsigned> data = {3, 17, 30, 8, 3, 21};
  StoringSink sink{parameters(model.top().network)};

  ExactStep() {
    const Tensor<float> x = as_samples(data);
    std::vector<unsigned> all(1U << TinyRbm::kInputs);
    for (unsigned v = 0; v < all.size(); ++v) all[v] = v;
    const Tensor<float> visible = as_samples(all);
    const std::vector<double> p = rbm.probabilities();
    const std::vector<float> weight(p.begin(), p.end());
    RbmTrainingStep step({.threads = 1}, model.top().network);
    step.forward(x.matrix());
    step.backward_against(x.matrix(), {visible.matrix(), weight}, sink);
  }

  static Tensor<float> as_samples(const std::vector<unsigned>& states) {
    Tensor<float> x({static_cast<std::int64_t>(states.size()), TinyRbm::kInputs});
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const unsigned state = states[static_cast<std::size_t>(i / TinyRbm::kInputs)];
      x[i] = static_cast<float>(TinyRbm::bit(state, i % TinyRbm::kInputs));
    }
    return x;
  }
};

// E[h v], E[h] and E[v] under the model and under the data, by enumeration of all v and h.
TEST(RbmGradient, WithAnEnumeratedNegativePhaseIsThatOfTheLogLikelihood) {
  const ExactStep exact;
  const TinyRbm& rbm = exact.rbm;
  const std::vector<double> p = rbm.probabilities();
  Dense w(TinyRbm::kUnits, TinyRbm::kInputs), b(1, TinyRbm::kUnits), c(1, TinyRbm::kInputs);
  const auto add = [&](unsigned v, double weight) {
    double all = 0;
    for (unsigned h = 0; h < 1U << TinyRbm::kUnits; ++h) all += std::exp(rbm.minus_energy(v, h));
    for (unsigned h = 0; h < 1U << TinyRbm::kUnits; ++h) {
      const double share = weight * std::exp(rbm.minus_energy(v, h)) / all;
      for (std::int64_t u = 0; u < TinyRbm::kUnits; ++u) {
        b.at(0, u) += share * TinyRbm::bit(h, u);
        for (std::int64_t d = 0; d < TinyRbm::kInputs; ++d) {
          w.at(u, d) += share * TinyRbm::bit(h, u) * TinyRbm::bit(v, d);
        }
      }
      for (std::int64_t d = 0; d < TinyRbm::kInputs; ++d) c.at(0, d) += share * TinyRbm::bit(v, d);
    }
  };
  for (unsigned v = 0; v < p.size(); ++v) add(v, p[v]);
  for (const unsigned v : exact.data) add(v, -1.0 / static_cast<double>(exact.data.size()));
  EXPECT_LT(relative_difference(exact.sink.gradient(0).matrix(), w), 1e-5);
  EXPECT_LT(relative_difference(exact.sink.gradient(1).matrix(), b), 1e-5);
  EXPECT_LT(relative_difference(exact.sink.gradient(2).matrix(), c), 1e-5);
}

TEST(RbmGradient, IsTheCentralDifferenceOfTheFreeEnergies) {
  ExactStep exact;
  std::vector<Dense*> values = {&exact.rbm.w, &exact.rbm.b, &exact.rbm.c};
  constexpr double kEpsilon = 1e-5;
  for (std::size_t p = 0; p < values.size(); ++p) {
    for (std::size_t i = 0; i < values[p]->values.size(); ++i) {
      double& value = values[p]->values[i];
      const double before = value;
      value = before + kEpsilon;
      const double above = exact.rbm.minus_log_likelihood(exact.data);
      value = before - kEpsilon;
      const double below = exact.rbm.minus_log_likelihood(exact.data);
      value = before;
      EXPECT_NEAR(exact.sink.gradient(static_cast<std::int64_t>(p))[static_cast<std::int64_t>(i)],
                  (above - below) / (2 * kEpsilon), 1e-6)
          << "parameter " << p << ", element " << i;
    }
  }
}

/// Contrastive divergence written down from its definition, dense and in double.
class PlainRbm {
 public:
  explicit PlainRbm(const Autoencoder& network)
      : network_(network),
        w_(network.encoder[0].weight.matrix()),
        b_(testing_support::as_row(network.encoder[0].bias)),
        c_(testing_support::as_row(network.decoder_bias)) {}

  Dense positive, hidden, chain;  // [units, B], [units, B], [B, D]
  Dense grad_w, grad_b, grad_c;
  double loss = 0;

  void step(const Dense& x, std::int64_t number, std::uint64_t seed) {
    const std::int64_t steps = network_.divergence.steps;
    positive = hidden_given(x);
    if (network_.kind == NetworkKind::wta_rbm) keep_largest(positive, x.rows);
    hidden = draw(positive, seed, number * steps);
    chain = visible_given(hidden);
    loss = 0;
    for (std::size_t i = 0; i < x.values.size(); ++i) loss += std::pow(chain.values[i] - x.values[i], 2);
    loss *= 0.5 / static_cast<double>(x.rows);
    for (std::int64_t s = 1; s < steps; ++s) {
      hidden = draw(hidden_given(chain), seed, number * steps + s);
      chain = visible_given(hidden);
    }
    find_gradients(x, hidden_given(chain));
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
  void keep_largest(Dense& p, std::int64_t samples) const {
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

  [[nodiscard]] static Dense draw(const Dense& p, std::uint64_t seed, std::int64_t key) {
    Dense h(p.rows, p.cols);
    const Rng rng(seed, Purpose::hidden_sample, static_cast<std::uint64_t>(key));
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

class RbmStep : public testing::TestWithParam<ModelOptions> {};

TEST_P(RbmStep, EqualsThePlainComputation) {
  const Model model = random_rbm(GetParam(), 147);
  Autoencoder network = model.top().network;
  const Tensor<float> x = random_tensor({70, 147}, 0);
  RbmTrainingStep step({.threads = 2, .seed = 3}, network);
  StoringSink sink(parameters(network));
  const StepResult result = step.forward({x.matrix(), x.matrix(), kStep});
  step.backward(x.matrix(), sink);
  PlainRbm plain(network);
  plain.step(Dense(x.matrix()), kStep, 3);
  EXPECT_LT(relative_difference(step.positive(), plain.positive), 1e-6);
  EXPECT_LT(relative_difference(step.hidden(), plain.hidden), 1e-6);
  EXPECT_LT(relative_difference(step.chain(), plain.chain), 1e-5);
  EXPECT_NEAR(result.loss, plain.loss, 1e-5 * plain.loss);
  EXPECT_LT(relative_difference(sink.gradient(0).matrix(), plain.grad_w), 1e-5);
  EXPECT_LT(relative_difference(sink.gradient(1).matrix(), plain.grad_b), 1e-5);
  EXPECT_LT(relative_difference(sink.gradient(2).matrix(), plain.grad_c), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(
    Models, RbmStep,
    testing::Values(ModelOptions{.model = "rbm", .arch = "203fc"},
                    ModelOptions{.model = "rbm", .arch = "203fc", .cd_steps = 3, .weight_decay = 0.01},
                    ModelOptions{.model = "wta-rbm", .arch = "203fc"},
                    ModelOptions{
                        .model = "wta-rbm", .arch = "203fc", .lifetime = {.fraction = 0.1}, .cd_steps = 2}),
    [](const auto& instance) {
      return std::string(instance.param.model == "rbm" ? "rbm" : "wta") +
             std::to_string(instance.param.cd_steps);
    });

TEST(RbmStep, CountsOnesAsWinsAndNotesTheSmallestWinner) {
  Model model = random_rbm({.model = "wta-rbm", .arch = "33fc"}, 20);
  RbmTrainingStep step({.threads = 1, .seed = 3}, model.top().network);
  const Tensor<float> x = random_tensor({50, 20}, 0);
  const StepResult result = step.forward(x.matrix());
  std::int64_t ones = 0;
  for (std::int64_t u = 0; u < 33; ++u) {
    const auto row = step.positive().row_span(u);
    EXPECT_EQ(std::ranges::count_if(row, [](float p) { return p > 0; }), 15);  // 30% of 50
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
      step.forward({x.matrix(), x.matrix(), kStep});
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
