#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include "io/npy.h"
#include "io/zip_files.h"
#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_support::message_of;
using testing_support::read_bytes;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;
using testing_support::zip_archive;
using testing_support::zip_header;
using testing_support::ZipMember;

std::string npz_refusal(const std::string& archive) {
  const TemporaryFolder folder;
  const auto path = write_bytes(folder.path() / "bad.npz", archive);
  return message_of<DataError>([&] { (void)read_npz(path); });
}

// An archive of one file, whose packed bytes are zeros.
std::string archive_of(const ZipMember& member) {
  return zip_archive(zip_header(member) + std::string(member.packed_bytes, '\0'), {member});
}

TEST(Npz, AFilePackedByAnotherMethodIsRefused) {
  EXPECT_THAT(npz_refusal(archive_of({.name = "a.npy", .packed_bytes = 9, .bytes = 9, .method = 12})),
              HasSubstr("bad.npz: entry 0: the entry must be stored or deflated; got method 12"));
}

TEST(Npz, AFileThatCannotUnpackToItsSizeIsRefused) {
  EXPECT_THAT(npz_refusal(archive_of({.name = "a.npy", .packed_bytes = 9, .bytes = 1'000'000, .method = 8})),
              HasSubstr("bad.npz: entry 0: the entry cannot unpack from 9 to 1000000 bytes"));
}

TEST(Npz, FilesWithinEachOtherAreRefused) {
  std::vector<ZipMember> members;
  std::string content(1'000, '\0');
  for (const char* name : {"a.npy", "b.npy"}) {
    members.push_back({.name = name, .packed_bytes = content.size(), .bytes = content.size()});
    content = zip_header(members.back()) + content;
  }
  members.front().offset = content.size() - members.front().packed_bytes - 35;
  const std::string archive = zip_archive(content, members);
  EXPECT_THAT(npz_refusal(archive),
              HasSubstr("bad.npz: the entries must not share bytes; they take more than "
                        "the file's " +
                        std::to_string(archive.size())));
}

TEST(Npz, ANameThatStandsTwiceIsRefused) {
  const ZipMember first{.name = "a.npy"};
  const std::string header = zip_header(first);
  const ZipMember second{.name = "a.npy", .offset = header.size()};
  EXPECT_THAT(npz_refusal(zip_archive(header + header, {first, second})),
              HasSubstr("bad.npz: not a readable npz (zip) archive: File already exists"));
}

// An array of an archive that other programs read.
AnyTensor array_in(const std::filesystem::path& archive, const char* name) {
  zip_t* zip = zip_open(archive.c_str(), ZIP_RDONLY, nullptr);
  zip_file_t* file = zip_fopen(zip, name, 0);
  std::string bytes(4'096, '\0');
  bytes.resize(static_cast<std::size_t>(zip_fread(file, bytes.data(), bytes.size())));
  zip_fclose(file);
  zip_discard(zip);
  const TemporaryFolder folder;
  return read_npy(write_bytes(folder.path() / "array.npy", bytes));
}

template <class Index>
void expect_indices(const std::filesystem::path& archive) {
  EXPECT_THAT(std::get<Tensor<Index>>(array_in(archive, "indices.npy")).span(), ElementsAre(1, 0, 2));
  EXPECT_THAT(std::get<Tensor<Index>>(array_in(archive, "indptr.npy")).span(), ElementsAre(0, 1, 3));
}

TEST(CsrMatrixWriter, IndicesAreWiderWhereThereAreMoreEntriesThanNarrowOnesCount) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "c.npz";
  for (const std::int64_t most_narrow : {3, 2}) {
    CsrMatrixWriter writer(path, 3, most_narrow);
    writer.append(Tensor<float>({2, 3}, std::vector<float>{0, 5, 0, 6, 0, 7}).matrix());
    writer.commit();
    if (most_narrow == 3)
      expect_indices<std::int32_t>(path);
    else
      expect_indices<std::int64_t>(path);
    EXPECT_THAT(std::get<Tensor<float>>(array_in(path, "data.npy")).span(), ElementsAre(5, 6, 7));
    EXPECT_THAT(std::get<Tensor<std::int64_t>>(array_in(path, "shape.npy")).span(), ElementsAre(2, 3));
  }
}

TEST(CsrMatrixWriter, WritesAnArchiveThatReadsBack) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "c.npz";
  const Tensor<float> block({2, 3}, std::vector<float>{0, 5, 0, 6, 0, 7});
  CsrMatrixWriter writer(path, 3);
  writer.append(block.matrix());
  writer.append(Tensor<float>({1, 3}).matrix());
  writer.commit();
  EXPECT_THROW((void)read_npz(path), DataError);  // 'format' is text, which arrays of ours never are
  const std::string bytes = read_bytes(path);
  CsrMatrixWriter again(path, 3);
  again.append(block.matrix());
  again.append(Tensor<float>({1, 3}).matrix());
  again.commit();
  EXPECT_EQ(read_bytes(path), bytes);
}

}  // namespace
}  // namespace wta
