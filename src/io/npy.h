#pragma once
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <string>

#include "io/any_tensor.h"

namespace wta {

/// Reads a NumPy array (versions 1-3, C or Fortran order; result in C order).
/// Throws IoError, DataError (object types, damaged header, wrong length: names file, field, byte offset).
[[nodiscard]] AnyTensor read_npy(const std::filesystem::path& path);

/// Reads every array of an npz archive (stored or deflated), by name without ".npy".
[[nodiscard]] std::map<std::string, AnyTensor> read_npz(const std::filesystem::path& path);

/// Writes one array, atomically.
void write_npy(const std::filesystem::path& path, const AnyTensor& tensor);

/// Writes a float32 matrix [rows, cols] block by block, atomically: memory does not grow with the rows.
class NpyMatrixWriter {
 public:
  NpyMatrixWriter(const std::filesystem::path& path, std::int64_t rows, std::int64_t cols);
  ~NpyMatrixWriter();
  /// Appends block.rows rows.
  void append(ConstMatrixView<float> block);
  /// Throws InternalError unless exactly `rows` rows were appended.
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Collects rows of a sparse float32 matrix and writes it as a scipy CSR archive (scipy.sparse.load_npz).
/// With more than `most_narrow` non-zero entries its indices are int64, else int32.
class CsrMatrixWriter {
 public:
  CsrMatrixWriter(const std::filesystem::path& path, std::int64_t cols,
                  std::int64_t most_narrow = std::numeric_limits<std::int32_t>::max());
  ~CsrMatrixWriter();
  /// Appends the non-zero entries of block.rows rows.
  void append(ConstMatrixView<float> block);
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wta
