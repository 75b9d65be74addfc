#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "wta/tensor.h"

namespace wta {

struct CifarImages {
  Tensor<std::uint8_t> images;       ///< [N,32,32,3]
  std::vector<std::uint8_t> labels;  ///< [N] in 0..9
};

/// Reads files of CIFAR-10's binary version one after the other; plain, .gz or .xz (recognised by content).
/// A record is a label and 32 x 32 values of red, of green and of blue, 3,073 bytes in all.
/// Throws IoError, DataError (not whole records, a label above 9, CIFAR-100: names file and byte offset).
[[nodiscard]] CifarImages read_cifar10(const std::vector<std::filesystem::path>& files);

}  // namespace wta
