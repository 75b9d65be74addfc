#pragma once
#include <filesystem>
#include <string>

#include "wta/dataset.h"

namespace wta {

struct MapsVerb {
  std::filesystem::path run;
  DataOptions data;
  std::string split;
  std::filesystem::path out;
  std::int64_t index = 0;   ///< of the sample in its split
  std::int64_t stage = 1;   ///< counted from 1
  std::int64_t count = 16;  ///< maps, the most used ones
  std::int64_t threads = 0;
};

/// Draws what one sample becomes in the feature maps of a stage (map_pictures); throws InvalidArgument when
/// the data has no such sample.
void run_maps(const MapsVerb& verb);

}  // namespace wta
