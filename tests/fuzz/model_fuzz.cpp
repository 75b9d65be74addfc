/// A model file.
#include "fuzz/input.h"
#include "model/model_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wta;
  const std::vector<std::byte> file = fuzz::safetensors_of(fuzz::bytes_of(data, size));
  return fuzz::may_refuse<DataError>("input", [&] { (void)model_from_bytes(file, "input"); });
}
