#include "model/training_size.h"

#include <algorithm>
#include <cmath>

#include "kernels/conv_filters.h"
#include "kernels/linear_relu.h"
#include "kernels/maps.h"
#include "model/model_rules.h"
#include "model/shapes.h"
#include "wta/preprocessing.h"

namespace wta {
namespace {

// Of each winner: its slot (WinnerSlots), its entries in Winners, and its gradient.
constexpr double kSlotFloats = 2;
constexpr double kWinnerFloats = 5;
// Of each winning position of maps: the position as well.
constexpr double kMapWinnerFloats = 6;
// Maps that one task selects from (ConvTrainingStep).
constexpr double kMapsOfTask = 16;
// For each entry of a covariance: itself and eigenvectors, in double; for whitening its matrix as well, in
// double, in the model and in what is saved.
constexpr double kComponentFloats = 4;
constexpr double kWhiteningFloats = 7;

double count(const Shape& shape) {
  double product = 1;
  for (const std::int64_t extent : shape) product *= static_cast<double>(extent);
  return product;
}

double share_that_wins(const ModelOptions& options) {
  return options.lifetime.off ? 1 : options.lifetime.fraction;
}

void add_parameters(const ModelOptions& options, const Architecture& arch, std::int64_t channels,
                    TrainingSize& size) {
  std::int64_t below = channels;
  for (const LayerSpec& spec : arch.encoder) {
    size.parameters += count(weight_shape(spec, below)) + static_cast<double>(spec.units);
    below = spec.units;
  }
  if (options.tied == "no") size.parameters += count(weight_shape(decoder_spec(arch), channels));
  size.parameters += static_cast<double>(channels);
}

// FcTrainingStep, DenseFcTrainingStep and RbmTrainingStep; all have the sample and a vector of its size.
void add_fc(const ModelOptions& options, const Architecture& arch, double inputs, TrainingSize& size) {
  constexpr auto kTile = static_cast<double>(kUnitTile);
  const auto units = static_cast<double>(arch.encoder.back().units);
  size.per_sample += 2 * inputs;
  for (const LayerSpec& spec : arch.encoder) {
    if (&spec != &arch.encoder.back()) size.per_sample += 2 * static_cast<double>(spec.units);
  }
  size.per_thread_sample = kTile;
  if (is_rbm(options)) {
    size.per_sample += 2 * units + (options.cd_persistent ? inputs : 0);
    if (!options.lifetime.off) size.per_sample += 2 * kSlotFloats * share_that_wins(options) * units;
    size.per_thread = kTile * inputs;
    size.per_thread_sample = 2 * kTile;
  } else if (options.k_sparse > 0) {
    const auto k = static_cast<double>(std::max(options.k_sparse, options.k_sparse_start));
    size.per_sample += units + (kSlotFloats + kWinnerFloats) * k;
  } else if (options.activation != "relu") {
    size.per_sample += units;
    size.per_thread = 2 * kTile * inputs;
    size.per_thread_sample = 2 * kTile;
  } else {
    const double winners = options.lifetime.off ? 0.5 : options.lifetime.fraction;  // half of rectified units
    size.per_sample += (kSlotFloats * share_that_wins(options) + kWinnerFloats * winners) * units;
  }
}

// ConvTrainingStep and DenseConvTrainingStep: the framed maps that each layer reads and their gradients, with
// a list of touched positions.
void add_conv(const ModelOptions& options, const Architecture& arch, const Shape& input, TrainingSize& size) {
  const bool dense = options.lifetime.off && options.spatial == "no";
  const auto positions = static_cast<double>(input[0] * input[1]);
  const auto units = static_cast<double>(arch.encoder.back().units);
  std::int64_t below = input.back();
  size.per_sample += 2 * count(input);
  for (const LayerSpec& spec : arch.encoder) {
    const cpu::ConvShape shape{spec.kernel, below, spec.units, input[0], input[1]};
    const std::int64_t tile = cpu::best_conv_tile(shape);
    const bool top = &spec == &arch.encoder.back();
    const auto read = static_cast<double>(framed(input[0], input[1], below, spec.kernel, tile).stored_size());
    const auto written =
        static_cast<double>(framed(input[0], input[1], spec.units, spec.kernel, tile).stored_size());
    size.per_sample += read;
    if (!top || dense) size.per_sample += written + positions;
    const double side =
        tile > 1 ? static_cast<double>(tile + spec.kernel - 1) : static_cast<double>(spec.kernel);
    size.prepared += (top && !dense ? 1 : 4) * side * side * static_cast<double>(below * spec.units);
    below = spec.units;
  }
  if (options.spatial == "yes") {
    size.per_sample += (2 + (kSlotFloats + kMapWinnerFloats) * share_that_wins(options)) * units;
    size.per_thread_sample = kMapsOfTask;
  } else {
    size.per_sample += positions * units;
    if (!dense) {
      size.per_sample += (kSlotFloats + kMapWinnerFloats) * share_that_wins(options) * positions * units;
      size.per_thread_sample = kMapsOfTask * positions;
    }
  }
}

}  // namespace

TrainingSize training_size(const ModelOptions& options, const Shape& sample_shape) {
  const Architecture arch = parse_architecture(options.arch);
  const Shape input = network_input(sample_shape, arch.convolutional());
  const double inputs = count(input);
  TrainingSize size;
  add_parameters(options, arch, input.back(), size);
  if (options.model != "pca") {
    if (options.input_dropout > 0) size.per_sample += inputs;
    arch.convolutional() ? add_conv(options, arch, input, size) : add_fc(options, arch, inputs, size);
  }
  const double entries = inputs * inputs;
  if (parse_preprocessing(options.preprocess).whitens()) size.prepared += kWhiteningFloats * entries;
  if (options.model == "pca") size.prepared = std::max(size.prepared, kComponentFloats * entries);
  return size;
}

}  // namespace wta
