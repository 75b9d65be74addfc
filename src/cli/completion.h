#pragma once
/// What may come next on a command line, and the scripts with which shells ask for it.

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace wta::cli {

struct Candidate {
  std::string text;
  std::string description = {};
};

enum class CompletesFiles { no, all, folders };

struct Completion {
  std::vector<Candidate> candidates;
  CompletesFiles files = CompletesFiles::no;  ///< the shell adds the names of files itself
};

/// `words` are the command line up to the cursor: the tool's name first, the unfinished word, maybe empty,
/// last. Verbs, flags and values come from the declared commands. A flag's type says what its values are:
/// `train|test` in small letters as they are, `NAME|PATH` in capitals what that kind of value stands for.
[[nodiscard]] Completion complete(const CLI::App& app, const std::vector<std::string>& words);

/// The script for "bash", "zsh" or "fish", which calls `wta complete`.
[[nodiscard]] std::string_view completion_script(std::string_view shell);

}  // namespace wta::cli
