#include "wta/options.h"

#include <gtest/gtest.h>

#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

// The model stores the data's fingerprint, never the path: the same data elsewhere is the same model.
TEST(DataOptions, PathsAreRunOptionsAndTheCutIsAResultOption) {
  const auto options = describe(DataOptions{});
  ASSERT_EQ(options.size(), 6U);
  EXPECT_EQ(options[0].info.name, "data");
  EXPECT_EQ(options[0].info.effect, Effect::run);
  EXPECT_EQ(options[1].info.name, "label_file");
  EXPECT_EQ(options[1].info.effect, Effect::run);
  EXPECT_EQ(options[2].info.name, "hold_out_fraction");
  EXPECT_EQ(options[2].info.effect, Effect::result);
  EXPECT_EQ(options[2].value, "0.2");
  EXPECT_EQ(options[3].info.name, "image_size");
  EXPECT_EQ(options[3].info.effect, Effect::result);
  EXPECT_EQ(options[4].info.name, "patches");
  EXPECT_EQ(options[4].info.effect, Effect::result);
  EXPECT_EQ(options[5].info.name, "patch_size");
  EXPECT_EQ(options[5].info.effect, Effect::result);
  for (const OptionText& option : options) EXPECT_FALSE(option.info.help.empty()) << option.info.name;
}

TEST(DataOptions, PatchesOutsideTheirRangeAreRefused) {
  DataOptions options;
  EXPECT_THROW(set_option(options, "patches", "-1"), InvalidArgument);
  EXPECT_THROW(set_option(options, "patch_size", "0"), InvalidArgument);
}

TEST(DataOptions, FractionOutsideItsRangeIsRefused) {
  DataOptions options;
  EXPECT_THROW(set_option(options, "hold_out_fraction", "1"), InvalidArgument);
  EXPECT_THROW(set_option(options, "hold_out_fraction", "-0.1"), InvalidArgument);
  set_option(options, "hold-out-fraction", "0");
  EXPECT_EQ(options.hold_out_fraction, 0);
}

}  // namespace
}  // namespace wta
