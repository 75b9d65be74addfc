#include "data/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>

#include "data/test_files.h"
#include "io/sha256.h"
#include "support/files.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using testing::counting_bytes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;
using testing::ScopedVariable;
using testing::TempFolder;
using testing_support::read_bytes;

namespace fs = std::filesystem;

constexpr std::size_t kSize = 200000;

// A web server on a loopback port that ends with the test.
class Fetch : public ::testing::Test {
 protected:
  void SetUp() override {
    content_ = counting_bytes(kSize);
    const fs::path file = served_.write("set.gz", content_);
    sum_ = sha256_of_file(file);
    const std::string command =
        std::string("exec python3 " WTA_LOOPBACK_SERVER " ") + served_.path().string();
    server_ = popen(command.c_str(), "r");
    if (server_ == nullptr || std::fscanf(server_, "%d %d", &process_, &port_) != 2)
      GTEST_SKIP() << "python3 cannot serve on a loopback port";
  }

  void TearDown() override {
    if (process_ > 0) kill(process_, SIGTERM);
    if (server_ != nullptr) pclose(server_);
  }

  std::string mirror(const std::string& way) const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/" + way + "/";
  }

  FetchPlan plan(std::vector<std::string> mirrors) const {
    return {"set",
            {{"set.gz", static_cast<std::int64_t>(kSize), sum_}},
            std::move(mirrors),
            cache_.path() / "set",
            MirrorRule::allow_http_loopback};
  }

  std::string failure(const FetchPlan& what) const {
    return message_of<IoError>([&] { fetch_files(what, {}); });
  }

  std::string fetched() const { return read_bytes(cache_.path() / "set/set.gz"); }
  bool part_exists() const { return fs::exists(cache_.path() / "set/set.gz.part"); }
  std::string requests() const { return read_bytes(served_.path() / "requests.log"); }

  TempFolder served_;
  TempFolder cache_;
  std::string content_;
  std::string sum_;
  std::FILE* server_ = nullptr;
  int process_ = 0;
  int port_ = 0;
};

TEST_F(Fetch, BringsTheFileAndReportsProgress) {
  std::int64_t last = 0;
  fetch_files(plan({mirror("plain")}), [&](const FetchProgress& progress) {
    EXPECT_EQ(progress.file, "set.gz");
    EXPECT_EQ(progress.total_bytes, static_cast<std::int64_t>(kSize));
    last = progress.received_bytes;
  });
  EXPECT_EQ(last, static_cast<std::int64_t>(kSize));
  EXPECT_TRUE(fetched() == content_);
  EXPECT_FALSE(part_exists());
}

TEST_F(Fetch, WhatIsThereIsNotFetchedAgain) {
  fetch_files(plan({mirror("plain")}), {});
  fetch_files(plan({mirror("plain")}), {});
  EXPECT_EQ(requests(), "/plain/set.gz -\n");
}

TEST_F(Fetch, ADamagedFileIsFetchedAgain) {
  cache_.write("set/set.gz", "damaged");
  fetch_files(plan({mirror("plain")}), {});
  EXPECT_TRUE(fetched() == content_);
}

TEST_F(Fetch, ABrokenDownloadGoesOnWhereItStopped) {
  EXPECT_THAT(failure(plan({mirror("broken")})), HasSubstr("/broken/set.gz: "));
  EXPECT_TRUE(part_exists());
  EXPECT_FALSE(fs::exists(cache_.path() / "set/set.gz"));
  fetch_files(plan({mirror("ranged")}), {});
  EXPECT_TRUE(fetched() == content_);
  EXPECT_EQ(requests(), "/broken/set.gz -\n/ranged/set.gz bytes=100000-\n");
}

TEST_F(Fetch, AServerWithoutRangesStartsAgain) {
  cache_.write("set/set.gz.part", content_.substr(0, 1000));
  fetch_files(plan({mirror("plain")}), {});
  EXPECT_TRUE(fetched() == content_);
  EXPECT_EQ(requests(), "/plain/set.gz bytes=1000-\n");
}

TEST_F(Fetch, AWrongPartIsThrownAwayAndFetchedFromTheStart) {
  cache_.write("set/set.gz.part", "not the first bytes");
  fetch_files(plan({mirror("ranged")}), {});
  EXPECT_TRUE(fetched() == content_);
  EXPECT_EQ(requests(), "/ranged/set.gz bytes=19-\n/ranged/set.gz -\n");
}

TEST_F(Fetch, ACompletePartNeedsNoMirror) {
  cache_.write("set/set.gz.part", content_);
  fetch_files(plan({}), {});
  EXPECT_TRUE(fetched() == content_);
}

TEST_F(Fetch, AMissingFileLeadsToTheNextMirror) {
  fetch_files(plan({mirror("nowhere"), mirror("broken"), mirror("ranged")}), {});
  EXPECT_TRUE(fetched() == content_);
  EXPECT_EQ(requests(), "/nowhere/set.gz -\n/broken/set.gz -\n/ranged/set.gz bytes=100000-\n");
}

TEST_F(Fetch, AWrongChecksumIsRefused) {
  std::string other = content_;
  other[5] = 'x';
  served_.write("set.gz", other);
  EXPECT_THAT(failure(plan({mirror("plain")})), AllOf(HasSubstr("SHA-256"), HasSubstr(sum_)));
  EXPECT_FALSE(part_exists());
  EXPECT_FALSE(fs::exists(cache_.path() / "set/set.gz"));
}

TEST_F(Fetch, AFileOfAnotherSizeIsRefused) {
  served_.write("set.gz", content_ + "x");
  EXPECT_THAT(failure(plan({mirror("plain")})), HasSubstr("more than the published 200000 bytes"));
  EXPECT_FALSE(part_exists());
  served_.write("set.gz", content_.substr(1));
  EXPECT_THAT(failure(plan({mirror("plain")})), HasSubstr("199999 bytes instead of 200000"));
  EXPECT_FALSE(part_exists());
}

TEST_F(Fetch, ARedirectToPlainHttpOrToAFileIsNotFollowed) {
  const std::string message = failure(plan({mirror("to-http"), mirror("to-file")}));
  EXPECT_THAT(message, AllOf(HasSubstr("/to-http/set.gz: "), HasSubstr("/to-file/set.gz: ")));
  EXPECT_EQ(requests(), "/to-http/set.gz -\n/to-file/set.gz -\n");
  EXPECT_FALSE(part_exists());
  EXPECT_FALSE(fs::exists(cache_.path() / "set/set.gz"));
}

TEST_F(Fetch, AnEndlessBodyIsCutAtThePublishedSize) {
  EXPECT_THAT(failure(plan({mirror("endless")})), HasSubstr("more than the published 200000 bytes"));
  EXPECT_FALSE(part_exists());
}

TEST_F(Fetch, WithoutANetworkEveryMirrorAndTheWayOutAreNamed) {
  const std::string message =
      failure(plan({"http://127.0.0.1:1/", mirror("nowhere"), "http://example.org/", "ftp://127.0.0.1/"}));
  EXPECT_THAT(message, AllOf(HasSubstr("http://127.0.0.1:1/set.gz: "), HasSubstr("HTTP 404"),
                             HasSubstr("http://example.org/set.gz: only https"),
                             HasSubstr("ftp://127.0.0.1/set.gz: only"), HasSubstr("wta data fetch set"),
                             HasSubstr("--data digits")));
}

TEST_F(Fetch, PlainHttpIsNotUsedOutsideTests) {
  FetchPlan strict = plan({mirror("plain")});
  strict.rule = MirrorRule::https_only;
  EXPECT_THAT(failure(strict), HasSubstr("only https addresses are used"));
  EXPECT_EQ(requests(), "");
}

TEST_F(Fetch, AnErrorInTheProgressFunctionEndsIt) {
  const auto stop = [](const FetchProgress&) { throw std::runtime_error("stop"); };
  EXPECT_THROW(fetch_files(plan({mirror("plain")}), stop), std::runtime_error);
  EXPECT_FALSE(fs::exists(cache_.path() / "set/set.gz"));
}

TEST_F(Fetch, AFolderThatCannotBeMadeIsNamed) {
  FetchPlan blocked = plan({mirror("plain")});
  blocked.folder = cache_.write("file", "x") / "set";
  EXPECT_THAT(failure(blocked), HasSubstr("XDG_CACHE_HOME"));
}

TEST(FetchDataset, BuiltInAndUnknownNamesAreRefused) {
  EXPECT_THROW(fetch_dataset("digits"), InvalidArgument);
  EXPECT_THAT(message_of<InvalidArgument>([] { fetch_dataset("mnits"); }), HasSubstr("Try: 'mnist'"));
}

TEST(FetchDataset, NeedsACacheFolder) {
  const ScopedVariable cache("XDG_CACHE_HOME", "");
  const ScopedVariable home("HOME", "");
  EXPECT_THAT(message_of<IoError>([] { fetch_dataset("mnist"); }), HasSubstr("no cache folder"));
}

}  // namespace
}  // namespace wta
