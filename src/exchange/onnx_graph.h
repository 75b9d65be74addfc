#pragma once
/// An ONNX model under construction: opset 17, IR version 8, weights inline.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/protobuf.h"
#include "wta/tensor.h"

namespace wta {

/// A tensor that flows through the graph, by its name.
using OnnxValue = std::string;

struct OnnxAttribute {
  std::string name;
  std::variant<std::int64_t, std::vector<std::int64_t>> value;
};

class OnnxGraph {
 public:
  explicit OnnxGraph(std::string name) : name_(std::move(name)) {}

  /// float32 [N, extents of a sample].
  OnnxValue add_input(const std::string& name, const Shape& sample_shape);
  OnnxValue add_constant(const std::string& name, const Shape& shape, std::span<const float> values);
  /// Whole numbers, [values.size()].
  OnnxValue add_constant(const std::string& name, std::span<const std::int64_t> values);
  /// A node of one output.
  OnnxValue add(std::string_view operation, const std::vector<OnnxValue>& inputs,
                const std::vector<OnnxAttribute>& attributes = {});
  /// A node of several.
  std::vector<OnnxValue> add_several(std::string_view operation, const std::vector<OnnxValue>& inputs,
                                     const std::vector<OnnxAttribute>& attributes, int outputs);
  /// float32 [N, extents].
  void add_output(const std::string& name, const OnnxValue& value, const Shape& extents);

  /// The file: the same graph gives the same bytes.
  [[nodiscard]] std::string to_model(const std::map<std::string, std::string>& metadata) const;

 private:
  std::string name_;
  std::int64_t nodes_ = 0;
  ProtobufMessage graph_;
};

}  // namespace wta
