/// Every prefix and every single-bit flip of a file of labels: text has no checksum, and half of a file is
/// one too.

#include "support/damage.h"

#include "data/labels.h"
#include "support/input_file.h"

namespace wta {
namespace {

using testing_support::Ending;

using Damage = testing_support::DamageTest;

std::string read_labels(const std::filesystem::path& path) {
  return std::to_string(label_count(read_label_file(path).labels));
}

TEST_F(Damage, LabelsAreRefusedOrRead) {
  const testing_support::InputFile file;
  for (const char* text : {"index,label\n0,cat\n12,\"a \"\"dog\"\"\"\n", "label\n3\n-14\n"}) {
    try_all({.good = text,
             .name = file.path().string(),
             .decode = [&](const std::string& bytes) { return read_labels(file.holding(bytes)); },
             .prefix = Ending::decoded});
  }
}

}  // namespace
}  // namespace wta
