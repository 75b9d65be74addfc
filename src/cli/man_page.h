#pragma once
#include <CLI/CLI.hpp>
#include <string>

namespace wta::cli {

/// wta(1) in the man macros of roff: every verb with its arguments, from the declared commands.
[[nodiscard]] std::string man_page(const CLI::App& app);

}  // namespace wta::cli
