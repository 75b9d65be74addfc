#include "cli/option_flags.h"

#include <fmt/format.h>

#include <algorithm>

#include "wta/error.h"

namespace wta::cli {
namespace {

std::string flag_name(std::string_view name) {
  std::string flag = fmt::format("--{}", name);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string help_text(const OptionText& option) {
  std::string text(option.info.help);
  if (!option.info.range.empty() && option.info.range != placeholder(option))
    text += fmt::format(" {{{}}}", option.info.range);
  if (option.type != "switch" && !option.value.empty()) text += fmt::format(" [{}]", option.value);
  return text;
}

}  // namespace

std::string placeholder(const OptionText& option) {
  if (option.type == "integer") return "N";
  if (option.type == "number") return "X";
  if (option.type == "rate") return "RATE";
  const bool one_word = !option.info.range.empty() && option.info.range.find(' ') == std::string_view::npos;
  return one_word ? std::string(option.info.range) : "TEXT";
}

void OptionFlags::add(CLI::App& command, const std::vector<OptionText>& options,
                      const std::vector<std::string>& skip) {
  for (const OptionText& option : options) {
    const std::string name(option.info.name);
    if (std::ranges::find(skip, name) != skip.end()) continue;
    Flag& flag = flags_.emplace_back(Flag{.name = name, .text = {}, .is_switch = option.type == "switch"});
    if (flag.is_switch) {
      flag.option = command.add_flag_function(
          flag_name(name), [](std::int64_t) {}, help_text(option));
    } else {
      flag.option = command.add_option(flag_name(name), flag.text, help_text(option))
                        ->type_name(placeholder(option))
                        ->take_last();
    }
  }
}

std::map<std::string, std::string> OptionFlags::given() const {
  std::map<std::string, std::string> values;
  for (const Flag& flag : flags_) {
    if (flag.option->count() > 0) values[flag.name] = flag.is_switch ? "true" : flag.text;
  }
  return values;
}

std::vector<std::pair<std::string, std::string>> parse_assignments(const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw InvalidArgument(fmt::format("set: must be key=value; got '{}'. Try: --set lr=0.001.", text));
    }
    result.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

}  // namespace wta::cli
