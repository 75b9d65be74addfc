#include "data/read_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <ranges>

#include "data/image_folder.h"
#include "data/layouts.h"
#include "data/read_samples.h"
#include "data/registry.h"
#include "io/npy.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

// The label file that belongs to an images file by its name (train-images-idx3-ubyte.gz ->
// train-labels-idx1-ubyte, packed or not), if it is there.
std::optional<fs::path> sibling_labels(const fs::path& images) {
  std::string name = images.filename().string();
  const std::size_t word = name.find("images");
  const std::size_t rank = name.find("idx");
  if (word == std::string::npos || rank == std::string::npos || rank + 3 >= name.size()) return std::nullopt;
  name[rank + 3] = '1';
  name.replace(word, 6, "labels");
  if (name.ends_with(".gz") || name.ends_with(".xz")) name.resize(name.size() - 3);
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
                    path.string(), fmt::join(names, ", ")));
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

}  // namespace

Source read_source(const fs::path& path, const Context& context) {
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
    case FileKind::cifar10:
      return read_cifar10_file(path);
    case FileKind::mat:
      return read_svhn_file(path);
    case FileKind::image:
      source.train = stacked(read_single_image(path));
      return source;
    case FileKind::mnist_folder:
      return read_mnist_layout(path);
    case FileKind::cifar10_folder:
      return read_cifar10_layout(path);
    case FileKind::image_folder:
      break;
  }
  return to_source(read_image_folder(path, context));
}

}  // namespace wta
