#pragma once
/// One function per verb: adds its sub-command; what it returns is run when that sub-command was chosen.

#include <CLI/CLI.hpp>
#include <functional>

namespace wta::cli {

/// Runs the chosen verb and returns the exit code; errors are thrown.
using Action = std::function<int()>;

struct Verb {
  CLI::App* command = nullptr;
  Action run;
};

Verb add_train(CLI::App& app);
Verb add_encode(CLI::App& app);
Verb add_classify(CLI::App& app);
Verb add_predict(CLI::App& app);
Verb add_reconstruct(CLI::App& app);
Verb add_filters(CLI::App& app);
Verb add_maps(CLI::App& app);
Verb add_report(CLI::App& app);
Verb add_explore(CLI::App& app);
Verb add_info(CLI::App& app);
Verb add_verify(CLI::App& app);
Verb add_export(CLI::App& app);
Verb add_import(CLI::App& app);
Verb add_sweep(CLI::App& app);
Verb add_reproduce(CLI::App& app);
Verb add_options(CLI::App& app);
Verb add_data(CLI::App& app);
Verb add_completion(CLI::App& app);
Verb add_complete(CLI::App& app);
Verb add_man(CLI::App& app);

}  // namespace wta::cli
