#include <fmt/format.h>
#include <zip.h>

#include <algorithm>

#include "io/atomic_file.h"
#include "io/compressed.h"
#include "io/npy.h"
#include "io/npy_format.h"
#include "io/read_file.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr std::size_t kHeaderRoom = 12 + 10'000;
constexpr const char* kUnreadable = "not a readable npz (zip) archive";

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using Source = std::unique_ptr<zip_source_t, FreeSource>;

[[noreturn]] void fail_archive(const std::string& where, const std::string& problem) {
  throw DataError(fmt::format("{}: {}. Try: another copy of the file.", where, problem));
}

// What libzip could not do: for want of memory, or because the archive is damaged.
[[noreturn]] void fail_reading_zip(zip_error_t* error, const std::string& where, const char* problem) {
  if (zip_error_code_zip(error) == ZIP_ER_MEMORY)
    throw MemoryError(where + ": no memory to read the archive. Try: free memory, or .npy.");
  fail_archive(where, fmt::format("{}: {}", problem, zip_error_strerror(error)));
}

[[noreturn]] void fail_writing_zip(zip_error_t* error, const std::string& where) {
  if (zip_error_code_zip(error) == ZIP_ER_MEMORY)
    throw MemoryError(where + ": no memory to write the archive. Try: free memory, or .npy.");
  throw IoError(
      fmt::format("{}: the archive cannot be written: {}. Try: .npy.", where, zip_error_strerror(error)));
}

// libzip's account of what went wrong.
struct ZipError {
  zip_error_t value;
  ZipError() { zip_error_init(&value); }
  ~ZipError() { zip_error_fini(&value); }
  ZipError(const ZipError&) = delete;
  ZipError& operator=(const ZipError&) = delete;
};

// An archive over bytes in memory; they must outlive it.
Archive open_archive(std::span<const std::byte> bytes, const std::string& where) {
  ZipError error;
  Source source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error.value));
  if (!source) fail_reading_zip(&error.value, where, kUnreadable);
  Archive archive(zip_open_from_source(source.get(), ZIP_RDONLY | ZIP_CHECKCONS, &error.value));
  if (!archive) fail_reading_zip(&error.value, where, kUnreadable);
  (void)source.release();  // owned by the archive now
  return archive;
}

zip_uint64_t entry_count(zip_t* archive) {
  return static_cast<zip_uint64_t>(std::max<zip_int64_t>(0, zip_get_num_entries(archive, 0)));
}

// Reads up to `size` bytes of an entry; fewer at its end.
std::vector<std::byte> read_some(zip_file_t* entry, std::size_t size, const std::string& where) {
  std::vector<std::byte> bytes(size);
  std::size_t filled = 0;
  while (filled < size) {
    const zip_int64_t got = zip_fread(entry, bytes.data() + filled, size - filled);
    if (got < 0) fail_reading_zip(zip_file_get_error(entry), where, "damaged entry");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

// What the archive says of an entry. Its size may take memory only where its packed bytes can be that many.
zip_stat_t checked_entry(zip_t* archive, zip_uint64_t index, const std::string& where) {
  constexpr zip_uint64_t kMostBytesOfByte = 1032;  // that deflate makes of one
  zip_stat_t entry;
  if (zip_stat_index(archive, index, 0, &entry) != 0)
    fail_reading_zip(zip_get_error(archive), where, "the entry has no name and no size");
  if (entry.comp_method != ZIP_CM_STORE && entry.comp_method != ZIP_CM_DEFLATE)
    fail_archive(where,
                 fmt::format("the entry must be stored or deflated; got method {}", entry.comp_method));
  if (entry.size / kMostBytesOfByte > entry.comp_size)
    fail_archive(where,
                 fmt::format("the entry cannot unpack from {} to {} bytes", entry.comp_size, entry.size));
  return entry;
}

// Archives whose entries share their packed bytes would unpack to more memory than the file could fill.
void require_own_bytes(zip_t* archive, std::size_t file_bytes, const std::string& where) {
  zip_uint64_t packed = 0;
  for (zip_uint64_t i = 0; i < entry_count(archive); ++i) {
    const zip_stat_t entry = checked_entry(archive, i, fmt::format("{}: entry {}", where, i));
    if (entry.comp_size > file_bytes - packed)
      fail_archive(where, fmt::format("the entries must not share bytes; they take more than the file's {}",
                                      file_bytes));
    packed += entry.comp_size;
  }
}

// One array: its header decides how much is unpacked at most, so that no archive can fill the memory.
AnyTensor read_entry(zip_t* archive, zip_uint64_t index, const std::string& where) {
  const std::unique_ptr<zip_file_t, CloseEntry> entry(zip_fopen_index(archive, index, 0));
  if (!entry) fail_reading_zip(zip_get_error(archive), where, "the entry cannot be opened");
  std::vector<std::byte> bytes = read_some(entry.get(), kHeaderRoom, where);
  ByteReader head(bytes, where);
  const NpyHeader header = read_npy_header(head);
  const std::size_t expected = head.offset() + npy_data_bytes(header, head);
  const zip_uint64_t size = checked_entry(archive, index, where).size;
  if (size != expected)
    fail_archive(where,
                 fmt::format("the entry must unpack to {} bytes as its header says; got {}", expected, size));
  if (expected > bytes.size()) {
    require_room_to_unpack(expected, where);
    const std::vector<std::byte> rest = read_some(entry.get(), expected - bytes.size(), where);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
  }
  ByteReader reader(bytes, where);
  (void)read_npy_header(reader);
  return read_npy_data(header, reader);
}

}  // namespace

std::map<std::string, AnyTensor> read_npz(const std::filesystem::path& path) {
  const std::vector<std::byte> file = read_file(path);
  const Archive archive = open_archive(file, path.string());
  std::map<std::string, AnyTensor> arrays;
  require_own_bytes(archive.get(), file.size(), path.string());
  for (zip_uint64_t i = 0; i < entry_count(archive.get()); ++i) {
    const std::string name = checked_entry(archive.get(), i, path.string()).name;
    if (!name.ends_with(".npy"))
      fail_archive(path.string(), fmt::format("entry '{}' is not an array (.npy)", name));
    const std::string key = name.substr(0, name.size() - 4);
    const std::string where = fmt::format("{}: {}", path.string(), key);
    arrays.emplace(key, read_entry(archive.get(), i, where));  // once: ZIP_CHECKCONS refuses a second
  }
  if (arrays.empty()) fail_archive(path.string(), "the archive holds no array");
  return arrays;
}

namespace {

// Name and bytes of each file of an archive.
using Entries = std::vector<std::pair<const char*, std::string>>;

template <class T>
std::string array_bytes(const std::string& descr, std::span<const T> values) {
  return npy_header_text(descr, {static_cast<std::int64_t>(values.size())}) +
         std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

}  // namespace

// Non-zero entries row by row; written as one archive at the end.
struct CsrMatrixWriter::State {
  std::filesystem::path path;
  std::int64_t cols = 0;
  std::int64_t most_narrow = 0;
  std::vector<float> data;
  std::vector<std::int32_t> indices;
  std::vector<std::int64_t> indptr{0};

  // scipy wants indices and indptr of one type.
  template <class Index>
  [[nodiscard]] Entries entries() const {
    const std::string descr = fmt::format("<i{}", sizeof(Index));
    const std::vector<std::int64_t> shape = {static_cast<std::int64_t>(indptr.size()) - 1, cols};
    return {{"data.npy", array_bytes<float>("<f4", data)},
            {"indices.npy", array_bytes<Index>(descr, std::vector<Index>(indices.begin(), indices.end()))},
            {"indptr.npy", array_bytes<Index>(descr, std::vector<Index>(indptr.begin(), indptr.end()))},
            {"shape.npy", array_bytes<std::int64_t>("<i8", shape)},
            {"format.npy", npy_header_text("|S3", {}) + "csr"}};
  }
};

CsrMatrixWriter::CsrMatrixWriter(const std::filesystem::path& path, std::int64_t cols,
                                 std::int64_t most_narrow)
    : state_(new State) {
  state_->path = path;
  state_->cols = cols;
  state_->most_narrow = most_narrow;
}

CsrMatrixWriter::~CsrMatrixWriter() = default;

void CsrMatrixWriter::append(ConstMatrixView<float> block) {
  for (std::int64_t r = 0; r < block.rows; ++r) {
    for (std::int64_t c = 0; c < block.cols; ++c) {
      if (block(r, c) == 0.0F) continue;
      state_->data.push_back(block(r, c));
      state_->indices.push_back(static_cast<std::int32_t>(c));
    }
    state_->indptr.push_back(static_cast<std::int64_t>(state_->data.size()));
  }
}

namespace {

// Adds entries that live as long as the archive, with a fixed time stamp so that the bytes repeat.
void add_entry(zip_t* archive, const char* name, const std::string& bytes, const std::string& where) {
  Source source(zip_source_buffer(archive, bytes.data(), bytes.size(), 0));
  const zip_int64_t index = source ? zip_file_add(archive, name, source.get(), ZIP_FL_ENC_UTF_8) : -1;
  if (index < 0) fail_writing_zip(zip_get_error(archive), where);
  (void)source.release();
  constexpr zip_uint16_t kFirstOfJanuary1980 = 0x21;
  zip_file_set_dostime(archive, static_cast<zip_uint64_t>(index), 0, kFirstOfJanuary1980, 0);
  zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_DEFLATE, 1);
}

std::vector<std::byte> content_of(zip_source_t* source, const std::string& where) {
  zip_stat_t status;
  if (zip_source_stat(source, &status) != 0 || zip_source_open(source) != 0)
    fail_writing_zip(zip_source_error(source), where);
  std::vector<std::byte> bytes(status.size);
  const zip_int64_t got = zip_source_read(source, bytes.data(), bytes.size());
  if (got != static_cast<zip_int64_t>(bytes.size())) fail_writing_zip(zip_source_error(source), where);
  zip_source_close(source);
  return bytes;
}

}  // namespace

void CsrMatrixWriter::commit() {
  const State& s = *state_;
  const bool wide = static_cast<std::int64_t>(s.data.size()) > s.most_narrow;
  const Entries entries = wide ? s.entries<std::int64_t>() : s.entries<std::int32_t>();
  const std::string where = s.path.string();
  ZipError error;
  const Source memory(zip_source_buffer_create(nullptr, 0, 0, &error.value));
  if (!memory) fail_writing_zip(&error.value, where);
  zip_source_keep(memory.get());
  Source of_archive(memory.get());
  Archive archive(zip_open_from_source(of_archive.get(), ZIP_TRUNCATE, &error.value));
  if (!archive) fail_writing_zip(&error.value, where);
  (void)of_archive.release();
  for (const auto& [name, bytes] : entries) add_entry(archive.get(), name, bytes, where);
  if (zip_close(archive.get()) != 0) fail_writing_zip(zip_get_error(archive.get()), where);
  (void)archive.release();
  const std::vector<std::byte> bytes = content_of(memory.get(), where);
  AtomicFile file(s.path);
  file.write(bytes);
  file.commit();
}

}  // namespace wta
