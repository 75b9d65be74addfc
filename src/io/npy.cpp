#include "io/npy.h"

#include <optional>

#include "io/atomic_file.h"
#include "io/npy_format.h"
#include "io/read_file.h"

namespace wta {

AnyTensor read_npy(const std::filesystem::path& path) {
  const std::vector<std::byte> file = read_file(path);
  ByteReader reader(file, path.string());
  const NpyHeader header = read_npy_header(reader);
  return read_npy_data(header, reader);
}

void write_npy(const std::filesystem::path& path, const AnyTensor& tensor) {
  AtomicFile file(path);
  file.write(npy_header_text(npy_descr(tensor), shape_of(tensor)));
  std::visit([&](const auto& t) { file.write(std::as_bytes(t.span())); }, tensor);
  file.commit();
}

struct NpyMatrixWriter::State {
  AtomicFile file;
  std::int64_t rows;
  std::int64_t written = 0;
};

NpyMatrixWriter::NpyMatrixWriter(const std::filesystem::path& path, std::int64_t rows, std::int64_t cols)
    : state_(new State{.file = AtomicFile(path), .rows = rows}) {
  state_->file.write(npy_header_text("<f4", {rows, cols}));
}

NpyMatrixWriter::~NpyMatrixWriter() = default;

void NpyMatrixWriter::append(ConstMatrixView<float> block) {
  for (std::int64_t r = 0; r < block.rows; ++r) state_->file.write(std::as_bytes(block.row_span(r)));
  state_->written += block.rows;
}

void NpyMatrixWriter::commit() {
  if (state_->written != state_->rows) {
    throw InternalError(fmt::format("npy: {} rows were announced, {} written. Please report this.",
                                    state_->rows, state_->written));
  }
  state_->file.commit();
}

}  // namespace wta
