#include "app/exchange.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "app/run_folder.h"
#include "core/nearest.h"
#include "data/registry.h"
#include "exchange/hugging_face.h"
#include "exchange/onnx_encoder.h"
#include "exchange/saelens.h"
#include "exchange/sparse_autoencoder.h"
#include "exchange/sparsify.h"
#include "io/atomic_file.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

using Writer = ExportReport (*)(const Model& model, const ExportVerb& verb);
using Reader = SparseAutoencoder (*)(const fs::path& folder);

// The card names a public data set; a path is nobody else's business.
std::string public_data(const fs::path& run) {
  const RunFolder folder{run};
  if (!fs::exists(folder.config())) return {};
  const OptionValues options = read_config(folder.config()).options;
  const auto data = options.find("data");
  return data != options.end() && find_dataset(data->second) != nullptr ? data->second : std::string();
}

std::string title_of(const fs::path& run) {
  const fs::path folder = fs::absolute(RunFolder{run}.folder()).lexically_normal();
  return folder.has_filename() ? folder.filename().string() : folder.parent_path().filename().string();
}

ExportReport export_safetensors(const Model& model, const ExportVerb& verb) {
  save_model(verb.out, model);
  return {.files = {verb.out}, .note = {}};
}

ExportReport export_onnx(const Model& model, const ExportVerb& verb) {
  write_text(verb.out, to_onnx(model, parse_stage_choice(verb.stages)));
  return {.files = {verb.out}, .note = {}};
}

ExportReport export_hugging_face(const Model& model, const ExportVerb& verb) {
  write_hugging_face(verb.out, model,
                     {.title = title_of(verb.run), .data = public_data(verb.run), .licence = verb.licence});
  return {.files = {verb.out / "config.json", verb.out / "model.safetensors", verb.out / "README.md"},
          .note = {}};
}

ExportReport export_saelens(const Model& model, const ExportVerb& verb) {
  const SparseAutoencoder dictionary = to_sparse_autoencoder(model, "saelens");
  write_saelens(verb.out, dictionary);
  const bool jumps = !dictionary.thresholds.empty() && !model.top().network.threshold_codes;
  return {
      .files = {verb.out / "cfg.json", verb.out / "sae_weights.safetensors"},
      .note =
          jumps ? "codes there keep what lies above each unit's threshold; wta encode keeps every activation "
                  "unless the model has threshold_codes"
                : ""};
}

// What lifetime sparsity leaves of a sample on average, where a network says nothing of its own.
std::int64_t k_of_sample(const Model& model, const SparseAutoencoder& dictionary) {
  const Rate& lifetime = model.top().network.lifetime;
  if (dictionary.k > 0) return dictionary.k;
  if (lifetime.off) return dictionary.units();
  const double kept = lifetime.fraction * static_cast<double>(dictionary.units());
  return std::max<std::int64_t>(1, std::llround(kept));
}

ExportReport export_sparsify(const Model& model, const ExportVerb& verb) {
  const SparseAutoencoder dictionary = to_sparse_autoencoder(model, "sparsify");
  const std::int64_t k = k_of_sample(model, dictionary);
  write_sparsify(verb.out, dictionary, k);
  const bool exact = dictionary.k > 0 || (k == dictionary.units() && dictionary.thresholds.empty());
  return {.files = {verb.out / "cfg.json", verb.out / "sae.safetensors"},
          .note = exact
                      ? ""
                      : fmt::format(
                            "the format knows no thresholds: of each sample the {} largest of {} activations "
                            "count, as many as competition leaves on average",
                            k, dictionary.units())};
}

const std::map<std::string, Writer>& writers() {
  static const std::map<std::string, Writer> kAll = {{"safetensors", export_safetensors},
                                                     {"onnx", export_onnx},
                                                     {"huggingface", export_hugging_face},
                                                     {"saelens", export_saelens},
                                                     {"sparsify", export_sparsify}};
  return kAll;
}

const std::map<std::string, Reader>& readers() {
  static const std::map<std::string, Reader> kAll = {{"saelens", read_saelens}, {"sparsify", read_sparsify}};
  return kAll;
}

template <class Function>
std::vector<std::string> names_of(const std::map<std::string, Function>& all) {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const auto& [name, function] : all) names.push_back(name);
  return names;
}

template <class Function>
Function require_format(const std::map<std::string, Function>& all, const std::string& format) {
  const auto found = all.find(format);
  if (found != all.end()) return found->second;
  const std::vector<std::string> names = names_of(all);
  throw InvalidArgument(fmt::format("format: must be one of {}; got '{}'. Try: {}.", fmt::join(names, ", "),
                                    format, nearest(format, names)));
}

// An option that a format does not have would be passed over in silence.
void require_options_of_format(const ExportVerb& verb) {
  if (verb.format != "onnx" && verb.stages != "top") {
    throw InvalidArgument(
        fmt::format("stages: only onnx writes chosen stages; got --stages {} with {}. Try: --format onnx.",
                    verb.stages, verb.format));
  }
  if (verb.format != "huggingface" && !verb.licence.empty()) {
    throw InvalidArgument(
        fmt::format("license: only the card of huggingface names one; got --license {} with {}. Try: "
                    "--format huggingface.",
                    verb.licence, verb.format));
  }
}

}  // namespace

const std::vector<std::string>& export_formats() {
  static const std::vector<std::string> kNames = names_of(writers());
  return kNames;
}

const std::vector<std::string>& import_formats() {
  static const std::vector<std::string> kNames = names_of(readers());
  return kNames;
}

ExportReport export_model(const Model& model, const ExportVerb& verb) {
  const Writer write = require_format(writers(), verb.format);
  require_options_of_format(verb);
  try {
    return write(model, verb);
  } catch (const fs::filesystem_error& error) {
    throw IoError(fmt::format("{}: cannot be written: {}. Try: another --out.", verb.out.string(),
                              error.code().message()));
  }
}

ExportReport run_export(const ExportVerb& verb) {
  return export_model(load_model(verb.run), verb);
}

Model import_model(const fs::path& path, const std::string& format) {
  return to_model(require_format(readers(), format)(path), path.string());
}

Model run_import(const ImportVerb& verb) {
  Model model = import_model(verb.path, verb.format);
  const RunFolder run{verb.out};
  const FileLock lock = prepare_run_folder(run, false, verb.overwrite);
  save_model(run.model(), model);
  return model;
}

}  // namespace wta
