/// The text of --arch.
#include "fuzz/input.h"
#include "wta/architecture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wta;
  return fuzz::may_refuse<InvalidArgument>(
      "arch", [&] { (void)parse_architecture(std::string(fuzz::text_of(data, size))); });
}
