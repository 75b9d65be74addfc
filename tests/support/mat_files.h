#pragma once
/// MATLAB v5 files as libmatio writes them.

#include <matio.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace wta::testing_support {

struct MatBytes {
  std::string name;
  std::vector<std::size_t> extents;  ///< MATLAB's order: the first runs fastest
  std::vector<std::uint8_t> values;
};

inline std::filesystem::path write_mat(const std::filesystem::path& path, const std::vector<MatBytes>& arrays,
                                       matio_compression compression) {
  mat_t* file = Mat_CreateVer(path.c_str(), nullptr, MAT_FT_MAT5);
  for (MatBytes array : arrays) {
    matvar_t* variable =
        Mat_VarCreate(array.name.c_str(), MAT_C_UINT8, MAT_T_UINT8, static_cast<int>(array.extents.size()),
                      array.extents.data(), array.values.data(), 0);
    Mat_VarWrite(file, variable, compression);
    Mat_VarFree(variable);
  }
  Mat_Close(file);
  return path;
}

}  // namespace wta::testing_support
