#include <fmt/format.h>

#include <memory>

#include "cli/console.h"
#include "cli/verbs.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta::cli {
namespace {

const char* availability(const DatasetInfo& info) {
  if (info.how_to_get.empty()) return "built in";
  return info.available ? "here" : "not here";
}

int list() {
  for (const DatasetInfo& info : known_datasets()) {
    print_result(fmt::format("{:<14} {:<9} {:>6} + {:<6} {}", info.name, availability(info), info.train_count,
                             info.test_count, info.description));
  }
  return kOk;
}

DatasetInfo find(const std::string& name) {
  (void)is_available(name);  // refuses an unknown name with the nearest one
  for (DatasetInfo& info : known_datasets()) {
    if (info.name == name) return info;
  }
  throw InternalError(fmt::format("data: '{}' is known but not listed. Please report this.", name));
}

int info(const std::string& name) {
  const DatasetInfo info = find(name);
  print_result(fmt::format("{}: {}", info.name, info.description));
  print_result(fmt::format("samples   {} train, {} test, each {}", info.train_count, info.test_count,
                           to_string(info.sample_shape)));
  print_result(fmt::format("classes   {}", info.class_names.size()));
  print_result(fmt::format("state     {}", availability(info)));
  if (info.download_bytes > 0)
    print_result(fmt::format("download  {:.1f} MB", static_cast<double>(info.download_bytes) / 1e6));
  if (!info.how_to_get.empty()) print_result(fmt::format("get       {}", info.how_to_get));
  print_result(fmt::format("licence   {}", info.licence));
  print_result(fmt::format("cite      {}", info.citation));
  if (!info.home.empty()) print_result(fmt::format("home      {}", info.home));
  return kOk;
}

// Thrown across the download when the user interrupts it; what has arrived is kept.
struct Stopped {};

int fetch(const std::string& name) {
  if (find(name).how_to_get.empty()) {
    print_result(fmt::format("{} is built in; there is nothing to fetch", name));
    return kOk;
  }
  catch_stop_signals();
  try {
    const auto folder = fetch_dataset(name, [](const FetchProgress& progress) {
      if (stop_signal().load() != 0) throw Stopped{};
      if (!messages_on_terminal()) return;
      std::fputs(fmt::format("\r{} {:.1f} of {:.1f} MB\033[K", progress.file,
                             static_cast<double>(progress.received_bytes) / 1e6,
                             static_cast<double>(progress.total_bytes) / 1e6)
                     .c_str(),
                 stderr);
    });
    if (messages_on_terminal()) std::fputs("\r\033[K", stderr);
    print_result(folder.string());
    return kOk;
  } catch (const Stopped&) {
    print_message("stopped; the same command goes on from here");
    return exit_code_of_stop();
  }
}

}  // namespace

Verb add_data(CLI::App& app) {
  CLI::App* command = app.add_subcommand("data", "The named data sets: list, info NAME, fetch NAME");
  command->require_subcommand(1);
  CLI::App* list_command = command->add_subcommand("list", "Every name, and whether its files are here");
  CLI::App* info_command = command->add_subcommand("info", "Sizes, licence and source of one");
  CLI::App* fetch_command =
      command->add_subcommand("fetch", "Download one into the cache folder, checked by SHA-256");
  const auto name = std::make_shared<std::string>();
  info_command->add_option("name", *name)->required()->type_name("NAME");
  fetch_command->add_option("name", *name)->required()->type_name("NAME");
  return {command, [=] {
            if (list_command->parsed()) return list();
            return info_command->parsed() ? info(*name) : fetch(*name);
          }};
}

}  // namespace wta::cli
