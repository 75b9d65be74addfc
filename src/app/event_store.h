#pragma once
/// Event files of a run, for TensorBoard to show while it trains.

#include <chrono>
#include <cstdint>
#include <memory>

#include "app/run_folder.h"
#include "io/event_file.h"
#include "train/run_store.h"

namespace wta {

/// Says after which epochs histograms and a picture are taken, so that all of them together cost next to
/// nothing: in less than 1/200 of the time, but for the first, and in few epochs of a long training.
class DetailBudget {
 public:
  using Seconds = std::chrono::duration<double>;
  /// elapsed: since training began.
  [[nodiscard]] bool allows(std::int64_t epoch, Seconds elapsed) const;
  void spend(Seconds cost);

 private:
  Seconds spent_{0};
  Seconds last_{0};
};

/// Keeps what another store keeps, and beside it the event file of each stage: the metrics of every epoch,
/// and within the budget histograms of weights and usage and a picture of the filters. What a resumed
/// training learns again stands there once.
class EventStore final : public RunStore {
 public:
  /// `kept` must outlive it.
  EventStore(RunFolder run, RunStore& kept) : run_(std::move(run)), kept_(kept) {}
  bool begin(TrainState& state) override;
  void append(const EpochMetrics& metrics, const Model& model) override;
  void save(TrainState& state) override { kept_.save(state); }

 private:
  using Clock = std::chrono::steady_clock;

  RunFolder run_;
  RunStore& kept_;
  std::unique_ptr<EventFile> file_;  ///< from begin() on
  DetailBudget budget_;
  Clock::time_point begin_;
};

}  // namespace wta
