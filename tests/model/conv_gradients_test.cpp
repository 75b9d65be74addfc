#include "model/conv_gradients.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "core/rng.h"
#include "kernels/touched_positions.h"
#include "model/parameters.h"
#include "optim/optimizer.h"
#include "support/random_tensor.h"

namespace wta {
namespace {

using testing_support::random_tensor;

constexpr std::int64_t kBatch = 5;
const Shape kBatchImage = {11, 14, 3};

struct GradientCase {
  const char* name;
  const char* arch;
  double touched_fraction;       ///< of the positions of the top layer below the competition
  std::vector<bool> goes_dense;  ///< layer by layer
};

// Every kernel that has a Winograd form; a layer that lacks one because the image has three channels, or
// because its kernel is of 1 or 9; gradients at all positions, and at few.
const std::vector<GradientCase> kGradientCases = {
    {"every_position_3", "6conv3-17conv3-9conv3-9deconv3", 1, {false, true}},
    {"every_position_5", "6conv3-17conv5-9conv5-9deconv3", 1, {false, true}},
    {"every_position_7", "6conv3-17conv7-9conv3-9deconv3", 1, {false, true}},
    {"three_layers", "6conv5-70conv5-7conv3-5conv7-5deconv3", 1, {false, true, true}},
    {"between_patches", "6conv3-17conv9-9conv3-9conv5-9deconv3", 1, {false, false, true}},
    {"few_positions", "6conv3-17conv5-9conv5-9deconv3", 0.03, {false, false}},
    {"few_positions_spread_below", "6conv3-17conv5-9conv7-9conv3-9deconv3", 0.1, {false, true, false}},
    {"no_position", "6conv3-17conv5-9conv5-9deconv3", 0, {false, false}},
};

std::ostream& operator<<(std::ostream& out, const GradientCase& c) {
  return out << c.name;
}

/// The gradients of a batch whose top gradient is random at some positions, and 0 at the others.
class Backward {
 public:
  Backward(const GradientCase& c, int threads)
      : model_(make_model({.arch = c.arch, .lifetime = {.off = true}, .init_scale = 0.2}, kBatchImage, 3)),
        top_(std::ssize(network().encoder) - 2),
        batch_({.threads = threads}, network()),
        gradients_({.threads = threads}, network(), batch_, top_),
        sink_(parameters(network())) {
    batch_.resize(kBatch);
    gradients_.resize(kBatch);
    for (int step = 0; step < 2; ++step) {  // the second finds what the first left in its buffers
      batch_.forward_lower(random_tensor({kBatch, element_count(kBatchImage)}, 0).matrix());
      fill_top(c.touched_fraction);
      gradients_.mask(top_, 0, kBatch);
      gradients_.propagate();
      gradients_.send_rows(sink_);
    }
  }

  [[nodiscard]] Autoencoder& network() { return model_.top().network; }
  [[nodiscard]] std::int64_t top() const { return top_; }
  [[nodiscard]] ConvBatch& batch() { return batch_; }
  [[nodiscard]] ConvGradients& gradients() { return gradients_; }
  [[nodiscard]] const StoringSink& rows() const { return sink_; }

 private:
  // Also into the frame, as pasted patches reach.
  void fill_top(double fraction) {
    const MapsView<float> grad = gradients_.at(top_);
    gradients_.clear(top_, 0, kBatch);
    const Rng rng(9, Purpose::validation);
    std::uint64_t draws = 0;
    for (std::int64_t n = 0; n < kBatch; ++n) {
      for (std::int64_t y = -1; y <= grad.shape.height; ++y) {
        for (std::int64_t x = -1; x <= grad.shape.width; ++x) {
          if (rng.uniform(draws++) >= fraction) continue;
          for (std::int64_t c = 0; c < grad.shape.channels; ++c)
            grad.at(n, y, x)[c] = rng.uniform(draws++) - 0.5F;
        }
      }
    }
  }

  Model model_;
  std::int64_t top_;
  ConvBatch batch_;
  ConvGradients gradients_;
  StoringSink sink_;
};

template <class T>
std::vector<double> interior(ConstMapsView<T> maps) {
  std::vector<double> values;
  for (std::int64_t n = 0; n < maps.samples; ++n) {
    for (std::int64_t p = 0; p < maps.shape.positions(); ++p) {
      const T* at = maps.patch(n, p, 1);
      values.insert(values.end(), at, at + maps.shape.channels);
    }
  }
  return values;
}

/// Maps in double, framed for `kernel`.
struct WideMaps {
  WideMaps(ConstMapsView<float> from, std::int64_t kernel)
      : shape(framed(from.shape.height, from.shape.width, from.shape.channels, kernel)),
        values({from.samples, shape.stored_size()}) {
    for (std::int64_t n = 0; n < from.samples; ++n) {
      for (std::int64_t p = 0; p < shape.positions(); ++p)
        std::copy_n(from.patch(n, p, 1), shape.channels, view().patch(n, p, 1));
    }
  }
  [[nodiscard]] MapsView<double> view() { return {values.data(), shape, values.row_count()}; }
  MapShape shape;
  Tensor<double> values;
};

double norm(const std::vector<double>& values) {
  return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
}

// The root of the summed squares of the differences, in that of the expected values: at most 3.1e-6.
void expect_near_in_norm(const std::vector<double>& actual, std::vector<double> expected,
                         const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size());
  const double scale = norm(expected);
  for (std::size_t i = 0; i < actual.size(); ++i) expected[i] -= actual[i];
  EXPECT_LE(norm(expected), 5e-6 * scale) << what;
}

class ConvGradientsTest : public ::testing::TestWithParam<GradientCase> {};

TEST_P(ConvGradientsTest, GoesOverEveryPositionOnlyWhereMostAreTouched) {
  Backward backward(GetParam(), 1);
  for (std::int64_t l = 0; l <= backward.top(); ++l) {
    EXPECT_EQ(backward.gradients().goes_dense(l), GetParam().goes_dense[static_cast<std::size_t>(l)])
        << "layer " << l;
  }
}

// Each layer from its own gradient, so that the tolerance holds for one layer.
TEST_P(ConvGradientsTest, EqualTheReferenceInDouble) {
  Backward backward(GetParam(), 2);
  std::vector<std::int32_t> every(static_cast<std::size_t>(kBatchImage[0] * kBatchImage[1]));
  std::iota(every.begin(), every.end(), 0);
  const std::vector<std::int64_t> count(kBatch, std::ssize(every));
  const PositionLists everywhere{{every.data(), kBatch, std::ssize(every), 0}, count};
  for (std::int64_t l = backward.top(); l >= 0; --l) {
    const auto number = static_cast<std::size_t>(l);
    const Tensor<float>& w = backward.network().encoder[number].weight;
    const std::int64_t kernel = w.shape()[1];
    const Tensor<double> weight(Shape{w.row_count(), w.row_size()},
                                std::vector<double>(w.span().begin(), w.span().end()));
    WideMaps grad(backward.gradients().at(l), kernel);
    WideMaps x(backward.batch().input(number), kernel);
    Tensor<double> rows({w.row_count(), w.row_size()});
    std::vector<double> bias(static_cast<std::size_t>(w.row_count()));
    reference::conv_grad_weight<double>({grad.view(), everywhere}, x.view(), kernel, 0, w.row_count(),
                                        rows.matrix(), bias);
    const Tensor<float>& sent = backward.rows().gradient(weight_parameter(l));
    const Tensor<float>& sent_bias = backward.rows().gradient(bias_parameter(l));
    expect_near_in_norm({sent.span().begin(), sent.span().end()}, {rows.span().begin(), rows.span().end()},
                        "weight " + std::to_string(l));
    expect_near_in_norm({sent_bias.span().begin(), sent_bias.span().end()}, bias,
                        "bias " + std::to_string(l));
    if (l == 0) return;
    std::ranges::fill(x.values.span(), 0.0);
    reference::conv_grad_input<double>({grad.view(), everywhere}, weight.matrix(), kernel, x.view());
    WideMaps h(backward.batch().output(number - 1), 1);
    std::vector<double> expected = interior<double>(x.view());
    const std::vector<double> open = interior<double>(h.view());
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = open[i] > 0 ? expected[i] : 0;
    expect_near_in_norm(interior<float>(backward.gradients().at(l - 1)), expected,
                        "input " + std::to_string(l));
  }
}

TEST_P(ConvGradientsTest, OneTwoAndThreeThreadsGiveTheSameBits) {
  Backward one(GetParam(), 1);
  for (const int threads : {2, 3}) {
    Backward several(GetParam(), threads);
    for (std::int64_t p = 0; p <= bias_parameter(one.top()); ++p) {
      ASSERT_THAT(several.rows().gradient(p).span(),
                  ::testing::ElementsAreArray(one.rows().gradient(p).span()))
          << threads << " threads, parameter " << p;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, ConvGradientsTest, ::testing::ValuesIn(kGradientCases),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace wta
