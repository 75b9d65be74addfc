#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wta::fuzz {

struct Target {
  std::string name;  ///< also that of its folder in the corpus
  int (*run)(const std::uint8_t* data, std::size_t size);
};

[[nodiscard]] const std::vector<Target>& targets();

}  // namespace wta::fuzz
