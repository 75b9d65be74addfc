/// A classifier's file.
#include "fuzz/input.h"
#include "wta/classifier.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wta;
  static fuzz::InputFile file;
  const auto& path = file.holding(fuzz::safetensors_of(fuzz::bytes_of(data, size)));
  return fuzz::may_refuse<DataError>(path.string(), [&] { (void)load_classifier(path); });
}
