#pragma once
/// Models of samples in memory: nothing is read from a file or written to one.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "app/stages.h"

namespace wta {

/// What to learn: the options of every stage, and for a stack what differs in each.
struct FitOptions {
  StageOptions common;
  std::vector<OptionValues> stages;  ///< empty: a single stage
  std::int64_t threads = 0;          ///< 0: all processors
};

struct FitReport {
  TrainOutcome outcome = TrainOutcome::finished;
  Model model;  ///< after a stop, what had been learned by then
};

/// What `wta train` learns from the same samples with the same options, bit for bit. Tables that do not fit
/// in memory go to the system's temporary folder. Throws as train().
[[nodiscard]] FitReport fit(const FitOptions& options, const Samples& samples, const TrainHooks& hooks);

/// Samples that come one part after the other: every stage learns from each part, on the codes that the
/// stages below have by then. Preprocessing is fitted on the first part.
class PartialFit {
 public:
  explicit PartialFit(FitOptions options);
  /// Goes on from to_bytes(), bit for bit, with the same options. Throws DataError, InvalidArgument.
  PartialFit(FitOptions options, const std::vector<std::vector<std::byte>>& stages);
  /// Learns on from a trained model; the optimiser starts anew.
  PartialFit(FitOptions options, const Model& trained);
  PartialFit(PartialFit&&) = default;
  PartialFit& operator=(PartialFit&&) = default;
  PartialFit(const PartialFit&) = delete;
  PartialFit& operator=(const PartialFit&) = delete;
  ~PartialFit() = default;

  /// Throws as OnlineTrainer, and DataError when the samples have another shape than those before.
  void learn(const Samples& samples, const TrainHooks& hooks);
  /// What has been learned so far. Throws InvalidArgument before the first learn().
  [[nodiscard]] Model model() const;
  /// Of every stage: model, optimiser, position.
  [[nodiscard]] std::vector<std::vector<std::byte>> to_bytes() const;

 private:
  void begin(const Samples& samples);
  [[nodiscard]] TrainOptions training_of(std::size_t stage) const;
  [[nodiscard]] Context context() const;

  FitOptions options_;
  std::vector<OnlineTrainer> trainers_;  ///< of each stage by itself
};

}  // namespace wta
