#pragma once
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>

#include "app/report.h"

namespace wta {

/// The report of a run that may still be training: what `wta explore` serves. Its functions may be called
/// from several threads.
class LiveReport {
 public:
  /// `verb` as for run_report; `warn` (may be empty) hears of parts that had to be left out. Throws IoError
  /// when there is no run.
  LiveReport(ReportVerb verb, std::function<void(const std::string&)> warn);

  /// The page of the newest model: model.safetensors, or a checkpoint that is newer. Made once for each.
  /// Before there is a model: the training curves alone. Throws as run_report.
  [[nodiscard]] std::string page();
  /// {"state": "training", "stopped" or "finished", "version": of the newest model, "metrics": [lines]}
  [[nodiscard]] std::string status() const;

 private:
  ReportVerb verb_;
  std::function<void(const std::string&)> warn_;
  std::mutex mutex_;
  bool made_ = false;
  std::string version_;  ///< of page_
  std::string page_;
};

}  // namespace wta
