#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

TEST(Architecture, ListsTheUnitsOfEachLayer) {
  EXPECT_EQ(parse_architecture("2000fc"), (std::vector<std::int64_t>{2000}));
  EXPECT_EQ(parse_architecture("1000fc-2000fc"), (std::vector<std::int64_t>{1000, 2000}));
}

TEST(Architecture, ABrokenRuleIsRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "at least one layer"},        {"0fc", "at least one unit"},
      {"fc2000", "number of units"},     {"2000", "number of units"},
      {"-2000fc", "number of units"},    {"1000fc-", "number of units"},
      {"2000fc-784deconv11", "implied"}, {"64conv5", "fully connected"},
      {"2000fcx", "number of units"},    {"99999999999999999999fc", "at most"},
      {"2000000000fc", "at most"},       {"2000 fc", "number of units"}};
  for (const auto& [text, rule] : cases) {
    try {
      (void)parse_architecture(text);
      ADD_FAILURE() << "'" << text << "' was accepted";
    } catch (const InvalidArgument& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(rule)) << text;
      EXPECT_THAT(error.what(), testing::HasSubstr("Try: ")) << text;
    }
  }
}

TEST(Model, TyingSeveralLayersIsRefused) {
  EXPECT_THROW((void)make_model({.arch = "8fc-9fc", .tied = "yes"}, {4}, 1), InvalidArgument);
}

TEST(Model, TiedIsTheDefaultForOneLayerOnly) {
  EXPECT_TRUE(make_model({.arch = "8fc"}, {4}, 1).network.tied());
  EXPECT_FALSE(make_model({.arch = "8fc-9fc"}, {4}, 1).network.tied());
  EXPECT_FALSE(make_model({.arch = "8fc", .tied = "no"}, {4}, 1).network.tied());
}

TEST(Model, FirstWeightsDependOnTheSeedOnly) {
  const Model a = make_model({.arch = "8fc"}, {4}, 1);
  const Model b = make_model({.arch = "8fc"}, {4}, 1);
  const Model c = make_model({.arch = "8fc"}, {4}, 2);
  EXPECT_THAT(a.network.encoder[0].weight.span(),
              testing::ElementsAreArray(b.network.encoder[0].weight.span()));
  EXPECT_NE(a.network.encoder[0].weight[0], c.network.encoder[0].weight[0]);
}

TEST(Model, PicturesShowTheMostUsedUnitFirstAndTiesInOrder) {
  Model model = make_model({.arch = "4fc"}, {2}, 1);
  model.usage = {3, 9, 3, 0};
  EXPECT_EQ(units_by_usage(model), (std::vector<std::int64_t>{1, 0, 2, 3}));
}

}  // namespace
}  // namespace wta
