#pragma once
#include <string>
#include <utility>
#include <vector>

#include "app/train.h"

namespace wta {

/// Name and text of every file of recipes/, built into the program (made by CMake).
[[nodiscard]] const std::vector<std::pair<std::string, std::string>>& built_in_recipes();

/// `recipe` is the path of a TOML file or the name of a built-in recipe. Throws InvalidArgument (unknown
/// name; says the nearest one), IoError, DataError.
[[nodiscard]] Config load_recipe(const std::string& recipe);

/// Sets the options of a recipe or config.toml. Throws InvalidArgument, as set_option.
void apply_config(const Config& config, TrainVerb& verb);

/// Sets one option for every stage, whatever the recipe says of one.
void override_option(TrainVerb& verb, const std::string& name, const std::string& value);

}  // namespace wta
