#include "cli/man_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/command_tree.h"
#include "cli/console.h"

namespace wta::cli {
namespace {

// Text as roff takes it: hyphens that can be copied, no line that reads as a request.
std::string escaped(const std::string& text) {
  std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (const char letter : text) {
    if (letter == '\\') out += "\\e";
    if (letter == '-' || letter == '~' || letter == '^') out += '\\';
    if (letter != '\\') out += letter;
  }
  return out;
}

std::string bold(const std::string& text) {
  return fmt::format("\\fB{}\\fR", escaped(text));
}

std::string italic(const std::string& text) {
  return fmt::format("\\fI{}\\fR", escaped(text));
}

// Help text, each sentence on a line of its own, as roff wants it to space them.
std::string sentences(const std::string& text) {
  const std::size_t end = text.find(". ");
  if (end == std::string::npos) return escaped(text);
  return escaped(text.substr(0, end + 1)) + '\n' + sentences(text.substr(end + 2));
}

std::string item(const std::string& term, const std::string& text) {
  return fmt::format(".TP\n{}\n{}\n", term, sentences(text));
}

std::string literal(const std::string& lines) {
  return fmt::format(".PP\n.in +4n\n.nf\n{}\n.fi\n.in\n", escaped(lines));
}

std::string term_of(const CLI::Option& option) {
  if (option.get_positional()) return italic(value_type(option));
  const std::string type = value_type(option);
  return bold(flag_name(option)) + (type.empty() ? "" : " " + italic(type));
}

std::string term_of(const CLI::App& verb) {
  std::string term = bold(verb.get_name());
  for (const CLI::Option* positional : positionals(verb)) term += " " + italic(value_type(*positional));
  return term;
}

bool has(const CLI::App& verb, const CLI::Option& flag) {
  const CLI::Option* same = verb.get_option_no_throw(flag_name(flag));
  return same != nullptr && same->get_description() == flag.get_description();
}

// `verb` takes all flags of `other`, which then describes them.
bool takes_all_of(const CLI::App& verb, const CLI::App& other) {
  return &verb != &other &&
         std::ranges::all_of(flags(other), [&](const CLI::Option* flag) { return has(verb, *flag); });
}

bool is_help(const CLI::Option& flag) {
  return flag_name(flag) == "--help";
}

std::string section_of(const CLI::App& verb, const CLI::App& train) {
  std::string text = fmt::format(".SS {}\n{}.\n", term_of(verb), escaped(verb.get_description()));
  for (const CLI::App* part : verbs(verb)) text += item(term_of(*part), part->get_description());
  for (const CLI::Option* positional : positionals(verb))
    text += item(term_of(*positional), positional->get_description());
  const bool trains = takes_all_of(verb, train);
  for (const CLI::Option* flag : flags(verb)) {
    if (is_help(*flag) || (trains && has(train, *flag))) continue;
    text += item(term_of(*flag), flag->get_description());
  }
  if (trains) text += fmt::format(".PP\nAnd every option of {}.\n", bold("train"));
  return text;
}

std::string environment() {
  return ".SH ENVIRONMENT\n" + item(bold("WTA_DATA"), "Folder of the named data sets, one sub-folder each.") +
         item(bold("WTA_MEMORY_GIB"), "Upper limit of the memory that is taken.") +
         item(bold("WTA_ISA"), "avx2 or avx512: the largest instruction set that is used.");
}

std::string exit_status() {
  std::string text = ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : std::initializer_list<std::pair<int, const char*>>{
           {kOk, "Success."},
           {kInternal, "Internal error."},
           {kUsage, "Wrong usage, or an option outside its range."},
           {kBadData, "Bad data, or data that does not fit the model."},
           {kIo, "A file is missing, or cannot be read or written."},
           {kMemory, "Too little memory."},
           {kDiverged, "Training diverged."}}) {
    text += item(bold(std::to_string(code)), meaning);
  }
  return text + item(bold("130, 143"), "Stopped by a signal, after saving a checkpoint.");
}

std::string examples() {
  return ".SH EXAMPLES\nFeatures of one's own images, a classifier on them, and classes of new images:\n" +
         literal(
             "wta train --data photos --arch 2000fc --lifetime 5% --out runs/photos\n"
             "wta classify runs/photos\n"
             "wta predict runs/photos --data new-photos --out labels.csv");
}

}  // namespace

std::string man_page(const CLI::App& app) {
  std::string page = fmt::format(".TH WTA 1 \"\" \"wta {}\" \"User Commands\"\n", WTA_VERSION);
  page += ".SH NAME\nwta \\- winner\\-take\\-all autoencoders: sparse features without labels\n";
  page += fmt::format(".SH SYNOPSIS\n{} {} [{}]...\n", bold("wta"), italic("VERB"), italic("ARGUMENT"));
  page += fmt::format(".SH DESCRIPTION\n{}\n.PP\n{} prints what a verb takes.\n",
                      sentences(app.get_description()), bold("wta VERB --help"));
  page += ".SH OPTIONS\n";
  for (const CLI::Option* flag : flags(app)) page += item(term_of(*flag), flag->get_description());
  page += ".SH VERBS\n";
  for (const CLI::App* verb : verbs(app)) page += section_of(*verb, *app.get_subcommand("train"));
  page += environment() + exit_status() + examples();
  page.pop_back();  // whoever prints it ends the line
  return page;
}

}  // namespace wta::cli
