#include "data/layouts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "data/read_samples.h"
#include "data/registry.h"
#include "io/cifar.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

// Names of idx files; empty for what a set does not have.
struct IdxLayout {
  std::string train_images;
  std::string train_labels;
  std::string test_images;
  std::string test_labels;

  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names = {train_images, train_labels, test_images, test_labels};
    std::erase(names, "");
    return names;
  }
};

const IdxLayout& mnist_layout() {
  static const IdxLayout kLayout = {.train_images = "train-images-idx3-ubyte.gz",
                                    .train_labels = "train-labels-idx1-ubyte.gz",
                                    .test_images = "t10k-images-idx3-ubyte.gz",
                                    .test_labels = "t10k-labels-idx1-ubyte.gz"};
  return kLayout;
}

const std::vector<std::string>& cifar10_files() {
  static const std::vector<std::string> kFiles = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                                  "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};
  return kFiles;
}

// Where each file of a layout lies.
std::vector<fs::path> locate(const fs::path& folder, const std::vector<std::string>& files) {
  std::vector<fs::path> paths;
  for (const std::string& file : files) {
    const auto path = find_published(folder, file);
    if (!path)
      throw IoError(
          fmt::format("{}: the folder must hold {} (each packed or not); {} is missing. Try: the path of one "
                      "file.",
                      folder.string(), fmt::join(files, ", "), file));
    paths.push_back(*path);
  }
  return paths;
}

bool has_any(const fs::path& folder, const std::vector<std::string>& files) {
  return std::ranges::any_of(
      files, [&](const std::string& file) { return find_published(folder, file).has_value(); });
}

Source read_idx_layout(const fs::path& folder, const IdxLayout& layout) {
  (void)locate(folder, layout.files());
  const auto path = [&](const std::string& file) { return *find_published(folder, file); };
  Source source;
  source.train = read_idx_samples(path(layout.train_images));
  if (!layout.train_labels.empty()) source.train_labels = read_label_file(path(layout.train_labels)).labels;
  source.has_test = !layout.test_images.empty();
  if (source.has_test) source.test = read_idx_samples(path(layout.test_images));
  if (!layout.test_labels.empty()) source.test_labels = read_label_file(path(layout.test_labels)).labels;
  return source;
}

// Labels are kept as names, so that a part of the classes keeps the right ones.
LabelColumn cifar10_labels(const std::vector<std::uint8_t>& numbers) {
  const std::vector<std::string> names = cifar10_class_names();
  std::vector<std::string> labels;
  labels.reserve(numbers.size());
  for (const std::uint8_t number : numbers) labels.push_back(names[number]);
  return labels;
}

}  // namespace

Source read_mnist_layout(const fs::path& folder) {
  return read_idx_layout(folder, mnist_layout());
}

Source read_bsds300_layout(const fs::path& folder) {
  return read_idx_layout(folder, {.train_images = "bsds300-train-gray-idx3-ubyte",
                                  .train_labels = "",
                                  .test_images = "bsds300-val-gray-idx3-ubyte",
                                  .test_labels = ""});
}

Source read_olivetti_layout(const fs::path& folder) {
  return read_idx_layout(folder, {.train_images = "olivetti-images-idx3-ubyte",
                                  .train_labels = "olivetti-labels-idx1-ubyte",
                                  .test_images = "",
                                  .test_labels = ""});
}

Source read_frey_layout(const fs::path& folder) {
  return read_idx_layout(
      folder,
      {.train_images = "frey-images-idx3-ubyte", .train_labels = "", .test_images = "", .test_labels = ""});
}

Source read_cifar10_layout(const fs::path& folder) {
  std::vector<fs::path> paths = locate(folder, cifar10_files());
  CifarImages test = read_cifar10({paths.back()});
  paths.pop_back();
  CifarImages train = read_cifar10(paths);
  Source source;
  source.train = Samples(std::move(train.images));
  source.train_labels = cifar10_labels(train.labels);
  source.has_test = true;
  source.test = Samples(std::move(test.images));
  source.test_labels = cifar10_labels(test.labels);
  return source;
}

Source read_cifar10_file(const fs::path& file) {
  CifarImages images = read_cifar10({file});
  Source source;
  source.train = Samples(std::move(images.images));
  source.train_labels = cifar10_labels(images.labels);
  return source;
}

std::vector<std::string> cifar10_class_names() {
  return {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
}

bool has_mnist_layout(const fs::path& folder) {
  return has_any(folder, mnist_layout().files());
}

bool has_cifar10_layout(const fs::path& folder) {
  return has_any(folder, cifar10_files());
}

}  // namespace wta
