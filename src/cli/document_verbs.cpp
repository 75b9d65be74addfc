// The verbs that describe the tool to shells and to man.
#include <fmt/format.h>

#include <memory>

#include "cli/completion.h"
#include "cli/console.h"
#include "cli/man_page.h"
#include "cli/verbs.h"

namespace wta::cli {
namespace {

int print_completion(const Completion& completion) {
  for (const Candidate& candidate : completion.candidates)
    print_result(fmt::format("{}\t{}", candidate.text, candidate.description));
  if (completion.files == CompletesFiles::all) print_result(":files");
  if (completion.files == CompletesFiles::folders) print_result(":folders");
  return kOk;
}

}  // namespace

Verb add_completion(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("completion", "Script that completes verbs, flags and values in a shell");
  const auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "Bash: source <(wta completion bash)")
      ->required()
      ->type_name("bash|zsh|fish");
  return {command, [shell] {
            print_result(std::string(completion_script(*shell)));
            return kOk;
          }};
}

// Not for people, so without a group; the scripts call it: wta complete -- WORD...
Verb add_complete(CLI::App& app) {
  CLI::App* command = app.add_subcommand("complete", "What may come next on a command line");
  command->group("");
  const auto words = std::make_shared<std::vector<std::string>>();
  command->add_option("words", *words);
  return {command, [words, &app] { return print_completion(complete(app, *words)); }};
}

Verb add_man(CLI::App& app) {
  CLI::App* command = app.add_subcommand("man", "The manual page; to read it: wta man | man -l -");
  return {command, [&app] {
            print_result(man_page(app));
            return kOk;
          }};
}

}  // namespace wta::cli
