#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/labels.h"
#include "wta/dataset.h"

namespace wta {

/// What files give, before classes are numbered and a hold-out is cut.
struct Source {
  Samples train;
  std::optional<LabelColumn> train_labels;
  std::vector<std::int64_t> labelled;  ///< the samples that train_labels belong to; empty: all, in order
  bool has_test = false;
  Samples test;
  std::optional<LabelColumn> test_labels;
};

/// How a set without a test split of its own is cut.
struct HoldOutRule {
  double fraction = 0;
  std::uint64_t seed = 0;
};

/// Numbers the classes and cuts the hold-out. `where` starts the message of a DataError (labels that do not
/// match the samples, training and test samples of two shapes).
[[nodiscard]] Dataset to_dataset(Source source, std::string name, std::string_view where,
                                 const HoldOutRule& hold_out);

}  // namespace wta
