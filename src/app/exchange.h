#pragma once
/// Models in other programs' formats.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "wta/model.h"

namespace wta {

/// What `wta export` writes and `wta import` reads.
[[nodiscard]] const std::vector<std::string>& export_formats();
[[nodiscard]] const std::vector<std::string>& import_formats();

struct ExportVerb {
  std::filesystem::path run;
  std::filesystem::path out;
  std::string format;
  std::string stages = "top";  ///< of onnx: parse_stage_choice
  std::string licence;         ///< of the card of huggingface; may be empty
};

struct ExportReport {
  std::vector<std::filesystem::path> files;  ///< what was written
  std::string note;                          ///< what the format could not say; may be empty
};

/// Writes the model of a run: safetensors and onnx are files, the other formats folders. Throws
/// InvalidArgument for what the format cannot hold, IoError.
ExportReport run_export(const ExportVerb& verb);
/// The same of a model in memory; verb.run names it in a model card.
ExportReport export_model(const Model& model, const ExportVerb& verb);

struct ImportVerb {
  std::filesystem::path path;  ///< a folder with cfg.json
  std::string format;
  std::filesystem::path out;
  bool overwrite = false;
};

/// The model in a folder of another program. Throws IoError, DataError.
[[nodiscard]] Model import_model(const std::filesystem::path& path, const std::string& format);
/// Writes it as a run folder. Throws also InvalidArgument when there is a run already.
Model run_import(const ImportVerb& verb);

}  // namespace wta
