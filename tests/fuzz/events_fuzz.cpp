/// The records of an event file, as read when a run is resumed: what is whole up to a step is kept.
#include "fuzz/input.h"
#include "io/event_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wta;
  constexpr std::int64_t kStep = 5;
  static fuzz::InputFile file;
  const auto& path = file.holding(fuzz::bytes_of(data, size));
  return fuzz::may_refuse<DataError>(path.string(), [&] { const EventFile kept(path, kStep); });
}
