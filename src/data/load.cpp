#include <fmt/format.h>

#include <charconv>

#include "data/image_folder.h"
#include "data/labels.h"
#include "data/named_sets.h"
#include "data/patches.h"
#include "data/read_samples.h"
#include "data/read_source.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

// "digits.npy" -> "digits"; also without a second extension such as .gz.
std::string base_name(const fs::path& path) {
  const fs::path file = path.has_filename() ? path.filename() : path.parent_path().filename();
  const std::string name = file.string();
  return name.substr(0, name.find('.', 1));
}

Dataset load_path(const DataOptions& options, const Context& context) {
  const fs::path path = options.data;
  const bool own_labels = !options.label_file.empty();
  Source source = read_source(path, context);
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
  return to_dataset(std::move(source), base_name(path), where,
                    {.fraction = options.hold_out_fraction, .seed = context.seed});
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
  if (options.patches > 0 && !options.label_file.empty())
    throw InvalidArgument(fmt::format(
        "patches: a patch has no label; got label_file {}. Try: one of --patches and --label-file.",
        options.label_file));
  if (options.data.empty())
    throw InvalidArgument("data: must be a name or a path; got nothing. Try: '--data digits'.");
}

PatchRule patch_rule(const DataOptions& options, const Context& context) {
  return {.count = options.patches, .size = options.patch_size, .seed = context.seed};
}

// Images of a folder may have any sizes when they are cut into patches.
bool is_image_folder(const DataOptions& options) {
  std::error_code ignored;
  return find_dataset(options.data) == nullptr && fs::is_directory(options.data, ignored) &&
         kind_of(options.data) == FileKind::image_folder;
}

Dataset patches_of_folder(const DataOptions& options, const Context& context) {
  if (!options.image_size.empty())
    throw InvalidArgument(
        fmt::format("image_size: the images of a folder have sizes of their own; got {}. Try: leave it out.",
                    options.image_size));
  return patches_of(read_image_folder(options.data, context), base_name(options.data),
                    {.fraction = options.hold_out_fraction, .seed = context.seed},
                    patch_rule(options, context));
}

Dataset load_as_stored(const DataOptions& options, const Context& context) {
  if (const RegisteredDataset* entry = find_dataset(options.data)) {
    if (!options.label_file.empty())
      throw InvalidArgument(fmt::format(
          "label_file: a named set has its own labels or none, so has {}; got {}. Try: leave it out.",
          entry->name, options.label_file));
    return load_named(*entry, options.hold_out_fraction, context);
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
                 .help = "Data set: a name (see 'wta data list') or the path of an .npy, .npz, idx, CIFAR-10 "
                         ".bin or SVHN .mat file, of an image, or of a folder of images.",
                 .range = "NAME|PATH",
                 .effect = Effect::run},
                data);
  visitor.visit({.name = "label_file",
                 .help = "Labels of the samples: text with one label per line, or 'index,label'.",
                 .range = "FILE",
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
  visitor.visit(
      {.name = "patches",
       .help = "Train on this many squares cut from the training images at random, without labels (test: "
               "a fifth as many from the test images); 0: on the images themselves.",
       .range = ">= 0",
       .minimum = 0},
      patches);
  visitor.visit({.name = "patch_size",
                 .help = "Height and width of a patch.",
                 .unit = "pixels",
                 .range = ">= 1",
                 .minimum = 1},
                patch_size);
}

Dataset load_dataset(const DataOptions& options, const Context& context) {
  require_options(options);
  if (options.patches > 0 && is_image_folder(options)) return patches_of_folder(options, context);
  Dataset dataset = load_as_stored(options, context);
  if (!options.image_size.empty()) {
    const ImageSize size = parse_image_size(options.image_size);
    dataset.train.samples = as_images(std::move(dataset.train.samples), size);
    dataset.test.samples = as_images(std::move(dataset.test.samples), size);
  }
  return options.patches > 0 ? patches_of(dataset, patch_rule(options, context)) : dataset;
}

}  // namespace wta
