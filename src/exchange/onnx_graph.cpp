#include "exchange/onnx_graph.h"

#include <fmt/format.h>

#include <bit>

namespace wta {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data holds little-endian values");

constexpr std::int64_t kIrVersion = 8;
constexpr std::int64_t kOpset = 17;

// Field numbers of onnx.proto, message by message.
namespace model_field {
constexpr int ir_version = 1, producer_name = 2, graph = 7, opset_import = 8, metadata = 14;
}
namespace graph_field {
constexpr int node = 1, name = 2, initializer = 5, input = 11, output = 12;
}
namespace node_field {
constexpr int input = 1, output = 2, name = 3, operation = 4, attribute = 5;
}
namespace attribute_field {
constexpr int name = 1, integer = 3, integers = 8, type = 20;
}
namespace tensor_field {
constexpr int dims = 1, data_type = 2, name = 8, raw_data = 9;
}
// Of a value: name and type; the type holds a tensor type, that its element type and a shape of dimensions.
namespace value_field {
constexpr int name = 1, type = 2, tensor_type = 1, element_type = 1, shape = 2, dimension = 1, extent = 1,
              symbol = 2;
}

enum ElementType : std::int64_t { kFloat = 1, kInt64 = 7 };
enum AttributeType : std::int64_t { kInteger = 2, kIntegers = 7 };

ProtobufMessage tensor(const std::string& name, const Shape& shape, ElementType type,
                       std::span<const std::byte> values) {
  ProtobufMessage message;
  for (const std::int64_t extent : shape) message.add_integer(tensor_field::dims, extent);
  message.add_integer(tensor_field::data_type, type);
  message.add_bytes(tensor_field::name, name);
  message.add_bytes(tensor_field::raw_data, {reinterpret_cast<const char*>(values.data()), values.size()});
  return message;
}

ProtobufMessage attribute(const OnnxAttribute& attribute) {
  ProtobufMessage message;
  message.add_bytes(attribute_field::name, attribute.name);
  if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    message.add_integer(attribute_field::integer, *integer);
    message.add_integer(attribute_field::type, kInteger);
    return message;
  }
  for (const std::int64_t integer : std::get<std::vector<std::int64_t>>(attribute.value)) {
    message.add_integer(attribute_field::integers, integer);
  }
  message.add_integer(attribute_field::type, kIntegers);
  return message;
}

// A value of the graph's edge, [N, extents]; N is left open.
ProtobufMessage batch_of(const std::string& name, const Shape& extents) {
  ProtobufMessage shape;
  ProtobufMessage samples;
  samples.add_bytes(value_field::symbol, "N");
  shape.add_message(value_field::dimension, samples);
  for (const std::int64_t extent : extents) {
    ProtobufMessage dimension;
    dimension.add_integer(value_field::extent, extent);
    shape.add_message(value_field::dimension, dimension);
  }
  ProtobufMessage tensor_type;
  tensor_type.add_integer(value_field::element_type, kFloat);
  tensor_type.add_message(value_field::shape, shape);
  ProtobufMessage type;
  type.add_message(value_field::tensor_type, tensor_type);
  ProtobufMessage value;
  value.add_bytes(value_field::name, name);
  value.add_message(value_field::type, type);
  return value;
}

}  // namespace

OnnxValue OnnxGraph::add_input(const std::string& name, const Shape& sample_shape) {
  graph_.add_message(graph_field::input, batch_of(name, sample_shape));
  return name;
}

OnnxValue OnnxGraph::add_constant(const std::string& name, const Shape& shape,
                                  std::span<const float> values) {
  graph_.add_message(graph_field::initializer, tensor(name, shape, kFloat, std::as_bytes(values)));
  return name;
}

OnnxValue OnnxGraph::add_constant(const std::string& name, std::span<const std::int64_t> values) {
  const Shape shape = {static_cast<std::int64_t>(values.size())};
  graph_.add_message(graph_field::initializer, tensor(name, shape, kInt64, std::as_bytes(values)));
  return name;
}

OnnxValue OnnxGraph::add(std::string_view operation, const std::vector<OnnxValue>& inputs,
                         const std::vector<OnnxAttribute>& attributes) {
  return add_several(operation, inputs, attributes, 1).front();
}

std::vector<OnnxValue> OnnxGraph::add_several(std::string_view operation,
                                              const std::vector<OnnxValue>& inputs,
                                              const std::vector<OnnxAttribute>& attributes, int outputs) {
  const std::string name = fmt::format("{}_{}", operation, nodes_++);
  ProtobufMessage node;
  for (const OnnxValue& input : inputs) node.add_bytes(node_field::input, input);
  std::vector<OnnxValue> values;
  for (int i = 0; i < outputs; ++i) {
    values.push_back(outputs == 1 ? name : fmt::format("{}_{}", name, i));
    node.add_bytes(node_field::output, values.back());
  }
  node.add_bytes(node_field::name, name);
  node.add_bytes(node_field::operation, operation);
  for (const OnnxAttribute& one : attributes) node.add_message(node_field::attribute, attribute(one));
  graph_.add_message(graph_field::node, node);
  return values;
}

void OnnxGraph::add_output(const std::string& name, const OnnxValue& value, const Shape& extents) {
  ProtobufMessage node;
  node.add_bytes(node_field::input, value);
  node.add_bytes(node_field::output, name);
  node.add_bytes(node_field::name, name);
  node.add_bytes(node_field::operation, "Identity");
  graph_.add_message(graph_field::node, node);
  graph_.add_message(graph_field::output, batch_of(name, extents));
}

std::string OnnxGraph::to_model(const std::map<std::string, std::string>& metadata) const {
  ProtobufMessage graph = graph_;
  graph.add_bytes(graph_field::name, name_);
  ProtobufMessage opset;
  opset.add_integer(2, kOpset);
  ProtobufMessage model;
  model.add_integer(model_field::ir_version, kIrVersion);
  model.add_bytes(model_field::producer_name, "wta");
  model.add_message(model_field::graph, graph);
  model.add_message(model_field::opset_import, opset);
  for (const auto& [key, value] : metadata) {
    ProtobufMessage entry;
    entry.add_bytes(1, key);
    entry.add_bytes(2, value);
    model.add_message(model_field::metadata, entry);
  }
  return model.bytes();
}

}  // namespace wta
