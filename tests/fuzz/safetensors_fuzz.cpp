/// The bytes of a safetensors file.
#include "fuzz/input.h"
#include "io/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wta;
  return fuzz::may_refuse<DataError>(
      "input", [&] { (void)from_safetensors_bytes(fuzz::bytes_of(data, size), "input"); });
}
