#pragma once
/// Labels as files hold them, and their class numbers.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/any_tensor.h"

namespace wta {

/// One label per sample: integers, or the names of classes.
using LabelColumn = std::variant<std::vector<std::int64_t>, std::vector<std::string>>;

[[nodiscard]] std::int64_t label_count(const LabelColumn& labels);

/// The labels in an array [N] or [N,1] of integers (also when stored as floats). `where` names the array in
/// messages. Throws DataError.
[[nodiscard]] LabelColumn labels_of_tensor(const AnyTensor& tensor, std::string_view where);

/// The labels in a file, and whose they are.
struct LabelFile {
  LabelColumn labels;
  std::vector<std::int64_t> samples;  ///< the sample of each label; empty: one per sample, in order
};

/// Reads a label file: text with one label per line, or "index,label" for some or all samples, each index
/// once, with or without the header line "label" or "index,label"; or an .npy or idx file. Throws IoError,
/// DataError.
[[nodiscard]] LabelFile read_label_file(const std::filesystem::path& path);

/// Classes of one or more columns: the distinct labels, numbers in numeric order, names in byte order.
/// Fills one list of class numbers per column and returns the names of the classes.
/// Throws DataError when one column has numbers and another names.
[[nodiscard]] std::vector<std::string> number_classes(const std::vector<const LabelColumn*>& columns,
                                                      std::vector<std::vector<std::int32_t>>& numbers);

}  // namespace wta
