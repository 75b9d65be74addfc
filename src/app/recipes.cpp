#include "app/recipes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/nearest.h"
#include "wta/error.h"

namespace wta {

Config load_recipe(const std::string& recipe) {
  if (std::filesystem::is_regular_file(recipe) || recipe.find_first_of("/.") != std::string::npos)
    return read_config(recipe);
  std::vector<std::string> names;
  for (const auto& [name, text] : built_in_recipes()) {
    if (name == recipe) return parse_config(text, "recipe " + name);
    names.push_back(name);
  }
  throw InvalidArgument(fmt::format("recipe: must be a TOML file or one of {}; got '{}'. Try: '{}'.",
                                    fmt::join(names, ", "), recipe, nearest(recipe, names)));
}

void apply_config(const Config& config, TrainVerb& verb) {
  for (const auto& [name, value] : config.options) set_option(verb, name, value);
  if (!config.stages.empty()) verb.stages = config.stages;
}

void override_option(TrainVerb& verb, const std::string& name, const std::string& value) {
  set_option(verb, name, value);
  std::string key = name;
  std::ranges::replace(key, '-', '_');
  for (OptionValues& stage : verb.stages) stage.erase(key);
}

}  // namespace wta
