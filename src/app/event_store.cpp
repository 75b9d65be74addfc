#include "app/event_store.h"

#include <fmt/format.h>

#include <span>
#include <string>

#include "app/pictures.h"
#include "io/histogram.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr std::int64_t kShownFilters = 100;

// Tags of a stage have a group of their own, so that a stack's stages lie apart and runs compare.
std::string group_of(const EpochMetrics& metrics) {
  return fmt::format("stage-{}/", metrics.stage);
}

void add_metrics(const EpochMetrics& metrics, EventSummary& summary) {
  const std::string group = group_of(metrics);
  summary.add_scalar(group + "loss", metrics.loss);
  summary.add_scalar(group + "explained_variance", metrics.explained_variance);
  summary.add_scalar(group + "active_fraction", metrics.active_fraction);
  summary.add_scalar(group + "dead_units", static_cast<double>(metrics.dead_units));
  summary.add_scalar(group + "learning_rate", metrics.learning_rate);
  summary.add_scalar(group + "samples_per_second", metrics.samples_per_second);
  if (metrics.free_energy) summary.add_scalar(group + "free_energy", *metrics.free_energy);
  if (metrics.held_out_free_energy)
    summary.add_scalar(group + "held_out_free_energy", *metrics.held_out_free_energy);
}

void add_histogram(const std::string& tag, const Tensor<float>& tensor, EventSummary& summary) {
  summary.add_histogram(tag, histogram_of(std::span<const float>(tensor.span())));
}

// Named as in the model file.
void add_histograms(const std::string& group, const Stage& stage, EventSummary& summary) {
  summary.add_histogram(group + "usage", histogram_of(std::span<const std::int64_t>(stage.usage)));
  add_histogram(group + "thresholds", stage.network.thresholds, summary);
  for (std::size_t l = 0; l < stage.network.encoder.size(); ++l) {
    const EncoderLayer& layer = stage.network.encoder[l];
    add_histogram(fmt::format("{}encoder.{}.weight", group, l), layer.weight, summary);
    add_histogram(fmt::format("{}encoder.{}.bias", group, l), layer.bias, summary);
  }
  if (!stage.network.tied()) add_histogram(group + "decoder.weight", stage.network.decoder_weight, summary);
}

// Images of two channels, say, can be learned but not drawn.
void add_filters(const std::string& group, const Model& model, EventSummary& summary) {
  try {
    const auto top = static_cast<std::int64_t>(model.stages.size()) - 1;
    summary.add_image(group + "filters", filter_sheet(model, kShownFilters, top));
  } catch (const InvalidArgument&) {
    return;
  }
}

// 1 to 100, then every 10th, from 1,000 every 100th: those with two digits that are not 0 at most.
bool has_two_digits(std::int64_t epoch) {
  std::int64_t unit = 1;
  while (epoch / unit >= 100) unit *= 10;
  return epoch % unit == 0;
}

}  // namespace

bool DetailBudget::allows(std::int64_t epoch, Seconds elapsed) const {
  constexpr double kShare = 0.005;
  if (!has_two_digits(epoch)) return false;
  return spent_.count() == 0 || spent_ + last_ <= kShare * elapsed;
}

void DetailBudget::spend(Seconds cost) {
  spent_ += cost;
  last_ = cost;
}

bool EventStore::begin(TrainState& state) {
  const bool restored = kept_.begin(state);
  const auto stage = static_cast<std::int64_t>(state.model.stages.size());
  file_ = std::make_unique<EventFile>(run_.events(stage), state.step);
  remove_events(run_, stage + 1);  // of stages that will be trained again
  begin_ = Clock::now();
  return restored;
}

void EventStore::append(const EpochMetrics& metrics, const Model& model) {
  kept_.append(metrics, model);
  const Clock::time_point start = Clock::now();
  EventSummary summary;
  add_metrics(metrics, summary);
  const bool detailed = budget_.allows(metrics.epoch, start - begin_);
  if (detailed) {
    add_histograms(group_of(metrics), model.top(), summary);
    add_filters(group_of(metrics), model, summary);
  }
  file_->append(metrics.step, summary);
  if (detailed) budget_.spend(Clock::now() - start);
}

}  // namespace wta
