#include <fmt/format.h>

#include <memory>

#include "app/exchange.h"
#include "cli/console.h"
#include "cli/verbs.h"

namespace wta::cli {

Verb add_export(CLI::App& app) {
  CLI::App* command = app.add_subcommand("export", "The model in a format of other programs");
  const auto verb = std::make_shared<ExportVerb>();
  command->add_option("run", verb->run, "Run folder or model file")->required()->type_name("RUN");
  command->add_option("--format", verb->format, "onnx and safetensors: a file; the others: a folder")
      ->required()
      ->check(CLI::IsMember(export_formats()));
  command->add_option("--out", verb->out, "Where to: encoder.onnx, or a folder")
      ->required()
      ->type_name("PATH");
  command
      ->add_option("--stages", verb->stages,
                   "Of onnx, of a stack: top (default), all, or a stage counted from 1")
      ->type_name("top|all|N");
  command->add_option("--license", verb->licence, "Of huggingface: the licence that the model card names")
      ->type_name("NAME");
  return {command, [verb] {
            const ExportReport report = run_export(*verb);
            if (!report.note.empty()) print_message(fmt::format("note: {}", report.note));
            for (const auto& file : report.files) print_result(file.string());
            return kOk;
          }};
}

Verb add_import(CLI::App& app) {
  CLI::App* command = app.add_subcommand("import", "A sparse autoencoder of another program as a run");
  const auto verb = std::make_shared<ImportVerb>();
  command->add_option("path", verb->path, "Folder with cfg.json")->required()->type_name("PATH");
  command->add_option("--format", verb->format, "Whose folder it is")
      ->required()
      ->check(CLI::IsMember(import_formats()));
  command->add_option("--out", verb->out, "Folder of the run")->required()->type_name("RUN");
  command->add_flag("--overwrite", verb->overwrite, "Replace the run in the folder");
  return {command, [verb] {
            const Model model = run_import(*verb);
            const Autoencoder& network = model.top().network;
            print_result(fmt::format("{} units over {} inputs: {}", network.units(), network.inputs(),
                                     (verb->out / "model.safetensors").string()));
            return kOk;
          }};
}

}  // namespace wta::cli
