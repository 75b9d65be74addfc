#include <fmt/format.h>

#include <memory>

#include "cli/console.h"
#include "cli/report_arguments.h"
#include "cli/verbs.h"

namespace wta::cli {

void ReportArguments::add(CLI::App& command) {
  command.add_option("run", run_, "Run folder or model file")->required()->type_name("RUN");
  command.add_option("--data", data_.data, "Name or path; default: the data of the run")
      ->type_name("NAME|PATH");
  command.add_option("--label-file", data_.label_file, "CSV with labels")->type_name("FILE.csv");
  flags_.add(command, describe(ReportVerb{}));
}

ReportVerb ReportArguments::resolve() const {
  ReportVerb verb{.run = run_, .data = data_, .made_by = "wta " WTA_VERSION};
  for (const auto& [name, value] : flags_.given()) set_option(verb, name, value);
  return verb;
}

Verb add_report(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "report", "One HTML file: training curves, every feature and what it answers to, confusions");
  struct Arguments {
    ReportArguments report;
    std::filesystem::path out;
  };
  const auto arguments = std::make_shared<Arguments>();
  arguments->report.add(*command);
  command->add_option("--out", arguments->out, "Where to write; default: report.html in the run folder")
      ->type_name("FILE");
  return {command, [arguments] {
            ReportVerb verb = arguments->report.resolve();
            verb.out = arguments->out;
            verb.stop = &stop_signal();
            catch_stop_signals();
            const ReportResult report = run_report(verb, print_warning);
            print_result(fmt::format("report of {} features on {} samples, {:.1f} MB: {}", report.features,
                                     report.samples, static_cast<double>(report.bytes) / 1e6,
                                     report.out.string()));
            return kOk;
          }};
}

}  // namespace wta::cli
