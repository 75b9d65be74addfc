#include "data/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "data/test_files.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::message_of;
using testing::ScopedVariable;
using testing::TempFolder;

TEST(Registry, EveryEntryIsWhole) {
  std::set<std::string> sums;
  for (const RegisteredDataset& entry : registered_datasets()) {
    EXPECT_FALSE(entry.description.empty()) << entry.name;
    EXPECT_FALSE(entry.licence.empty()) << entry.name;
    const int ways =
        (entry.files.empty() ? 1 : 0) + (entry.mirrors.empty() ? 0 : 1) + (entry.how_to_get.empty() ? 0 : 1);
    EXPECT_EQ(ways, 1) << entry.name << " is built in, or has mirrors, or says how to get it";
    EXPECT_EQ(entry.files.empty(), entry.read == nullptr) << entry.name;
    for (const std::string& mirror : entry.mirrors)
      EXPECT_TRUE(mirror.starts_with("https://") && mirror.ends_with('/')) << mirror;
    for (const PublishedFile& file : entry.files) {
      EXPECT_GT(file.bytes, 0) << file.name;
      EXPECT_EQ(file.name, std::filesystem::path(file.name).filename()) << "stays in the set's folder";
      if (file.sha256.empty()) {
        EXPECT_TRUE(entry.mirrors.empty()) << file.name << " could not be checked after a download";
        continue;
      }
      EXPECT_EQ(file.sha256.size(), 64U) << file.name;
      EXPECT_TRUE(sums.insert(file.sha256).second) << file.name << " repeats a sum";
    }
  }
}

TEST(Registry, AnUnknownNameIsAnsweredWithTheNearestAndTheList) {
  const std::string message =
      message_of<InvalidArgument>([] { static_cast<void>(require_dataset("fasion-mnist")); });
  EXPECT_THAT(message, AllOf(HasSubstr("digits, mnist, fashion-mnist"), HasSubstr("Try: 'fashion-mnist'")));
}

TEST(Registry, LooksInWtaDataFirstThenInTheCache) {
  const ScopedVariable data("WTA_DATA", "/own");
  const ScopedVariable cache("XDG_CACHE_HOME", "/cache");
  EXPECT_THAT(candidate_folders("mnist"), ::testing::ElementsAre("/own/mnist", "/cache/wta/mnist"));
}

TEST(Registry, CacheFallsBackToTheHomeFolder) {
  const ScopedVariable cache("XDG_CACHE_HOME", "");
  {
    const ScopedVariable home("HOME", "/home/someone");
    EXPECT_EQ(cache_folder(), "/home/someone/.cache/wta");
  }
  const ScopedVariable home("HOME", "");
  EXPECT_EQ(cache_folder(), std::nullopt);
}

TEST(Registry, AvailableWhenEveryFileIsThereInEitherForm) {
  const TempFolder folder;
  const ScopedVariable data("WTA_DATA", folder.path().string());
  const ScopedVariable cache("XDG_CACHE_HOME", folder.path().string());
  EXPECT_TRUE(is_available("digits"));
  EXPECT_FALSE(is_available("mnist"));
  for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte"})
    folder.write(std::string("mnist/") + name, "x");
  EXPECT_FALSE(is_available("mnist"));
  folder.write("mnist/t10k-labels-idx1-ubyte.gz", "x");
  EXPECT_TRUE(is_available("mnist"));
}

TEST(Registry, FilesCountInEveryPacking) {
  const TempFolder folder;
  folder.write("a.bin.xz", "x");
  folder.write("b.bin", "x");
  folder.write("c.bin.gz", "x");
  EXPECT_EQ(find_published(folder.path(), "a.bin"), folder.path() / "a.bin.xz");
  EXPECT_EQ(find_published(folder.path(), "b.bin.gz"), folder.path() / "b.bin");
  EXPECT_EQ(find_published(folder.path(), "c.bin.gz"), folder.path() / "c.bin.gz");
  EXPECT_EQ(find_published(folder.path(), "d.bin"), std::nullopt);
}

TEST(Registry, KnownDatasetsSayWhatADownloadCostsOrWhereToGoInstead) {
  const auto known = known_datasets();
  ASSERT_GE(known.size(), 4U);
  EXPECT_EQ(known[0].name, "digits");
  EXPECT_TRUE(known[0].available);
  EXPECT_EQ(known[0].download_bytes, 0);
  EXPECT_EQ(known[0].how_to_get, "");
  EXPECT_EQ(known[1].download_bytes, 9912422 + 28881 + 1648877 + 4542);
  EXPECT_EQ(known[1].how_to_get, "wta data fetch mnist");
  EXPECT_EQ(known[3].name, "cifar10");
  EXPECT_EQ(known[3].download_bytes, 0);
  EXPECT_THAT(known[3].how_to_get, HasSubstr("https://www.cs.toronto.edu/"));
}

}  // namespace
}  // namespace wta
