#include "data/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "core/nearest.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr std::string_view kPacked = ".gz";

RegisteredDataset digits_entry() {
  return {
      .name = "digits",
      .description = "digits drawn by the program itself, nothing to download",
      .train_count = 60000,
      .test_count = 10000,
      .sample_shape = {28, 28},
      .class_names = digit_names(),
      .files = {},
      .mirrors = {},
      .licence = "MIT",
      .citation = "",
      .home = "",
  };
}

RegisteredDataset mnist_entry() {
  return {
      .name = "mnist",
      .description = "handwritten digits",
      .train_count = 60000,
      .test_count = 10000,
      .sample_shape = {28, 28},
      .class_names = digit_names(),
      .files = {{"train-images-idx3-ubyte.gz", 9912422,
                 "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
                {"train-labels-idx1-ubyte.gz", 28881,
                 "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
                {"t10k-images-idx3-ubyte.gz", 1648877,
                 "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
                {"t10k-labels-idx1-ubyte.gz", 4542,
                 "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"}},
      .mirrors = {"https://ossci-datasets.s3.amazonaws.com/mnist/",
                  "https://storage.googleapis.com/cvdf-datasets/mnist/"},
      .licence = "commonly given as CC BY-SA 3.0",
      .citation =
          "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document "
          "recognition, 1998",
      .home = "http://yann.lecun.com/exdb/mnist/",
  };
}

RegisteredDataset fashion_mnist_entry() {
  return {
      .name = "fashion-mnist",
      .description = "pictures of clothes, shoes and bags",
      .train_count = 60000,
      .test_count = 10000,
      .sample_shape = {28, 28},
      .class_names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
                      "Bag", "Ankle boot"},
      .files = {{"train-images-idx3-ubyte.gz", 26421880,
                 "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
                {"train-labels-idx1-ubyte.gz", 29515,
                 "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
                {"t10k-images-idx3-ubyte.gz", 4422102,
                 "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
                {"t10k-labels-idx1-ubyte.gz", 5148,
                 "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"}},
      .mirrors = {"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
                  "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"},
      .licence = "MIT, copyright 2017 Zalando SE",
      .citation =
          "H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine "
          "Learning Algorithms, 2017",
      .home = "https://github.com/zalandoresearch/fashion-mnist",
  };
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The first folder that holds every file; none when there is no such folder.
std::optional<std::filesystem::path> complete_folder(const RegisteredDataset& entry) {
  for (const std::filesystem::path& folder : candidate_folders(entry.name)) {
    bool complete = true;
    for (const PublishedFile& file : entry.files) complete &= find_published(folder, file.name).has_value();
    if (complete) return folder;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> digit_names() {
  return {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
}

const std::vector<RegisteredDataset>& registered_datasets() {
  static const std::vector<RegisteredDataset> kEntries = {digits_entry(), mnist_entry(),
                                                          fashion_mnist_entry()};
  return kEntries;
}

const RegisteredDataset* find_dataset(std::string_view name) {
  for (const RegisteredDataset& entry : registered_datasets())
    if (entry.name == name) return &entry;
  return nullptr;
}

const RegisteredDataset& require_dataset(std::string_view name) {
  if (const RegisteredDataset* entry = find_dataset(name)) return *entry;
  std::vector<std::string> names;
  for (const RegisteredDataset& entry : registered_datasets()) names.push_back(entry.name);
  throw InvalidArgument(
      fmt::format("data: must be a known name ({}) or the path of a file; got '{}'. Try: '{}'.",
                  fmt::join(names, ", "), name, nearest(name, names)));
}

std::optional<std::filesystem::path> cache_folder() {
  // The XDG rule: a path that is not absolute is as good as none.
  const std::filesystem::path cache = environment("XDG_CACHE_HOME");
  if (cache.is_absolute()) return cache / "wta";
  const std::filesystem::path home = environment("HOME");
  if (home.is_absolute()) return home / ".cache" / "wta";
  return std::nullopt;
}

std::vector<std::filesystem::path> candidate_folders(std::string_view name) {
  std::vector<std::filesystem::path> folders;
  const std::string own = environment("WTA_DATA");
  if (!own.empty()) folders.push_back(std::filesystem::path(own) / name);
  if (const auto cache = cache_folder()) folders.push_back(*cache / name);
  return folders;
}

std::optional<std::filesystem::path> find_published(const std::filesystem::path& folder,
                                                    std::string_view file) {
  std::error_code ignored;
  const std::filesystem::path packed = folder / file;
  if (std::filesystem::is_regular_file(packed, ignored)) return packed;
  if (!file.ends_with(kPacked)) return std::nullopt;
  const std::filesystem::path plain = folder / file.substr(0, file.size() - kPacked.size());
  if (std::filesystem::is_regular_file(plain, ignored)) return plain;
  return std::nullopt;
}

std::vector<DatasetInfo> known_datasets() {
  std::vector<DatasetInfo> result;
  for (const RegisteredDataset& entry : registered_datasets()) {
    DatasetInfo info{entry.name,
                     entry.description,
                     entry.train_count,
                     entry.test_count,
                     entry.sample_shape,
                     entry.class_names,
                     0,
                     entry.licence,
                     entry.citation,
                     entry.home,
                     is_available(entry.name)};
    for (const PublishedFile& file : entry.files) info.download_bytes += file.bytes;
    result.push_back(std::move(info));
  }
  return result;
}

bool is_available(std::string_view name) {
  const RegisteredDataset& entry = require_dataset(name);
  return entry.files.empty() || complete_folder(entry).has_value();
}

}  // namespace wta
