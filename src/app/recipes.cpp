#include "app/recipes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

}  // namespace wta
