/// A file of CIFAR-10, plain, gzip or xz.
#include "fuzz/input.h"
#include "io/cifar.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wta;
  static fuzz::InputFile file;
  const auto& path = file.holding(fuzz::bytes_of(data, size));
  return fuzz::may_refuse<DataError>(path.string(), [&] { (void)read_cifar10({path}); });
}
