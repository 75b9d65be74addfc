/// Every prefix and every single-bit flip of a model file is noticed: its checksums cover tensors and header.

#include "support/damage.h"

#include "wta/model.h"

namespace wta {
namespace {

using testing_support::Ending;

using Damage = testing_support::DamageTest;

std::string read_model(const std::string& bytes) {
  (void)model_from_bytes(std::as_bytes(std::span(bytes)), "model.safetensors");
  return "read";
}

TEST_F(Damage, ModelFileIsRefused) {
  Model model = make_model({.arch = "3fc"}, {2}, 1);
  model.class_names = {"a", "b"};
  const std::vector<std::byte> bytes = model_to_bytes(model);
  try_all({.good = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
           .name = "model.safetensors",
           .decode = read_model,
           .flip = Ending::refused});
}

}  // namespace
}  // namespace wta
