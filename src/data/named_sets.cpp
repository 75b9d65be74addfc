#include "data/named_sets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

void require_published_sizes(const Source& source, const RegisteredDataset& entry, const fs::path& folder) {
  const bool complete = source.train.count() == entry.train_count &&
                        source.test.count() == entry.test_count &&
                        source.train.sample_shape() == entry.sample_shape;
  if (complete) return;
  throw DataError(fmt::format(
      "{}: {} must have {} + {} samples {}; got {} + {} samples {}. Try: remove the folder, and then: {}.",
      folder.string(), entry.name, entry.train_count, entry.test_count, to_string(entry.sample_shape),
      source.train.count(), source.test.count(), to_string(source.train.sample_shape()), way_to_get(entry)));
}

void require_published_classes(const Dataset& dataset, const RegisteredDataset& entry,
                               const fs::path& folder) {
  if (dataset.class_names.size() == entry.class_names.size()) return;
  throw DataError(fmt::format("{}: {} must have {} classes; got {}. Try: remove the folder, and then: {}.",
                              folder.string(), entry.name, entry.class_names.size(),
                              dataset.class_names.size(), way_to_get(entry)));
}

[[noreturn]] void refuse_missing(const RegisteredDataset& entry) {
  std::vector<std::string> tried;
  for (const fs::path& folder : candidate_folders(entry.name)) {
    const std::vector<std::string> missing = missing_files(entry, folder);
    tried.push_back(missing.size() == entry.files.size()
                        ? folder.string()
                        : fmt::format("{} ({} missing)", folder.string(), fmt::join(missing, ", ")));
  }
  throw IoError(
      fmt::format("{}: the data set is not on this machine; looked in {}. Try: {}; or '--data digits', which "
                  "needs no files.",
                  entry.name,
                  tried.empty() ? "no folder, as neither WTA_DATA nor HOME is set"
                                : fmt::format("{}", fmt::join(tried, ", ")),
                  way_to_get(entry)));
}

}  // namespace

Dataset load_named(const RegisteredDataset& entry, double hold_out_fraction, const Context& context) {
  if (entry.files.empty()) return built_in_digits(context);
  const auto folder = complete_folder(entry);
  if (!folder) refuse_missing(entry);
  Source source = entry.read(*folder);
  require_published_sizes(source, entry, *folder);
  Dataset dataset = to_dataset(std::move(source), entry.name, folder->string(),
                               {.fraction = hold_out_fraction, .seed = context.seed});
  require_published_classes(dataset, entry, *folder);
  dataset.class_names = entry.class_names;
  return dataset;
}

}  // namespace wta
