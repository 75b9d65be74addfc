#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

TEST(Architecture, ListsTheLayers) {
  const auto fc = [](std::int64_t units) { return LayerSpec{LayerKind::fc, units, 0}; };
  const auto conv = [](std::int64_t maps, std::int64_t kernel) {
    return LayerSpec{LayerKind::conv, maps, kernel};
  };
  EXPECT_EQ(parse_architecture("2000fc").encoder, (std::vector{fc(2000)}));
  EXPECT_EQ(parse_architecture("1000fc-2000fc").encoder, (std::vector{fc(1000), fc(2000)}));
  const Architecture deep = parse_architecture("64conv5-32conv3-128conv1-128deconv11");
  EXPECT_EQ(deep.encoder, (std::vector{conv(64, 5), conv(32, 3), conv(128, 1)}));
  EXPECT_EQ(deep.decoder_kernel, 11);
}

TEST(Architecture, ABrokenRuleIsRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "at least one layer"},
      {"0fc", "at least one unit"},
      {"fc2000", "number of units"},
      {"2000", "number of units"},
      {"-2000fc", "number of units"},
      {"1000fc-", "number of units"},
      {"2000fc-784deconv11", "implied"},
      {"2000fcx", "number of units"},
      {"99999999999999999999fc", "at most"},
      {"2000000000fc", "at most"},
      {"2000 fc", "number of units"},
      {"2000fc5", "no filter size"},
      {"64conv5", "ends in one deconvolution"},
      {"64conv", "states their size"},
      {"128conv4-128deconv11", "odd number"},
      {"64conv0-64deconv11", "Try: 64conv1."},
      {"64conv1002-64deconv11", "Try: 64conv1003."},
      {"64conv1003-64deconv11", "odd number from 1 to 1001; got '64conv1003'"},
      {"64conv1003-64deconv11", "Try: 64conv5."},
      {"64conv5-64deconv10", "odd number"},
      {"64conv5-32deconv11", "64 maps"},
      {"64deconv11", "decodes conv layers"},
      {"64conv5-64deconv11-64conv5", "last layer"},
      {"64conv5-100fc", "do not mix"},
      {"100fc-64conv5-64deconv11", "do not mix"},
      {"64conv5-64deconv11x", "number of units"}};
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

TEST(ModelOptions, DefaultsFollowTheKindOfTheArchitecture) {
  const ModelOptions fc = resolve({.arch = "8fc"}, {28, 28});
  EXPECT_EQ(to_string(fc.lifetime), "5%");
  EXPECT_EQ(fc.spatial, "no");
  EXPECT_EQ(fc.tied, "yes");
  EXPECT_EQ(fc.pool, "off");
  const ModelOptions conv = resolve({.arch = "8conv5-8deconv11"}, {28, 28});
  EXPECT_EQ(to_string(conv.lifetime), "20%");
  EXPECT_EQ(conv.spatial, "yes");
  EXPECT_EQ(conv.tied, "no");
  EXPECT_EQ(conv.pool, "5/3");
  EXPECT_EQ(resolve({.arch = "8conv3-8deconv3"}, {10, 10, 4}).pool, "3/2");
  EXPECT_EQ(resolve({.arch = "8conv3-8deconv3"}, {5, 5, 4}).pool, "off");
  EXPECT_EQ(resolve({.arch = "8conv3-8deconv3", .pool = "2/2"}, {5, 5, 4}).pool, "2/2");
}

TEST(ModelOptions, WhatDoesNotFitIsRefusedByName) {
  const std::vector<std::tuple<ModelOptions, Shape, std::string>> cases = {
      {{.arch = "8conv5-8deconv5"}, {784}, "images"},
      {{.arch = "8conv5-8deconv11"}, {8, 10}, "as large as the image"},
      {{.arch = "8conv5-8deconv5", .tied = "yes"}, {8, 8}, "share its weights"},
      {{.arch = "8fc", .spatial = "yes"}, {8, 8}, "positions"},
      {{.arch = "8fc", .pool = "3/2"}, {8, 8}, "feature maps"},
      {{.arch = "8conv5-8deconv5", .pool = "9/3"}, {8, 8}, "as large as the map"},
      {{.arch = "8conv5-8deconv5", .pool = "2/3"}, {8, 8}, "at most the window"},
      {{.arch = "8conv5-8deconv5", .pool = "3"}, {8, 8}, "WINDOW/STRIDE"},
      {{.arch = "8conv5-8deconv5", .pool = "3/2x"}, {8, 8}, "WINDOW/STRIDE"},
      {{.arch = "8fc"}, {0}, "at least one value"}};
  for (const auto& [options, shape, rule] : cases) {
    try {
      (void)resolve(options, shape);
      ADD_FAILURE() << "accepted: " << rule;
    } catch (const InvalidArgument& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(rule));
    }
  }
}

TEST(Model, CodesOfMapsArePooledWithWindowsClippedAtTheEdge) {
  EXPECT_EQ(make_model({.arch = "8conv5-8deconv11"}, {28, 28}, 1).top().code_shape(), (Shape{10, 10, 8}));
  EXPECT_EQ(make_model({.arch = "8conv5-8deconv11", .pool = "6/4"}, {32, 30, 3}, 1).top().code_shape(),
            (Shape{8, 8, 8}));
  EXPECT_EQ(make_model({.arch = "8conv5-8deconv11", .pool = "off"}, {28, 28}, 1).top().code_shape(),
            (Shape{28, 28, 8}));
}

TEST(Model, TyingSeveralLayersIsRefused) {
  EXPECT_THROW((void)make_model({.arch = "8fc-9fc", .tied = "yes"}, {4}, 1), InvalidArgument);
}

TEST(Model, TiedIsTheDefaultForOneLayerOnly) {
  EXPECT_TRUE(make_model({.arch = "8fc"}, {4}, 1).top().network.tied());
  EXPECT_FALSE(make_model({.arch = "8fc-9fc"}, {4}, 1).top().network.tied());
  EXPECT_FALSE(make_model({.arch = "8fc", .tied = "no"}, {4}, 1).top().network.tied());
}

TEST(Model, FirstWeightsDependOnTheSeedOnly) {
  const Model a = make_model({.arch = "8fc"}, {4}, 1);
  const Model b = make_model({.arch = "8fc"}, {4}, 1);
  const Model c = make_model({.arch = "8fc"}, {4}, 2);
  EXPECT_THAT(a.top().network.encoder[0].weight.span(),
              testing::ElementsAreArray(b.top().network.encoder[0].weight.span()));
  EXPECT_NE(a.top().network.encoder[0].weight[0], c.top().network.encoder[0].weight[0]);
}

TEST(Model, PicturesShowTheMostUsedUnitFirstAndTiesInOrder) {
  Model model = make_model({.arch = "4fc"}, {2}, 1);
  model.top().usage = {3, 9, 3, 0};
  EXPECT_EQ(units_by_usage(model.top()), (std::vector<std::int64_t>{1, 0, 2, 3}));
}

}  // namespace
}  // namespace wta
