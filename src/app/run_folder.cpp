#include "app/run_folder.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include "io/atomic_file.h"
#include "io/read_file.h"
#include "train/run_store.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

std::string plain_text(const toml::node& node, const std::string& key, const std::string& where) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  throw DataError(fmt::format("{}: '{}' must be a text, a number or true/false (line {}).", where, key,
                              node.source().begin.line));
}

// The tables [[stages]].
std::vector<OptionValues> read_stages(const toml::node& node, const std::string& where) {
  const toml::array* tables = node.as_array();
  if (tables == nullptr || !tables->is_homogeneous<toml::table>()) {
    throw DataError(fmt::format("{}: 'stages' must be tables [[stages]], one per stage (line {}).", where,
                                node.source().begin.line));
  }
  std::vector<OptionValues> stages;
  for (const toml::node& element : *tables) {
    OptionValues& values = stages.emplace_back();
    for (const auto& [key, value] : *element.as_table()) {
      const std::string name(key.str());
      values[name] = plain_text(value, name, where);
    }
  }
  return stages;
}

// By hand: std::filesystem::remove_all ends the program where memory runs out. Links are removed, not
// followed.
void remove_whole(const fs::path& path) {
  if (fs::symlink_status(path).type() == fs::file_type::directory) {
    for (const fs::path& entry : read_folder(path)) remove_whole(entry);
  }
  fs::remove(path);
}

// Everything a run leaves behind, and nothing else, so that --overwrite never deletes a user's own files.
void remove_run_files(const RunFolder& run) {
  remove_whole(run.path / "checkpoints");
  for (const fs::path& file : {run.config(), run.model(), run.classifier(), run.filters(),
                               run.reconstructions(), run.metrics(), run.report()}) {
    fs::remove(file);
  }
  remove_events(run, 1);
}

void require_usable(const RunFolder& run, bool resume, bool overwrite) {
  const std::string name = run.path.string();
  const bool exists = fs::exists(run.config()) || fs::exists(run.model());
  if (resume && overwrite) {
    throw InvalidArgument("train: --resume and --overwrite exclude each other. Try: one of them.");
  }
  if (resume && !exists) {
    throw InvalidArgument(
        fmt::format("resume: the folder must hold a run; got '{}'. Try: without --resume.", name));
  }
  if (exists && !resume && !overwrite) {
    throw InvalidArgument(
        fmt::format("out: the folder holds a run already; got '{}'. Try: --resume to go on, --overwrite to "
                    "start again.",
                    name));
  }
}

}  // namespace

fs::path RunFolder::folder() const {
  if (!fs::is_regular_file(path)) return path;
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

fs::path RunFolder::events(std::int64_t stage) const {
  return path / fmt::format("events.out.tfevents.stage-{:02}", stage);
}

void remove_events(const RunFolder& run, std::int64_t first) {
  std::error_code error;
  while (fs::remove(run.events(first), error)) ++first;
  if (!error) return;
  throw IoError(fmt::format("{}: the event file could not be removed: {}. Try: check its permissions.",
                            run.events(first).string(), error.message()));
}

FileLock prepare_run_folder(const RunFolder& run, bool resume, bool overwrite,
                            const std::function<void(const std::string&)>& warn) {
  try {
    require_usable(run, resume, overwrite);  // before anything is made
    FileLock lock = lock_run(run.path, warn);
    require_usable(run, resume, overwrite);  // whoever had the lock may have left a run
    if (overwrite) remove_run_files(run);
    remove_stale_temporaries(run.path);
    return lock;
  } catch (const fs::filesystem_error& error) {
    throw IoError(fmt::format("{}: the run folder cannot be prepared: {}. Try: another --out.",
                              run.path.string(), error.code().message()));
  }
}

void write_config(const fs::path& path, const std::vector<OptionText>& options,
                  const std::vector<std::vector<OptionText>>& stages) {
  std::string text;
  for (const OptionText& option : options) {
    text += fmt::format("# {}\n{} = {}\n", option.info.help, option.info.name, toml_value(option));
  }
  for (const std::vector<OptionText>& stage : stages) {
    text += "\n[[stages]]\n";
    for (const OptionText& option : stage)
      text += fmt::format("{} = {}\n", option.info.name, toml_value(option));
  }
  write_text(path, text);
}

Config parse_config(std::string_view text, const std::string& where) {
  Config config;
  try {
    const toml::table table = toml::parse(text);
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (name == "stages") {
        config.stages = read_stages(node, where);
      } else {
        config.options[name] = plain_text(node, name, where);
      }
    }
  } catch (const toml::parse_error& error) {
    throw DataError(fmt::format("{}: not a TOML file: {} (line {}, column {}).", where, error.description(),
                                error.source().begin.line, error.source().begin.column));
  }
  return config;
}

Config read_config(const fs::path& path) {
  if (!fs::is_regular_file(path)) {
    throw IoError(fmt::format("{}: no such file. Try: the path of a TOML file.", path.string()));
  }
  return parse_config(read_text(path), path.string());
}

}  // namespace wta
