#include "exchange/hugging_face.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "io/atomic_file.h"

namespace wta {
namespace {

using nlohmann::ordered_json;

std::string kind_of(const Stage& stage) {
  switch (stage.network.kind) {
    case NetworkKind::rbm:
      return "a binary restricted Boltzmann machine";
    case NetworkKind::wta_rbm:
      return "a winner-take-all restricted Boltzmann machine";
    case NetworkKind::pca:
      return "principal components";
    case NetworkKind::autoencoder:
      break;
  }
  const std::string kind = stage.network.convolutional() ? "convolutional autoencoder" : "autoencoder";
  const bool competes = stage.network.spatial || !stage.network.lifetime.off;
  if (stage.network.k_sparse.k > 0) return "a k-sparse " + kind;
  return (competes ? "a winner-take-all " : "a plain ") + kind;
}

ordered_json config_of(const Model& model) {
  ordered_json stages = ordered_json::array();
  for (const Stage& stage : model.stages) {
    stages.push_back({{"architecture", stage.options.at("arch")},
                      {"sample_shape", stage.sample_shape},
                      {"code_shape", stage.code_shape()},
                      {"options", stage.options}});
  }
  return {{"model_type", "wta"},
          {"sample_shape", model.stages.front().sample_shape},
          {"code_size", code_size(model)},
          {"class_names", model.class_names},
          {"stages", stages}};
}

// In double quotes, as YAML and JSON both read it.
std::string quoted(const std::string& text) {
  return ordered_json(text).dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

std::string front_matter(const CardFacts& facts) {
  std::string text = "---\nlibrary_name: wta\n";
  if (!facts.licence.empty()) text += fmt::format("license: {}\n", quoted(facts.licence));
  if (!facts.data.empty()) text += fmt::format("datasets:\n  - {}\n", quoted(facts.data));
  return text +
         "pipeline_tag: feature-extraction\nmetrics:\n  - explained_variance\ntags:\n  - winner-take-all\n"
         "  - sparse-autoencoder\n  - dictionary-learning\n---\n";
}

std::string stage_table(const Model& model) {
  std::string text =
      "| stage | network | sparsity | units | explained variance | active | dead units | epochs |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (std::size_t s = 0; s < model.stages.size(); ++s) {
    const Stage& stage = model.stages[s];
    const std::string sparsity = fmt::format("lifetime {}{}", to_string(stage.network.lifetime),
                                             stage.network.spatial ? ", spatial" : "");
    text +=
        fmt::format("| {} | `{}` | {} | {} | {:.3f} | {:.4f} | {} | {} |\n", s + 1, stage.options.at("arch"),
                    sparsity, stage.network.units(), stage.summary.explained_variance,
                    stage.summary.active_fraction, stage.summary.dead_units, stage.summary.epochs);
  }
  return text;
}

}  // namespace

std::string model_card(const Model& model, const CardFacts& facts) {
  const Stage& first = model.stages.front();
  std::string text = front_matter(facts);
  text += fmt::format("\n# {}\n\nSparse features by {}", facts.title, kind_of(first));
  if (model.stages.size() > 1) text += fmt::format(" of {} stages", model.stages.size());
  text += fmt::format(", learned without labels: {} values of a sample {} become a code of {}.\n\n",
                      first.network.inputs(), to_string(first.sample_shape), code_size(model));
  text +=
      "## Use\n\n```python\nimport wta\n\nmodel = wta.load(\".\")  # this folder\ncodes = "
      "model.transform(samples)\n```\n\n"
      "or `wta encode FOLDER --data SAMPLES --out codes.npy`.\n\n## Training\n\n";
  text += stage_table(model);
  text +=
      "\nExplained variance, active fraction and dead units are of the last epoch, in training, with "
      "competition.\n";
  text += fmt::format("Preprocessing, inside the model: {}. ", first.options.at("preprocess"));
  if (!facts.data.empty()) text += fmt::format("Data: {}. ", facts.data);
  if (!first.data_fingerprint.empty())
    text += fmt::format("SHA-256 of the training samples: `{}`.", first.data_fingerprint);
  return text + "\n\nMethod: Makhzani & Frey, *Winner-Take-All Autoencoders*, NIPS 2015.\n";
}

void write_hugging_face(const std::filesystem::path& folder, const Model& model, const CardFacts& facts) {
  std::filesystem::create_directories(folder);
  save_model(folder / "model.safetensors", model);
  write_text(folder / "config.json", config_of(model).dump(2) + "\n");
  write_text(folder / "README.md", model_card(model, facts));
}

}  // namespace wta
