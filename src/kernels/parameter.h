#pragma once
#include <string>

#include "wta/tensor.h"

namespace wta {

/// One trainable array, seen as rows; a bias is one row. Not owned. Its number is its place in the list
/// that the model hands out (model/parameters.h), and what a RowSink is told.
struct Parameter {
  std::string name;
  MatrixView<float> value;
};

}  // namespace wta
