#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <map>
#include <optional>
#include <ranges>

#include "data/labels.h"
#include "data/read_samples.h"
#include "data/registry.h"
#include "data/splits.h"
#include "io/npy.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTrainImages = "train-images-idx3-ubyte.gz";
constexpr const char* kTrainLabels = "train-labels-idx1-ubyte.gz";
constexpr const char* kTestImages = "t10k-images-idx3-ubyte.gz";
constexpr const char* kTestLabels = "t10k-labels-idx1-ubyte.gz";

// What files give, before classes are numbered and a hold-out is cut.
struct Source {
  Samples train;
  std::optional<LabelColumn> train_labels;
  std::vector<std::int64_t> labelled;  ///< the samples that train_labels belong to; empty: all, in order
  bool has_test = false;
  Samples test;
  std::optional<LabelColumn> test_labels;
};

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

Dataset to_dataset(Source source, std::string name, std::string_view where, double hold_out,
                   std::uint64_t seed) {
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
    cut_hold_out(std::move(all), hold_out, seed, dataset);
  return dataset;
}

// The four files of MNIST's layout, packed or not.
Source read_mnist_layout(const fs::path& folder) {
  const auto locate = [&](const char* file) {
    const auto path = find_published(folder, file);
    if (!path)
      throw IoError(
          fmt::format("{}: the folder must hold {}, {}, {} and {} (or the same without .gz); {} is missing. "
                      "Try: the path of "
                      "one .npy, .npz or idx file.",
                      folder.string(), kTrainImages, kTrainLabels, kTestImages, kTestLabels, file));
    return *path;
  };
  Source source;
  source.train = read_idx_samples(locate(kTrainImages));
  source.train_labels = read_label_file(locate(kTrainLabels)).labels;
  source.has_test = true;
  source.test = read_idx_samples(locate(kTestImages));
  source.test_labels = read_label_file(locate(kTestLabels)).labels;
  return source;
}

// Class names and counts of a named set are those of the registry.
Dataset with_published_classes(Dataset dataset, const RegisteredDataset& entry, const fs::path& folder) {
  const bool complete = dataset.train.samples.count() == entry.train_count &&
                        dataset.test.samples.count() == entry.test_count &&
                        dataset.train.samples.sample_shape() == entry.sample_shape;
  if (!complete || dataset.class_names.size() != entry.class_names.size())
    throw DataError(fmt::format(
        "{}: {} must have {} + {} samples {} of {} classes; got {} + {} samples {} of {} classes. Try: "
        "remove the "
        "folder and run 'wta data fetch {}'.",
        folder.string(), entry.name, entry.train_count, entry.test_count, to_string(entry.sample_shape),
        entry.class_names.size(), dataset.train.samples.count(), dataset.test.samples.count(),
        to_string(dataset.train.samples.sample_shape()), dataset.class_names.size(), entry.name));
  dataset.class_names = entry.class_names;
  return dataset;
}

Dataset load_named(const RegisteredDataset& entry, const Context& context) {
  if (entry.files.empty()) return built_in_digits(context);
  std::vector<std::string> tried;
  for (const fs::path& folder : candidate_folders(entry.name)) {
    std::vector<std::string> missing;
    for (const PublishedFile& file : entry.files)
      if (!find_published(folder, file.name)) missing.push_back(file.name);
    if (missing.empty())
      return with_published_classes(to_dataset(read_mnist_layout(folder), entry.name, folder.string(), 0, 0),
                                    entry, folder);
    tried.push_back(missing.size() == entry.files.size()
                        ? folder.string()
                        : fmt::format("{} ({} missing)", folder.string(), fmt::join(missing, ", ")));
  }
  throw IoError(
      fmt::format("{}: the data set is not on this machine; looked in {}. Try: 'wta data fetch {}', or "
                  "'--data digits', which needs no files.",
                  entry.name,
                  tried.empty() ? "no folder, as neither WTA_DATA nor HOME is set"
                                : fmt::format("{}", fmt::join(tried, ", ")),
                  entry.name));
}

// The label file that belongs to an images file by its name (train-images-idx3-ubyte.gz ->
// train-labels-idx1-ubyte, packed or not), if it is there.
std::optional<fs::path> sibling_labels(const fs::path& images) {
  std::string name = images.filename().string();
  const std::size_t word = name.find("images");
  const std::size_t rank = name.find("idx");
  if (word == std::string::npos || rank == std::string::npos || rank + 3 >= name.size()) return std::nullopt;
  name[rank + 3] = '1';
  name.replace(word, 6, "labels");
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return find_published(images.parent_path(), name + ".gz");
}

Source from_npz(const fs::path& path) {
  std::map<std::string, AnyTensor> arrays = read_npz(path);
  const auto samples = [&](const std::string& key) {
    return to_samples(std::move(arrays.at(key)), fmt::format("{}: array {}", path.string(), key));
  };
  const auto labels = [&](const std::string& key) -> std::optional<LabelColumn> {
    if (!arrays.contains(key)) return std::nullopt;
    return labels_of_tensor(arrays.at(key), fmt::format("{}: array {}", path.string(), key));
  };
  const bool split = arrays.contains("x_train");
  if (!split && !arrays.contains("x")) {
    const auto keys = std::views::keys(arrays);
    const std::vector<std::string> names(keys.begin(), keys.end());
    throw DataError(
        fmt::format("{}: the archive must hold x_train (with y_train, x_test, y_test), or x (with y); "
                    "got {}. Try: numpy.savez(file, x_train=..., y_train=...).",
                    path.string(), names.empty() ? "no array" : fmt::format("{}", fmt::join(names, ", "))));
  }
  Source source;
  source.train = samples(split ? "x_train" : "x");
  source.train_labels = labels(split ? "y_train" : "y");
  source.has_test = split && arrays.contains("x_test");
  if (source.has_test) {
    source.test = samples("x_test");
    source.test_labels = labels("y_test");
  }
  return source;
}

Source read_source(const fs::path& path) {
  Source source;
  switch (kind_of(path)) {
    case FileKind::npy:
      source.train = read_npy_samples(path);
      return source;
    case FileKind::npz:
      return from_npz(path);
    case FileKind::idx:
      source.train = read_idx_samples(path);
      if (const auto labels = sibling_labels(path)) source.train_labels = read_label_file(*labels).labels;
      return source;
    case FileKind::folder:
      return read_mnist_layout(path);
  }
  throw InternalError("load_dataset: unknown kind of file. Please report this.");
}

// "digits.npy" -> "digits"; also without a second extension such as .gz.
std::string base_name(const fs::path& path) {
  const fs::path file = path.has_filename() ? path.filename() : path.parent_path().filename();
  const std::string name = file.string();
  return name.substr(0, name.find('.', 1));
}

Dataset load_path(const DataOptions& options, const Context& context) {
  const fs::path path = options.data;
  const bool own_labels = !options.label_file.empty();
  Source source = read_source(path);
  if (own_labels && source.has_test)
    throw InvalidArgument(
        fmt::format("label_file: {} has a split of its own, and a label file cannot say which "
                    "part it labels. Try: y_train and y_test in the .npz.",
                    options.data));
  if (own_labels) {
    LabelFile file = read_label_file(options.label_file);
    source.train_labels = std::move(file.labels);
    source.labelled = std::move(file.samples);
  }
  const std::string where =
      own_labels ? fmt::format("{} with {}", options.data, options.label_file) : options.data;
  return to_dataset(std::move(source), base_name(path), where, options.hold_out_fraction, context.seed);
}

struct ImageSize {
  std::int64_t height = 0;
  std::int64_t width = 0;
};

constexpr std::int64_t kLargestExtent = 1'000'000;

ImageSize parse_image_size(const std::string& text) {
  ImageSize size;
  const char* end = text.data() + text.size();
  const auto height = std::from_chars(text.data(), end, size.height);
  const bool cross = height.ec == std::errc{} && height.ptr != end && *height.ptr == 'x';
  const auto width = cross ? std::from_chars(height.ptr + 1, end, size.width) : height;
  const bool parsed = cross && width.ec == std::errc{} && width.ptr == end;
  const auto sane = [](std::int64_t extent) { return extent >= 1 && extent <= kLargestExtent; };
  if (parsed && sane(size.height) && sane(size.width)) return size;
  throw InvalidArgument(fmt::format(
      "image_size: must be HEIGHTxWIDTH, each from 1 to {}; got '{}'. Try: 28x28.", kLargestExtent, text));
}

// Rows of values seen as images of one or more channels.
Samples as_images(Samples samples, const ImageSize& size) {
  const std::int64_t pixels = size.height * size.width;
  const std::int64_t values = samples.sample_size();
  if (samples.count() == 0) return samples;
  if (values % pixels != 0)
    throw DataError(fmt::format(
        "image_size: a sample must hold {}x{} values for each channel; got {} values. Try: the size of "
        "the images.",
        size.height, size.width, values));
  const Shape grey = {size.height, size.width};
  const Shape channels = {size.height, size.width, values / pixels};
  return std::move(samples).reshaped(values == pixels ? grey : channels);
}

void require_options(const DataOptions& options) {
  if (!(options.hold_out_fraction >= 0 && options.hold_out_fraction <= 0.9))
    throw InvalidArgument(
        fmt::format("hold_out_fraction: must be in 0..0.9; got {}.", options.hold_out_fraction));
  if (options.data.empty())
    throw InvalidArgument("data: must be a name or a path; got nothing. Try: '--data digits'.");
}

Dataset load_as_stored(const DataOptions& options, const Context& context) {
  if (const RegisteredDataset* entry = find_dataset(options.data)) {
    if (!options.label_file.empty())
      throw InvalidArgument(fmt::format("label_file: {} has labels of its own; got {}. Try: leave it out.",
                                        entry->name, options.label_file));
    return load_named(*entry, context);
  }
  std::error_code ignored;
  if (fs::exists(options.data, ignored)) return load_path(options, context);
  const bool looks_like_path = options.data.find_first_of("/.") != std::string::npos;
  if (looks_like_path)
    throw IoError(fmt::format("data: {}: no such file. Try: check the path, or a name of 'wta data list'.",
                              options.data));
  static_cast<void>(require_dataset(options.data));
  throw InternalError("load_dataset: a name is known and unknown at once. Please report this.");
}

}  // namespace

void DataOptions::visit_options(OptionVisitor& visitor) {
  visitor.visit({.name = "data",
                 .help = "Data set: a name (see 'wta data list') or the path of an .npy, .npz or idx file.",
                 .range = "name|path",
                 .effect = Effect::run},
                data);
  visitor.visit({.name = "label_file",
                 .help = "Labels of the samples: text with one label per line, or 'index,label'.",
                 .range = "path",
                 .effect = Effect::run},
                label_file);
  visitor.visit(
      {.name = "hold_out_fraction",
       .help = "Part of every class kept back as the test set when the data has no split of its own.",
       .unit = "fraction",
       .range = "0..0.9",
       .source = "usual practice",
       .minimum = 0,
       .maximum = 0.9},
      hold_out_fraction);
  visitor.visit(
      {.name = "image_size",
       .help = "Rows of H*W*C values are images of that size (for convolutional networks and pictures).",
       .range = "HEIGHTxWIDTH"},
      image_size);
}

Dataset load_dataset(const DataOptions& options, const Context& context) {
  require_options(options);
  Dataset dataset = load_as_stored(options, context);
  if (options.image_size.empty()) return dataset;
  const ImageSize size = parse_image_size(options.image_size);
  dataset.train.samples = as_images(std::move(dataset.train.samples), size);
  dataset.test.samples = as_images(std::move(dataset.test.samples), size);
  return dataset;
}

}  // namespace wta
