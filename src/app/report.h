#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "app/run_folder.h"
#include "report/report_data.h"
#include "wta/dataset.h"
#include "wta/model.h"
#include "wta/options.h"

namespace wta {

/// Every option of `wta report`.
struct ReportVerb {
  std::filesystem::path run;
  DataOptions data;           ///< empty name: the data that the run was trained on
  std::filesystem::path out;  ///< empty: report.html in the run folder
  std::string split = "train";
  std::int64_t samples = 10000;
  std::int64_t count = 4096;
  std::int64_t threads = 0;
  std::string made_by;                     ///< what the page names as its program
  const std::atomic<int>* stop = nullptr;  ///< as Context::stop
  void visit_options(OptionVisitor& visitor);
};

struct ReportResult {
  std::filesystem::path out;
  std::int64_t features = 0;  ///< of all stages
  std::int64_t samples = 0;
  std::int64_t bytes = 0;
};

/// Writes one HTML file that stands alone (docs/report.md): training curves, every feature with what it
/// answers to, reconstructions, and confusions where the run has been classified. `warn` hears of parts that
/// had to be left out; it may be empty. Throws Interrupted.
ReportResult run_report(const ReportVerb& verb, const std::function<void(const std::string&)>& warn = {});

struct MadeReport {
  std::string page;
  std::int64_t features = 0;
  std::int64_t samples = 0;
};

/// The page as run_report writes it, of `model`, which may have no stages yet. live: what a server adds to
/// it.
[[nodiscard]] MadeReport make_report(const ReportVerb& verb, const Model& model,
                                     const std::optional<LivePage>& live,
                                     const std::function<void(const std::string&)>& warn);

/// The lines of metrics.jsonl, a half-written last one left out, as the text of one JSON array; "[]" where
/// there is no file. Long runs: every n-th line, and the last.
[[nodiscard]] std::string metrics_text(const RunFolder& run);

}  // namespace wta
