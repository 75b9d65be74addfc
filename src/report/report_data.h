#pragma once
/// Everything that the page of `wta report` shows.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "report/sprites.h"
#include "report/stage_features.h"
#include "wta/dataset.h"
#include "wta/model.h"

namespace wta {

/// Samples beside what is reconstructed from their codes, both prepared: [shown, D].
struct Reconstructions {
  std::string split;
  Tensor<float> inputs;
  Tensor<float> outputs;
};

/// What the run's classifier makes of labelled samples.
struct Classification {
  std::string split;
  std::string stages;           ///< whose codes it reads (parse_stage_choice)
  Tensor<std::int64_t> counts;  ///< [true class, predicted class]
  std::int64_t available = 0;   ///< labelled samples of the split
};

/// The run's page while its server is asked for it.
struct LivePage {
  std::string version;  ///< of the model that the page shows; empty: none yet
};

struct ReportContent {
  const Model& model;
  std::string made_by;  ///< program and version
  std::string run;
  std::string data;
  std::string split;               ///< of the samples that statistics are over
  std::int64_t available = 0;      ///< samples in that split
  std::vector<std::int64_t> rows;  ///< which of them are used, rising
  Split samples;                   ///< those
  std::vector<std::string> class_names;
  std::int64_t units_shown = 0;         ///< of each stage, at most
  std::vector<StageFeatures> features;  ///< [stages]
  Reconstructions reconstructions;
  std::optional<Classification> classification;
  std::string metrics = "[]";  ///< lines of metrics.jsonl as one JSON array
  std::optional<LivePage> live;
};

/// The sheets of a page; every name is also that of its place in the data.
struct NamedSprites {
  std::string name;
  Sprites sprites;
};

struct ReportData {
  std::string json;  ///< that can stand in a script element: no text in it ends the element
  std::vector<NamedSprites> sheets;
};

/// The content as the page's script reads it (src/report/web/report.js).
[[nodiscard]] ReportData report_data(const ReportContent& content);

}  // namespace wta
