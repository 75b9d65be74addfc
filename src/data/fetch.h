#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/registry.h"
#include "wta/dataset.h"

namespace wta {

/// Whether an address must be https. Plain http is for the loopback server of a test only.
enum class MirrorRule { https_only, allow_http_loopback };

/// Files to bring into one folder.
struct FetchPlan {
  std::string name;  ///< in messages and in the advice to run again
  std::vector<PublishedFile> files;
  std::vector<std::string> mirrors;  ///< addresses of folders, tried in turn; end in '/'
  std::filesystem::path folder;
  MirrorRule rule = MirrorRule::https_only;
};

/// Brings every file that is missing or damaged. A download is written to `NAME.part`, goes on where an
/// earlier one stopped, may not grow beyond the published size, and is renamed to NAME when its SHA-256 is
/// right. A mirror that fails is followed by the next one. Throws IoError with the reason of every mirror.
void fetch_files(const FetchPlan& plan, const FetchProgressFunction& progress);

}  // namespace wta
