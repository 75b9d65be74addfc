#pragma once
/// The header of a NumPy array file, shared by .npy and .npz.

#include <cstdint>
#include <span>
#include <string>

#include "io/any_tensor.h"
#include "io/byte_reader.h"

namespace wta {

struct NpyHeader {
  std::string descr;  ///< e.g. "<f4"
  bool fortran_order = false;
  Shape shape;
};

/// Reads magic, version and header. Throws DataError (names the field and byte offset).
[[nodiscard]] NpyHeader read_npy_header(ByteReader& reader);
/// Bytes of the data part; throws DataError through `reader` on an unknown type or an overflow.
[[nodiscard]] std::size_t npy_data_bytes(const NpyHeader& header, const ByteReader& reader);
/// The array in C order; `reader` stands behind the header and must hold exactly the data.
[[nodiscard]] AnyTensor read_npy_data(const NpyHeader& header, ByteReader& reader);
/// Magic, version and padded header of a C-order array.
[[nodiscard]] std::string npy_header_text(const std::string& descr, const Shape& shape);
/// "<f4" of a tensor's element type.
[[nodiscard]] std::string npy_descr(const AnyTensor& tensor);

}  // namespace wta
