#include "cli/completion.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/paper.h"
#include "app/recipes.h"
#include "app/train.h"
#include "cli/command_tree.h"
#include "cli/option_flags.h"
#include "wta/dataset.h"

namespace wta::cli {
namespace {

// The first sentence of a help text, without range and default.
std::string brief(const std::string& help) {
  return help.substr(0, std::min({help.find(". "), help.find(" {"), help.find(" ["), help.size()}));
}

void keep_those_that_begin_with(const std::string& word, std::vector<Candidate>& candidates) {
  std::erase_if(candidates, [&](const Candidate& candidate) { return !candidate.text.starts_with(word); });
}

Completion named_data() {
  Completion completion;
  for (const DatasetInfo& info : known_datasets())
    completion.candidates.push_back({info.name, info.description});
  return completion;
}

Completion recipe_names() {
  Completion completion;
  for (const auto& [name, text] : built_in_recipes()) completion.candidates.push_back({name});
  return completion;
}

Completion exhibit_names() {
  Completion completion;
  for (const PaperExhibit& exhibit : paper().exhibits)
    completion.candidates.push_back({exhibit.name, exhibit.title});
  return completion;
}

Completion values_of_type(const std::string& type, const std::string& word);

// key=, and after it the values of that option; the last one of a list.
Completion assignments(const std::string& word) {
  Completion completion;
  const std::size_t equals = word.find('=');
  for (const OptionText& option : describe(TrainVerb{})) {
    if (equals == std::string::npos) {
      completion.candidates.push_back(
          {fmt::format("{}=", option.info.name), brief(std::string(option.info.help))});
    } else if (option.info.name == word.substr(0, equals)) {
      const std::size_t begin = word.find_last_of("=,") + 1;
      completion = values_of_type(placeholder(option), word.substr(begin));
      for (Candidate& value : completion.candidates) value.text.insert(0, word, 0, begin);
    }
  }
  return completion;
}

// What one kind of value stands for; a kind that is not here (N, X, TEXT) is for the user to fill in.
Completion values_of_kind(const std::string& kind, const std::string& word) {
  if (kind == "NAME") return named_data();
  if (kind == "RECIPE") return recipe_names();
  if (kind == "EXHIBIT") return exhibit_names();
  if (kind == "RATE") return {.candidates = {{"off"}, {"auto"}}};
  if (kind.starts_with("KEY=")) return assignments(word);
  if (kind == "FOLDER") return {.candidates = {}, .files = CompletesFiles::folders};
  const bool file = kind == "RUN" || kind == "PATH" || kind.starts_with("FILE");
  return {.candidates = {}, .files = file ? CompletesFiles::all : CompletesFiles::no};
}

Completion values_of_type(const std::string& type, const std::string& word) {
  Completion completion;
  for (const std::string& kind : CLI::detail::split(type, '|')) {
    if (kind.empty()) continue;
    if (kind == CLI::detail::to_lower(kind)) {
      completion.candidates.push_back({kind});
      continue;
    }
    const Completion more = values_of_kind(kind, word);
    completion.candidates.insert(completion.candidates.end(), more.candidates.begin(), more.candidates.end());
    if (more.files != CompletesFiles::no) completion.files = more.files;
  }
  keep_those_that_begin_with(word, completion.candidates);
  return completion;
}

// --flag=word: the values with the flag before them.
Completion values_after_equals(const CLI::Option& option, const std::string& word) {
  const std::size_t begin = word.find('=') + 1;
  Completion completion = values_of_type(value_type(option), word.substr(begin));
  for (Candidate& value : completion.candidates) value.text.insert(0, word, 0, begin);
  return completion;
}

Completion flags_of(const CLI::App& command, const std::string& word) {
  Completion completion;
  for (const CLI::Option* flag : flags(command))
    completion.candidates.push_back({flag_name(*flag), brief(flag->get_description())});
  keep_those_that_begin_with(word, completion.candidates);
  return completion;
}

Completion verbs_of(const CLI::App& command, const std::string& word) {
  Completion completion;
  for (const CLI::App* verb : verbs(command))
    completion.candidates.push_back({verb->get_name(), brief(verb->get_description())});
  keep_those_that_begin_with(word, completion.candidates);
  return completion;
}

const CLI::Option* find_flag(const CLI::App& command, const std::string& word) {
  return command.get_option_no_throw(word.substr(0, word.find('=')));
}

const CLI::App* find_verb(const CLI::App& command, const std::string& word) {
  const auto found = command.get_subcommands([&](const CLI::App* verb) { return verb->check_name(word); });
  return found.empty() ? nullptr : found.front();
}

// Where the cursor is: in which command, after which flag that waits for its value, after how many values.
struct Place {
  const CLI::App* command = nullptr;
  const CLI::Option* waiting = nullptr;
  std::size_t values = 0;
};

void step_over(const std::string& word, Place& place) {
  if (place.waiting != nullptr) {
    place.waiting = nullptr;
  } else if (word.starts_with('-')) {
    const CLI::Option* flag = find_flag(*place.command, word);
    const bool waits = flag != nullptr && flag->get_items_expected_max() > 0;
    if (waits && word.find('=') == std::string::npos) place.waiting = flag;
  } else if (const CLI::App* verb = find_verb(*place.command, word); verb != nullptr) {
    place = {verb};
  } else {
    ++place.values;
  }
}

Completion complete_at(const Place& place, const std::string& word) {
  if (place.waiting != nullptr) return values_of_type(value_type(*place.waiting), word);
  if (word.starts_with('-') && word.find('=') != std::string::npos) {
    const CLI::Option* flag = find_flag(*place.command, word);
    return flag == nullptr ? Completion{} : values_after_equals(*flag, word);
  }
  if (word.starts_with('-')) return flags_of(*place.command, word);
  if (!verbs(*place.command).empty()) return verbs_of(*place.command, word);
  for (std::size_t passed = 0; const CLI::Option* positional : positionals(*place.command)) {
    passed += static_cast<std::size_t>(positional->get_items_expected_max());
    if (place.values < passed) return values_of_type(value_type(*positional), word);
  }
  return flags_of(*place.command, word);
}

}  // namespace

Completion complete(const CLI::App& app, const std::vector<std::string>& words) {
  Place place{&app};
  if (words.size() < 2) return {};
  for (std::size_t index = 1; index + 1 < words.size(); ++index) step_over(words[index], place);
  return complete_at(place, words.back());
}

}  // namespace wta::cli
