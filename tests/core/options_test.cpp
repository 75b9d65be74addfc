#include "wta/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wta/error.h"

namespace wta {
namespace {

struct Example {
  std::int64_t epochs = 10;
  double lr = 0.5;
  bool tied = true;
  std::string optimizer = "adam";
  Rate lifetime;
  void visit_options(OptionVisitor& visitor) {
    visitor.visit({.name = "epochs", .help = "passes", .range = ">= 1", .minimum = 1}, epochs);
    visitor.visit({.name = "lr", .help = "learning rate", .range = "> 0", .minimum = 0}, lr);
    visitor.visit({.name = "tied", .help = "share weights"}, tied);
    visitor.visit({.name = "optimizer", .range = "sgd|adam", .choices = {"sgd", "adam"}}, optimizer);
    visitor.visit({.name = "lifetime", .help = "rate"}, lifetime);
  }
};

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

TEST(Options, SettingByNameChangesTheValue) {
  Example example;
  set_option(example, "epochs", "3");
  set_option(example, "lr", "1e-3");
  set_option(example, "tied", "false");
  set_option(example, "optimizer", "sgd");
  set_option(example, "lifetime", "20%");
  EXPECT_EQ(example.epochs, 3);
  EXPECT_EQ(example.lr, 1e-3);
  EXPECT_FALSE(example.tied);
  EXPECT_EQ(example.optimizer, "sgd");
  EXPECT_EQ(example.lifetime.fraction, 0.2);
}

TEST(Options, DescribedTextSetsTheSameValueAgain) {
  Example example{.epochs = 7, .lr = 0.1, .tied = false, .optimizer = "sgd", .lifetime = {.fraction = 0.07}};
  Example copy;
  for (const OptionText& option : describe(example)) {
    set_option(copy, option.info.name, option.value);
  }
  EXPECT_EQ(copy.epochs, 7);
  EXPECT_EQ(copy.lr, 0.1);
  EXPECT_FALSE(copy.tied);
  EXPECT_EQ(copy.optimizer, "sgd");
  EXPECT_EQ(copy.lifetime.fraction, 0.07);
}

TEST(Options, TomlTextIsQuotedAndEscaped) {
  OptionText option;
  option.type = "text";
  option.value = "a\"b\\c\n";
  EXPECT_EQ(toml_value(option), R"("a\"b\\c\u000a")");
  option.type = "number";
  option.value = "0.5";
  EXPECT_EQ(toml_value(option), "0.5");
}

TEST(Options, ValuesAreSplitByEffect) {
  struct Two {
    bool tied = true;
    bool quiet = false;
    void visit_options(OptionVisitor& visitor) {
      visitor.visit({.name = "tied"}, tied);
      visitor.visit({.name = "quiet", .effect = Effect::run}, quiet);
    }
  };
  EXPECT_EQ(values_of(Two{}, Effect::result), (std::map<std::string, std::string>{{"tied", "true"}}));
  EXPECT_EQ(values_of(Two{}, Effect::run), (std::map<std::string, std::string>{{"quiet", "false"}}));
}

TEST(Options, AnUnknownNameIsAnsweredWithTheNearest) {
  Example example;
  EXPECT_THAT(message_of([&] { set_option(example, "epoch", "3"); }), testing::HasSubstr("Try: 'epochs'"));
}

TEST(Options, AValueOutsideItsRangeIsRefusedWithRuleAndValue) {
  Example example;
  EXPECT_THAT(message_of([&] { set_option(example, "epochs", "0"); }),
              testing::AllOf(testing::HasSubstr(">= 1"), testing::HasSubstr("'0'")));
  EXPECT_THAT(message_of([&] { set_option(example, "epochs", "3x"); }), testing::HasSubstr("'3x'"));
  EXPECT_THAT(message_of([&] { set_option(example, "epochs", "99999999999999999999"); }),
              testing::HasSubstr("'99999999999999999999'"));
  EXPECT_THAT(message_of([&] { set_option(example, "lr", "nan"); }), testing::HasSubstr("'nan'"));
  EXPECT_EQ(message_of([&] { set_option(example, "tied", "maybe"); }),
            "tied: must be true or false; got 'maybe'.");
  EXPECT_THAT(message_of([&] { set_option(example, "optimizer", "adagrad"); }),
              testing::HasSubstr("sgd|adam"));
}

TEST(Rate, ReadsPercentagesFractionsAndOff) {
  EXPECT_EQ(parse_rate("lifetime", "5%").fraction, 0.05);
  EXPECT_EQ(parse_rate("lifetime", "0.05").fraction, 0.05);
  EXPECT_TRUE(parse_rate("lifetime", "off").off);
}

TEST(Rate, AutoAndEveryOtherTextIsWrittenAsItIsRead) {
  EXPECT_TRUE(parse_rate("lifetime", "auto").automatic);
  EXPECT_FALSE(parse_rate("lifetime", "off").automatic);
  // 0.7% would not be read as the same number as 0.007.
  for (const char* text : {"auto", "off", "5%", "20%", "100%", "0.3%", "0.007"}) {
    EXPECT_EQ(to_string(parse_rate("lifetime", text)), text);
  }
}

TEST(Rate, ABareFiveSuggestsFivePercent) {
  EXPECT_THAT(message_of([] { (void)parse_rate("lifetime", "5"); }), testing::HasSubstr("Try: '5%'."));
  EXPECT_THAT(message_of([] { (void)parse_rate("lifetime", "101"); }),
              testing::HasSubstr("got '101'. Try: '5%', '0.05' or 'off'."));
}

TEST(Rate, OutsideZeroToOneIsRefused) {
  for (const char* text : {"0", "-1%", "101%", "1.5", "nan", "", "%", "5 %", "inf"}) {
    EXPECT_THROW((void)parse_rate("lifetime", text), InvalidArgument) << text;
  }
}

}  // namespace
}  // namespace wta
