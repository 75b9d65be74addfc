/// Every prefix and every single-bit flip of a file of labels: text has no checksum, and half of a file is
/// one too.

#include "support/damage.h"

#include "data/labels.h"
#include "data/test_files.h"

namespace wta {
namespace {

using testing_support::Ending;

using Damage = testing_support::DamageTest;

std::string read_labels(const testing::TempFolder& folder, const std::string& bytes) {
  return std::to_string(label_count(read_label_file(folder.write("labels.csv", bytes)).labels));
}

TEST_F(Damage, LabelsAreRefusedOrRead) {
  const testing::TempFolder folder;
  for (const char* text : {"index,label\n0,cat\n12,\"a \"\"dog\"\"\"\n", "label\n3\n-14\n"}) {
    try_all({.good = text,
             .name = "labels.csv",
             .decode = [&](const std::string& bytes) { return read_labels(folder, bytes); },
             .prefix = Ending::decoded});
  }
}

}  // namespace
}  // namespace wta
