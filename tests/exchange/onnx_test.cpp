// What the graphs compute is compared with onnxruntime in tests/python/test_export.py.
#include <gmock/gmock.h>

#include "exchange/onnx_encoder.h"
#include "exchange/onnx_graph.h"
#include "support/files.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing::HasSubstr;
using testing_support::message_of;

TEST(Onnx, TheSameModelGivesTheSameBytes) {
  const Model model = make_model({.preprocess = "normalize", .arch = "2conv3-2deconv3"}, {8, 8}, 1);
  EXPECT_EQ(to_onnx(model, {}), to_onnx(model, {}));
}

TEST(Onnx, AMissingStageIsRefused) {
  const Model model = make_model({.arch = "6fc"}, {4}, 1);
  EXPECT_THAT(message_of<InvalidArgument>([&] { (void)to_onnx(model, {.stage = 1}); }),
              HasSubstr("the model has 1 stages; got 2"));
}

TEST(Onnx, EveryPartOfACodeHasItsOperation) {
  const Model smooth =
      make_model({.arch = "6fc", .lifetime = {.off = true}, .activation = "sigmoid"}, {4}, 1);
  EXPECT_THAT(to_onnx(smooth, {}), testing::AllOf(HasSubstr("Gemm"), HasSubstr("Sigmoid")));
  const Model sparse = make_model({.arch = "6fc", .activation = "identity", .k_sparse = 2}, {4}, 1);
  EXPECT_THAT(to_onnx(sparse, {}),
              testing::AllOf(HasSubstr("Identity"), HasSubstr("TopK"), HasSubstr("ScatterElements")));
  const Model maps =
      make_model({.arch = "2conv3-2deconv3", .threshold_codes = true, .pool = "3/2"}, {8, 8}, 1);
  EXPECT_THAT(to_onnx(maps, {}), testing::AllOf(HasSubstr("Conv"), HasSubstr("MaxPool"),
                                                HasSubstr("stages.0.thresholds"), HasSubstr("Greater")));
}

// A node by hand: fields 1 (input), 2 (output), 3 (name), 4 (operation), 5 (attribute).
TEST(OnnxGraph, WritesTheFieldsOfANode) {
  OnnxGraph graph("g");
  EXPECT_EQ(graph.add("Relu", {"x"}, {{.name = "axis", .value = std::int64_t{1}}}), "Relu_0");
  const std::string attribute =
      "\x0a\x04"
      "axis"
      "\x18\x01"
      "\xa0\x01\x02";
  const std::string node = std::string(
                               "\x0a\x01"
                               "x"
                               "\x12\x06"
                               "Relu_0"
                               "\x1a\x06"
                               "Relu_0"
                               "\x22\x04"
                               "Relu"
                               "\x2a") +
                           static_cast<char>(attribute.size()) + attribute;
  EXPECT_THAT(graph.to_model({}), HasSubstr(node));
}

TEST(OnnxGraph, NamesTheOutputsOfANodeApart) {
  OnnxGraph graph("g");
  EXPECT_THAT(graph.add_several("TopK", {"x", "k"}, {}, 2), testing::ElementsAre("TopK_0_0", "TopK_0_1"));
  EXPECT_EQ(graph.add("Relu", {"TopK_0_0"}), "Relu_1");
}

}  // namespace
}  // namespace wta
