#pragma once
#include <filesystem>
#include <string>

#include "wta/model.h"

namespace wta {

/// What a model card says beside what the model itself knows.
struct CardFacts {
  std::string title;
  std::string data;     ///< name of the data set; empty: not said
  std::string licence;  ///< an identifier of the Hugging Face hub; empty: not said
};

/// A folder to upload: config.json, model.safetensors (the same bytes as save_model) and the card README.md.
/// The folder is a run for every verb that reads one. Throws IoError.
void write_hugging_face(const std::filesystem::path& folder, const Model& model, const CardFacts& facts);

/// The card: YAML between two lines of ---, then Markdown.
[[nodiscard]] std::string model_card(const Model& model, const CardFacts& facts);

}  // namespace wta
