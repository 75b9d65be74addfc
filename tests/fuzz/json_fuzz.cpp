/// JSON of strangers.
#include "fuzz/input.h"
#include "io/json_strict.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wta;
  return fuzz::may_refuse<DataError>("input", [&] { (void)parse_json(fuzz::text_of(data, size), "input"); });
}
