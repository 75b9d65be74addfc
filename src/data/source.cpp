#include "data/source.h"

#include <fmt/format.h>

#include "data/splits.h"
#include "wta/error.h"

namespace wta {
namespace {

void require_label_count(const Samples& samples, const std::optional<LabelColumn>& labels,
                         std::string_view where) {
  if (!labels || label_count(*labels) == samples.count()) return;
  throw DataError(fmt::format("{}: there must be one label per sample; got {} labels for {} samples.", where,
                              label_count(*labels), samples.count()));
}

void require_same_shape(const Samples& train, const Samples& test, std::string_view where) {
  if (train.sample_shape() == test.sample_shape()) return;
  throw DataError(fmt::format("{}: training and test samples must have one shape; got {} and {}.", where,
                              to_string(train.sample_shape()), to_string(test.sample_shape())));
}

// Class numbers of some samples, as one number per sample; -1 where there is no label.
std::vector<std::int32_t> scattered(std::span<const std::int32_t> numbers,
                                    std::span<const std::int64_t> samples, std::int64_t count,
                                    std::string_view where) {
  std::vector<std::int32_t> labels(static_cast<std::size_t>(count), -1);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (samples[i] >= count) {
      throw DataError(
          fmt::format("{}: an index must be one of 0..{}; got {}. Try: the data that was labelled.", where,
                      count - 1, samples[i]));
    }
    labels[static_cast<std::size_t>(samples[i])] = numbers[i];
  }
  return labels;
}

}  // namespace

Dataset to_dataset(Source source, std::string name, std::string_view where, const HoldOutRule& hold_out) {
  if (source.labelled.empty()) require_label_count(source.train, source.train_labels, where);
  require_label_count(source.test, source.test_labels, where);
  if (source.has_test) require_same_shape(source.train, source.test, where);
  if (source.test_labels && !source.train_labels)
    throw DataError(fmt::format("{}: test labels need training labels; got none.", where));
  Dataset dataset;
  dataset.name = std::move(name);
  Split all{std::move(source.train), {}};
  dataset.test.samples = std::move(source.test);
  if (source.train_labels) {
    std::vector<const LabelColumn*> columns = {&*source.train_labels};
    if (source.test_labels) columns.push_back(&*source.test_labels);
    std::vector<std::vector<std::int32_t>> numbers;
    dataset.class_names = number_classes(columns, numbers);
    all.labels = source.labelled.empty() ? std::move(numbers[0])
                                         : scattered(numbers[0], source.labelled, all.samples.count(), where);
    if (source.test_labels) dataset.test.labels = std::move(numbers[1]);
  }
  if (source.has_test)
    dataset.train = std::move(all);
  else
    cut_hold_out(std::move(all), hold_out.fraction, hold_out.seed, dataset);
  return dataset;
}

}  // namespace wta
