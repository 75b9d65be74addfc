#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "wta/model.h"

namespace wta {

/// Draws the `count` most used atoms of a stage, counted from 1; throws like load_model and project_atoms.
void run_filters(const std::filesystem::path& run, const std::filesystem::path& out, std::int64_t count,
                 std::int64_t stage);

struct VerifyReport {
  std::int64_t tensors = 0;
  std::string sha256;  ///< of the model file
  bool classifier = false;
};

/// Reads the model file (and classifier, when there is one) against every rule of the format: sizes, SHA-256
/// of the data part, shapes, finite values. Throws DataError on the first that is broken.
[[nodiscard]] VerifyReport run_verify(const std::filesystem::path& run);

}  // namespace wta
