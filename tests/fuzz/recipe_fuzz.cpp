/// A recipe: TOML, its options, and what they would make of small samples.
#include "app/recipes.h"
#include "fuzz/input.h"

namespace {

// As `wta train --recipe` does before it reads any data.
void plan(const wta::Config& config) {
  wta::TrainVerb verb;
  try {
    wta::apply_config(config, verb);
    wta::require_architectures(verb.stage, verb.stages);
    (void)wta::plan_stages(verb.stage, verb.stages, {6, 6}, 100, 1);
  } catch (const wta::InvalidArgument&) {  // begins with the option
  } catch (const wta::MemoryError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wta;
  return fuzz::may_refuse<DataError>("input",
                                     [&] { plan(parse_config(fuzz::text_of(data, size), "input")); });
}
