/// A checkpoint, restored into a network that it may fit.
#include "fuzz/input.h"
#include "train/checkpoint.h"

namespace {

wta::Model small_model() {
  wta::Model model = wta::make_model({.arch = "2fc"}, {2}, 1);
  model.top().data_fingerprint = "f";
  return model;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wta;
  static const Model start = small_model();
  TrainState state(start, {});
  const auto restore_input = [&] {
    restore(from_safetensors_bytes(fuzz::safetensors_of(fuzz::bytes_of(data, size)), "input"), "input",
            state);
  };
  return fuzz::may_refuse<DataError>("input",
                                     [&] { fuzz::may_refuse<InvalidArgument>("resume", restore_input); });
}
