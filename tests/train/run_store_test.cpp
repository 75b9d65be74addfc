#include "train/run_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/files.h"
#include "support/temporary_folder.h"
#include "train/metrics_file.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing_support::message_of;
using testing_support::read_bytes;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;

// What a run that goes on after `step` of `stage` keeps of a metrics.jsonl.
std::string kept_of(const std::string& content, std::int64_t stage, std::int64_t step) {
  const TemporaryFolder folder;
  const auto path = write_bytes(folder.path() / "metrics.jsonl", content);
  { const MetricsFile file(path, stage, step); }
  return read_bytes(path);
}

TEST(MetricsFile, KeepsTheLinesUpToTheStepThatARunGoesOnFrom) {
  const std::string first = "{\"stage\":1,\"step\":10}\n";
  const std::string second = "{\"stage\":1,\"step\":20}\n";
  const std::string above = "{\"stage\":2,\"step\":5}\n";
  const std::string all = first + second + above;
  EXPECT_EQ(kept_of(all, 1, 0), "");
  EXPECT_EQ(kept_of(all, 1, 10), first);
  EXPECT_EQ(kept_of(all, 1, 19), first);
  EXPECT_EQ(kept_of(all, 1, 20), first + second);
  EXPECT_EQ(kept_of(all, 2, 0), first + second);
  EXPECT_EQ(kept_of(all, 2, 5), all);
}

TEST(MetricsFile, ALineThatNoRunWroteEndsWhatIsKept) {
  const std::string good = "{\"stage\":1,\"step\":10}\n";
  for (const std::string bad : {"{\"stage\":1,\"st", "[1]", "7", "{\"step\":5}", "{\"stage\":1}",
                                "{\"stage\":1,\"step\":\"5\"}", "{\"stage\":1,\"step\":1.5}"}) {
    EXPECT_EQ(kept_of(good + bad + "\n" + good, 1, 30), good) << bad;
  }
}

TEST(MetricsFile, IsMadeWhereItIsMissing) {
  const TemporaryFolder folder;
  { const MetricsFile file(folder.path() / "metrics.jsonl", 2, 0); }
  EXPECT_EQ(read_bytes(folder.path() / "metrics.jsonl"), "");
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "metrics.jsonl"));
}

TEST(MetricsFile, WhereNoneCanBeIsRefusedByName) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "metrics.jsonl";
  std::filesystem::create_directory(path);
  EXPECT_THAT(message_of<IoError>([&] { const MetricsFile file(path, 1, 5); }),
              AllOf(HasSubstr(path.string()), HasSubstr("not a regular file")));
  for (const std::int64_t step : {0, 5}) {
    const auto nowhere = folder.path() / "missing" / "metrics.jsonl";
    EXPECT_THAT(message_of<IoError>([&] { const MetricsFile file(nowhere, 1, step); }),
                AllOf(HasSubstr(nowhere.string()), HasSubstr("No such file or directory")));
  }
}

TEST(RunStore, AFolderThatCannotBeMadeIsRefusedWithTheReason) {
  const TemporaryFolder folder;
  const auto file = write_bytes(folder.path() / "file", "x");
  EXPECT_THAT(message_of<IoError>([&] { (void)lock_run(file / "run", {}); }),
              AllOf(HasSubstr((file / "run").string() + ": the run folder cannot be prepared: "),
                    HasSubstr("Not a directory. Try: another --out.")));
}

}  // namespace
}  // namespace wta
