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
    EXPECT_FALSE(entry.class_names.empty()) << entry.name;
    EXPECT_EQ(entry.files.empty(), entry.mirrors.empty()) << entry.name;
    for (const std::string& mirror : entry.mirrors)
      EXPECT_TRUE(mirror.starts_with("https://") && mirror.ends_with('/')) << mirror;
    for (const PublishedFile& file : entry.files) {
      EXPECT_GT(file.bytes, 0) << file.name;
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

TEST(Registry, KnownDatasetsSayWhatADownloadCosts) {
  const auto known = known_datasets();
  ASSERT_EQ(known.size(), 3U);
  EXPECT_EQ(known[0].name, "digits");
  EXPECT_TRUE(known[0].available);
  EXPECT_EQ(known[0].download_bytes, 0);
  EXPECT_EQ(known[1].download_bytes, 9912422 + 28881 + 1648877 + 4542);
}

}  // namespace
}  // namespace wta
