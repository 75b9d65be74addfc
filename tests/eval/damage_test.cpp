/// Every prefix and every single-bit flip of a classifier's file is noticed: its checksums cover tensors and
/// header.

#include "support/damage.h"

#include "support/files.h"
#include "support/input_file.h"
#include "support/temporary_folder.h"
#include "wta/classifier.h"

namespace wta {
namespace {

using testing_support::Ending;

using Damage = testing_support::DamageTest;

TEST_F(Damage, ClassifierIsRefused) {
  const testing_support::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "classifier.safetensors";
  save_classifier(path,
                  {.weight = Tensor<float>({2, 1}), .bias = Tensor<float>({2}), .class_names = {"a", "b"}});
  const testing_support::InputFile file;
  const auto read = [&](const std::string& bytes) {
    (void)load_classifier(file.holding(bytes));
    return std::string("read");
  };
  try_all({.good = testing_support::read_bytes(path),
           .name = file.path().string(),
           .decode = read,
           .flip = Ending::refused});
}

}  // namespace
}  // namespace wta
