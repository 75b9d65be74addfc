/// Every prefix and every single-bit flip of a checkpoint is noticed: its checksums cover tensors and header.

#include "support/damage.h"

#include "train/checkpoint.h"

namespace wta {
namespace {

using testing_support::Ending;

using Damage = testing_support::DamageTest;

Model fresh_model() {
  Model model = make_model({.arch = "3fc"}, {2}, 1);
  model.top().data_fingerprint = "f";
  return model;
}

std::string read_checkpoint(const std::string& bytes) {
  static const Model model = fresh_model();
  TrainState state(model, {});
  const TensorFile file = from_safetensors_bytes(std::as_bytes(std::span(bytes)), "checkpoint");
  restore(file, "checkpoint", state);
  return "read";
}

TEST_F(Damage, CheckpointIsRefused) {
  TrainState state(fresh_model(), {});
  const std::vector<std::byte> bytes = to_safetensors_bytes(to_tensor_file(state));
  try_all({.good = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
           .name = "checkpoint",
           .decode = read_checkpoint,
           .flip = Ending::refused});
}

}  // namespace
}  // namespace wta
