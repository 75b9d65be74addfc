#include "report/report_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/small_data.h"
#include "wta/classifier.h"

namespace wta {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::small_data;

// The data of the page, read back as a browser would.
nlohmann::json data_in(const std::string& page) {
  const std::string begin = "id=\"data\">";
  const std::size_t from = page.find(begin) + begin.size();
  return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

std::int64_t occurrences(const std::string& text, const std::string& part) {
  std::int64_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

ReportContent content_of(const Model& model, Split split, const std::vector<std::string>& classes) {
  ReportContent content{
      .model = model, .made_by = "a test", .run = "run", .data = "bumps", .units_shown = 1000};
  content.split = "training";
  content.available = split.samples.count();
  for (std::int64_t n = 0; n < split.samples.count(); ++n) content.rows.push_back(10 * n);
  content.samples = std::move(split);
  content.class_names = classes;
  for (std::int64_t s = 0; s < std::ssize(model.stages); ++s) {
    content.features.push_back(
        gather_features({.threads = 1}, model, s, content.samples, std::ssize(classes)));
  }
  return content;
}

Split labelled_bumps(std::int64_t count, std::int32_t classes) {
  Split split{.samples = small_data(count), .labels = {}};
  for (std::int32_t n = 0; n < count; ++n) split.labels.push_back(n % classes);
  return split;
}

TEST(ReportPage, HoldsEveryFeatureMostUsedFirst) {
  Model model = make_model({.arch = "9fc"}, {36}, 1);
  model.top().usage = {0, 5, 1, 5, 0, 0, 0, 0, 9};
  model.top().summary.epochs = 1;
  ReportContent content = content_of(model, labelled_bumps(60, 3), {"a", "b", "c"});
  const nlohmann::json all = data_in(report_page(content));
  const nlohmann::json& stage = all["stages"][0];
  std::vector<int> units;
  for (const nlohmann::json& feature : stage["features"]) units.push_back(feature["unit"]);
  EXPECT_EQ(units, (std::vector<int>{8, 1, 3, 2, 0, 4, 5, 6, 7}));
  EXPECT_EQ(stage["features"][1]["usage"], 5);
  EXPECT_EQ(stage["sprites"]["count"], 9);
  EXPECT_EQ(stage["options"]["arch"], "9fc");
  EXPECT_EQ(all["data"]["samples"], 60);
  content.units_shown = 2;
  const nlohmann::json two = data_in(report_page(content));
  EXPECT_EQ(two["stages"][0]["features"].size(), 2U);
  EXPECT_EQ(two["stages"][0]["units"], 9);
}

TEST(ReportPage, NamesTheStrongestInputsByTheirPlaceInTheSplit) {
  const Model model = make_model({.arch = "4fc"}, {36}, 1);
  const ReportContent content = content_of(model, labelled_bumps(50, 2), {"a", "b"});
  const nlohmann::json data = data_in(report_page(content));
  for (const nlohmann::json& feature : data["stages"][0]["features"]) {
    const std::int64_t unit = feature["unit"];
    const auto& strongest = content.features[0].statistics.units()[static_cast<std::size_t>(unit)].strongest;
    ASSERT_EQ(feature["top"].size(), strongest.size());
    for (std::size_t i = 0; i < strongest.size(); ++i) {
      const std::size_t input = feature["top"][i][0];
      EXPECT_EQ(data["inputs"]["rows"][input], 10 * strongest[i].sample);
      EXPECT_EQ(data["inputs"]["labels"][input], strongest[i].sample % 2);
      EXPECT_NEAR(feature["top"][i][1].get<double>(), strongest[i].activation,
                  1e-3 * strongest[i].activation);
    }
  }
  EXPECT_EQ(data["inputs"]["sprites"]["count"], data["inputs"]["rows"].size());
}

TEST(ReportPage, CannotBeLeftByAnyText) {
  const std::string hostile = "</script><img src=x onerror=alert(1)>\"'\u2028\u202e{{SCRIPT}}\xff";
  const Model model = make_model({.arch = "3fc"}, {36}, 1);
  ReportContent content = content_of(model, labelled_bumps(20, 2), {hostile, "]]>&amp;<!--"});
  content.run = content.data = hostile;
  const std::string page = report_page(content);
  EXPECT_EQ(occurrences(page, "</script"), 2);
  EXPECT_EQ(occurrences(page, "<script"), 2);
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, Not(HasSubstr("<!--")));
  EXPECT_THAT(page, Not(HasSubstr("\u2028")));
  EXPECT_THAT(data_in(page)["run"].get<std::string>(), HasSubstr("</script><img src=x onerror=alert(1)>\"'"));
  EXPECT_EQ(data_in(page)["classes"][1], "]]>&amp;<!--");
}

TEST(ReportPage, LetsNoScriptRunButItsOwnAndNothingLoad) {
  const Model model = make_model({.arch = "3fc"}, {36}, 1);
  ReportContent content = content_of(model, labelled_bumps(20, 2), {"a", "b"});
  const std::string page = report_page(content);
  EXPECT_THAT(page, HasSubstr("default-src 'none'; script-src 'sha256-"));
  EXPECT_THAT(page, Not(HasSubstr("connect-src")));
  EXPECT_THAT(page, Not(HasSubstr("unsafe")));
  content.live = LivePage{.version = "v"};
  EXPECT_THAT(report_page(content), HasSubstr("connect-src 'self'"));
  // `printf 'a' | openssl dgst -sha256 -binary | base64`
  EXPECT_THAT(content_security_policy("a", "", false),
              HasSubstr("script-src 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='"));
}

TEST(ReportPage, OfAThousandFeaturesStaysBelowTenMegabytes) {
  const Model model = make_model({.arch = "1000fc"}, {40, 40, 3}, 1);  // noise, which does not compress
  Tensor<float> values({300, 40, 40, 3});
  for (std::int64_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * 7919 % 1009) / 1009;
  Split split{.samples = Samples(std::move(values)), .labels = std::vector<std::int32_t>(300, 0)};
  split.labels[1] = 1;
  const std::string page = report_page(content_of(model, std::move(split), {"a", "b"}));
  EXPECT_LT(page.size(), 10'000'000U);
  EXPECT_GT(page.size(), 1'000'000U);
}

TEST(ReportPage, ShowsConfusionsAsATableOrAsPairs) {
  const Model model = make_model({.arch = "3fc"}, {36}, 1);
  ReportContent content = content_of(model, labelled_bumps(20, 2), {"a", "b"});
  content.classification =
      Classification{.split = "test",
                     .stages = "top",
                     .counts = Tensor<std::int64_t>({2, 2}, std::vector<std::int64_t>{7, 2, 1, 5}),
                     .available = 20};
  const nlohmann::json small = data_in(report_page(content))["classification"];
  EXPECT_EQ(small["errors"], 3);
  EXPECT_EQ(small["samples"], 15);
  EXPECT_EQ(small["counts"][0][1], 2);
  EXPECT_EQ(small["confused"], nlohmann::json::parse("[[2,0,1],[1,1,0]]"));
  content.classification->counts = Tensor<std::int64_t>({51, 51});
  content.classification->counts[1] = 4;
  const nlohmann::json large = data_in(report_page(content))["classification"];
  EXPECT_FALSE(large.contains("counts"));
  EXPECT_EQ(large["confused"], nlohmann::json::parse("[[4,0,1]]"));
}

TEST(ReportPage, WithoutAModelHasNoFeatures) {
  const Model none;
  const nlohmann::json data = data_in(report_page({.model = none, .run = "run", .live = LivePage{}}));
  EXPECT_TRUE(data["stages"].empty());
  EXPECT_EQ(data["live"]["version"], "");
}

}  // namespace
}  // namespace wta
