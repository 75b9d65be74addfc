#include "exchange/hugging_face.h"

#include <gmock/gmock.h>

#include "dictionaries.h"
#include "support/files.h"
#include "support/temporary_folder.h"

namespace wta {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing_support::read_bytes;
using testing_support::read_json;
using testing_support::TemporaryFolder;

Model small_model() {
  Model model = make_model({.arch = "6fc"}, {2, 2}, 3);
  model.top().summary = {.epochs = 7, .dead_units = 1, .explained_variance = 0.8765, .active_fraction = 0.05};
  model.class_names = {"a", "b"};
  return model;
}

TEST(HuggingFace, FolderHoldsTheModelAndWhatItIs) {
  const TemporaryFolder folder;
  write_hugging_face(folder.path() / "card", small_model(), {.title = "strokes", .data = {}, .licence = {}});
  EXPECT_EQ(code_size(load_model(folder.path() / "card")), 6);
  const nlohmann::json config = read_json(folder.path() / "card" / "config.json");
  EXPECT_EQ(config["model_type"], "wta");
  EXPECT_EQ(config["stages"][0]["architecture"], "6fc");
  EXPECT_EQ(config["stages"][0]["options"]["lifetime"], "5%");
  EXPECT_EQ(config["sample_shape"], (std::vector<int>{2, 2}));
  EXPECT_EQ(config["class_names"], (std::vector<std::string>{"a", "b"}));
  EXPECT_THAT(read_bytes(folder.path() / "card" / "README.md"), HasSubstr("# strokes"));
}

TEST(ModelCard, SaysWhatWasMeasuredAndOnWhat) {
  const std::string card = model_card(small_model(), {.title = "strokes", .data = "mnist", .licence = "mit"});
  EXPECT_THAT(card, StartsWith("---\nlibrary_name: wta\nlicense: \"mit\"\ndatasets:\n  - \"mnist\"\n"));
  EXPECT_THAT(card, HasSubstr("by a winner-take-all autoencoder"));
  EXPECT_THAT(card, HasSubstr("| 1 | `6fc` | lifetime 5% | 6 | 0.876 | 0.0500 | 1 | 7 |"));
}

TEST(ModelCard, SaysNothingOfWhatIsNotKnown) {
  const std::string card = model_card(small_model(), {.title = "strokes", .data = {}, .licence = {}});
  EXPECT_THAT(card, Not(HasSubstr("license")));
  EXPECT_THAT(card, Not(HasSubstr("datasets")));
  EXPECT_THAT(card, Not(HasSubstr("SHA-256")));
}

// A licence is a user's text; it must stay one value of the front matter.
TEST(ModelCard, KeepsATextInsideItsField) {
  const std::string card =
      model_card(small_model(), {.title = "t", .data = {}, .licence = "x\"\nhostile: yes"});
  EXPECT_THAT(card, HasSubstr("license: \"x\\\"\\nhostile: yes\"\n"));
}

TEST(ModelCard, NamesTheKindOfNetwork) {
  const auto card = [](const ModelOptions& options, const Shape& shape) {
    return model_card(make_model(options, shape, 1), {.title = "t", .data = {}, .licence = {}});
  };
  EXPECT_THAT(card({.arch = "2conv3-2deconv3"}, {6, 6}),
              HasSubstr("by a winner-take-all convolutional autoencoder"));
  EXPECT_THAT(card({.model = "rbm", .arch = "6fc"}, {4}),
              HasSubstr("by a binary restricted Boltzmann machine"));
  EXPECT_THAT(card({.arch = "6fc", .lifetime = {.off = true}}, {4}), HasSubstr("by a plain autoencoder"));
  EXPECT_THAT(card({.arch = "6fc", .k_sparse = 2}, {4}), HasSubstr("by a k-sparse autoencoder"));
}

}  // namespace
}  // namespace wta
