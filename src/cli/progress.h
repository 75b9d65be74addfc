#pragma once
#include <chrono>
#include <string>

#include "wta/trainer.h"

namespace wta::cli {

/// Training progress on stderr: a bar with live loss and time left on a terminal, one plain line per epoch or
/// every ten seconds elsewhere.
class ProgressDisplay {
 public:
  ProgressDisplay();
  void step(const TrainProgress& progress);
  void epoch(const EpochMetrics& metrics);
  /// Ends the bar's line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  bool terminal_;
  bool bar_shown_ = false;
  Clock::time_point last_;
};

/// "1:05:09", "4:07".
[[nodiscard]] std::string clock_text(double seconds);

}  // namespace wta::cli
