#include "io/event_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/event_records.h"
#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::message_of;
using testing_support::read_bytes;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;

std::vector<std::string> records_of(const fs::path& path) {
  RecordReader reader(path);
  std::vector<std::string> records;
  while (auto record = reader.next()) records.push_back(std::move(*record));
  return records;
}

// A file of three events, of steps 10, 20 and 30.
fs::path three_events(const fs::path& folder) {
  EventFile file(folder / "events", 0);
  for (const std::int64_t step : {10, 20, 30}) {
    EventSummary summary;
    summary.add_scalar("loss", static_cast<double>(step));
    file.append(step, summary);
  }
  return folder / "events";
}

// TensorBoard's own checksums (pywrap_tensorflow.masked_crc32c) of the length and of the data.
TEST(EventRecords, AreFramedAsTensorBoardReadsThem) {
  EXPECT_EQ(framed("winner"), std::string("\x06\0\0\0\0\0\0\0\x73\x69\xd5\x37winner\x60\xf9\x99\x10", 22));
}

TEST(EventRecords, GiveTheirDataBack) {
  const TemporaryFolder folder;
  const std::string large(100'000, 'y');
  const auto path = write_bytes(folder.path() / "f", framed("one") + framed("") + framed(large));
  RecordReader reader(path);
  EXPECT_EQ(reader.next(), "one");
  EXPECT_EQ(reader.offset(), framed("one").size());
  EXPECT_EQ(reader.next(), "");
  EXPECT_EQ(reader.next(), large);
  EXPECT_EQ(reader.next(), std::nullopt);
  EXPECT_EQ(reader.offset(), fs::file_size(path));
}

TEST(EventRecords, OfAFileCutAnywhereTheWholeOnesAreRead) {
  const TemporaryFolder folder;
  const std::string first = framed("first");
  const std::string all = first + framed("second");
  for (std::size_t length = 0; length < all.size(); ++length) {
    RecordReader reader(write_bytes(folder.path() / "f", all.substr(0, length)));
    const bool whole = length >= first.size();
    EXPECT_EQ(reader.next(), whole ? std::optional<std::string>("first") : std::nullopt) << length;
    EXPECT_EQ(reader.next(), std::nullopt) << length;
    EXPECT_EQ(reader.offset(), whole ? first.size() : 0U) << length;
  }
}

TEST(EventRecords, NoFlippedBitIsReadAsData) {
  const TemporaryFolder folder;
  const std::string first = framed("first");
  const std::string all = first + framed("second");
  for (std::size_t bit = first.size() * 8; bit < all.size() * 8; ++bit) {
    std::string flipped = all;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_THAT(records_of(write_bytes(folder.path() / "f", flipped)), ElementsAre("first")) << "bit " << bit;
  }
}

TEST(EventRecords, OfWhatCannotBeReadAreAnIoErrorThatNamesTheFile) {
  const TemporaryFolder folder;
  for (const auto& [path, reason] : std::vector<std::pair<fs::path, std::string>>{
           {folder.path() / "none", "No such file"}, {folder.path(), "Is a directory"}}) {
    EXPECT_THAT(message_of<IoError>([&] { (void)records_of(path); }),
                AllOf(HasSubstr(path.string() + ": the event file cannot be read"), HasSubstr(reason),
                      HasSubstr("Try: check its permissions")));
  }
}

TEST(EventFile, BeginsWithTheVersionOfTheFormat) {
  const TemporaryFolder folder;
  { EventFile(folder.path() / "events", 0); }
  EXPECT_THAT(records_of(folder.path() / "events"), ElementsAre(HasSubstr("brain.Event:2")));
}

TEST(EventFile, OpenedAgainKeepsTheEventsUpToTheStep) {
  const TemporaryFolder folder;
  const fs::path path = three_events(folder.path());
  const std::vector<std::string> before = records_of(path);
  ASSERT_EQ(before.size(), 4U);
  for (const auto& [step, kept] : std::vector<std::pair<std::int64_t, std::size_t>>{
           {1'000, 4}, {30, 4}, {29, 3}, {20, 3}, {10, 2}, {9, 1}, {0, 1}}) {
    {
      EventFile(path, step);
    }
    EXPECT_EQ(records_of(path),
              std::vector(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(kept)))
        << step;
  }
}

TEST(EventFile, GoesOnBehindWhatWasKept) {
  const TemporaryFolder folder;
  const fs::path path = three_events(folder.path());
  EventFile file(path, 20);
  EventSummary summary;
  summary.add_scalar("loss", 0.5);
  file.append(40, summary);
  const std::vector<std::string> records = records_of(path);  // while the file is open
  ASSERT_EQ(records.size(), 4U);
  EXPECT_THAT(records.back(), HasSubstr(std::string("\x10\x28\x2a", 3)));  // step 40, then a summary
}

TEST(EventFile, AHalfWrittenEventIsCutOff) {
  const TemporaryFolder folder;
  const fs::path path = three_events(folder.path());
  const std::vector<std::string> before = records_of(path);
  const std::string whole = read_bytes(path);
  const std::size_t last = framed(before.back()).size();
  for (std::size_t missing = 1; missing <= last; ++missing) {
    write_bytes(path, whole.substr(0, whole.size() - missing));
    { EventFile(path, 30); }
    EXPECT_EQ(read_bytes(path), whole.substr(0, whole.size() - last)) << missing;
  }
}

TEST(EventFile, BehindADamagedEventNothingIsKept) {
  const TemporaryFolder folder;
  const fs::path path = three_events(folder.path());
  const std::vector<std::string> before = records_of(path);
  std::string bytes = read_bytes(path);
  bytes[framed(before[0]).size() + framed(before[1]).size() + 20] ^= 1;
  write_bytes(path, bytes);
  { EventFile(path, 30); }
  EXPECT_EQ(records_of(path), std::vector(before.begin(), before.begin() + 2));
}

TEST(EventFile, AFileWithoutAWholeRecordBeginsAnew) {
  const TemporaryFolder folder;
  const fs::path path = write_bytes(folder.path() / "events", "nonsense that is no record");
  { EventFile(path, 30); }
  EXPECT_THAT(records_of(path), ElementsAre(HasSubstr("brain.Event:2")));
}

TEST(EventFile, ARecordThatIsNoEventIsADataErrorThatNamesItsByte) {
  const TemporaryFolder folder;
  const fs::path path = three_events(folder.path());
  const auto size = fs::file_size(path);
  for (const std::string record :
       {"\x0b", "\x0a\x50", "\x09short", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    write_bytes(path, read_bytes(path).substr(0, size) + framed(record));
    EXPECT_THAT(message_of<DataError>([&] { EventFile(path, 30); }),
                AllOf(HasSubstr(path.string()), HasSubstr("at byte " + std::to_string(size))));
  }
}

TEST(EventFile, WhatCannotBeWrittenIsAnIoErrorThatNamesTheFile) {
  EXPECT_THAT(message_of<IoError>([] { EventFile("/no/such/folder/events", 0); }),
              AllOf(HasSubstr("/no/such/folder/events"), HasSubstr("--events off")));
  const TemporaryFolder folder;
  EXPECT_THAT(message_of<IoError>([&] { EventFile(folder.path(), 0); }), HasSubstr(folder.path().string()));
}

}  // namespace
}  // namespace wta
