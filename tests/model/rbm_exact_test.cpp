// What an RBM small enough to enumerate knows exactly: its gradient, and how often its chains visit what.
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/free_energy.h"
#include "model/parameters.h"
#include "model/random_rbm.h"
#include "model/rbm_training_step.h"
#include "optim/optimizer.h"
#include "support/dense_parameters.h"

namespace wta {
namespace {

using testing_support::Dense;
using testing_support::random_rbm;
using testing_support::relative_difference;

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

// Long chains of fixed weights visit every v as often as the model says.
TEST(RbmChains, PersistentOnesSampleTheModel) {
  constexpr std::int64_t kChains = 200;
  constexpr std::int64_t kBurnIn = 20;
  constexpr std::int64_t kSteps = 2000;
  Model model = random_rbm({.model = "rbm", .arch = "4fc", .cd_persistent = true}, TinyRbm::kInputs);
  RbmTrainingStep step({.threads = 1, .seed = 3}, model.top().network);
  const Tensor<float> x({kChains, TinyRbm::kInputs});
  Tensor<float> chains({kChains, TinyRbm::kInputs});
  const std::vector<double> expected = TinyRbm(model.top().network).probabilities();
  std::vector<double> visits(expected.size());
  for (std::int64_t number = 0; number < kBurnIn + kSteps; ++number) {
    Batch batch{x.matrix(), x.matrix(), number};
    batch.chains = chains.matrix();
    step.forward(batch);
    if (number < kBurnIn) continue;
    for (std::int64_t n = 0; n < kChains; ++n) {
      std::size_t state = 0;
      for (std::int64_t d = 0; d < TinyRbm::kInputs; ++d) {
        state += chains.matrix()(n, d) > 0 ? std::size_t{1} << static_cast<unsigned>(d) : 0;
      }
      visits[state] += 1.0 / static_cast<double>(kChains * kSteps);
    }
  }
  for (std::size_t v = 0; v < visits.size(); ++v) EXPECT_NEAR(visits[v], expected[v], 0.003) << v;
}

}  // namespace
}  // namespace wta
