#include "app/run_data.h"

#include <fmt/format.h>

#include "app/run_folder.h"
#include "wta/error.h"

namespace wta {

DataOptions data_of_run(const std::string& verb, const std::filesystem::path& run, const DataOptions& given,
                        std::uint64_t& seed) {
  if (!given.data.empty()) return given;
  const RunFolder folder{run};
  if (!std::filesystem::exists(folder.config())) {
    throw InvalidArgument(fmt::format("{}: '{}' does not say which data it was trained on. Try: --data NAME.",
                                      verb, run.string()));
  }
  DataOptions data;
  const OptionValues config = read_config(folder.config()).options;
  for (const OptionText& option : describe(data)) {
    const auto found = config.find(std::string(option.info.name));
    if (found != config.end()) set_option(data, option.info.name, found->second);
  }
  if (!given.label_file.empty()) data.label_file = given.label_file;
  if (const auto found = config.find("seed"); found != config.end()) seed = std::stoull(found->second);
  return data;
}

}  // namespace wta
