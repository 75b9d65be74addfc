#pragma once
/// Labelled or unlabelled samples, and where they come from.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wta/context.h"
#include "wta/options.h"
#include "wta/tensor.h"

namespace wta {

/// N samples of one shape. u8 values are divided by 255 when they are read; float values are taken as
/// they are.
class Samples {
 public:
  using Values = std::variant<Tensor<std::uint8_t>, Tensor<float>>;

  Samples() = default;
  /// Shape [N,D], [N,H,W] or [N,H,W,C]; throws DataError for any other.
  explicit Samples(Tensor<std::uint8_t> values);
  /// As above; throws DataError when a value is NaN or infinite (names sample and position).
  explicit Samples(Tensor<float> values);

  [[nodiscard]] std::int64_t count() const;
  /// Shape of one sample: {D}, {H,W} or {H,W,C}.
  [[nodiscard]] Shape sample_shape() const;
  /// Values in one sample (D).
  [[nodiscard]] std::int64_t sample_size() const;
  /// out[i,:] = sample indices[i], converted. out is [indices, D]. Throws InvalidArgument when the sizes
  /// differ or an index is not in 0 .. count-1.
  void gather(std::span<const std::int64_t> indices, MatrixView<float> out) const;
  /// Samples [begin, begin + out.rows) in order.
  void read(std::int64_t begin, MatrixView<float> out) const;
  /// The same samples seen in another shape. Throws InvalidArgument for another number of values.
  [[nodiscard]] Samples reshaped(const Shape& sample_shape) &&;
  /// A new set with the given samples, in that order.
  [[nodiscard]] Samples subset(std::span<const std::int64_t> indices) const;
  /// Hex SHA-256 of shape, type and values: what a trained model remembers of its data.
  [[nodiscard]] std::string fingerprint() const;

  /// [count, sample shape] as they are stored.
  [[nodiscard]] const Values& values() const { return values_; }

 private:
  Values values_;
};

/// Samples with their class numbers.
struct Split {
  Samples samples;
  std::vector<std::int32_t> labels;  ///< [N] in 0 .. classes-1, -1 where unknown; empty without labels
};

struct Dataset {
  std::string name;  ///< the registered name, or the file's base name
  Split train;
  Split test;                            ///< may be empty (count 0) when nothing can be held out
  std::vector<std::string> class_names;  ///< [classes]; empty without labels
};

/// How to find and cut a data set.
struct DataOptions {
  std::string data = {};        ///< a name or a path
  std::string label_file = {};  ///< CSV with one label per line, or "index,label"; empty: the data's own
  double hold_out_fraction = 0.2;
  std::string image_size = {};   ///< "HxW": rows of H*W*C values are images of that size
  std::int64_t patches = 0;      ///< squares cut at random from the training images; 0: the images themselves
  std::int64_t patch_size = 16;  ///< height and width of a patch
  void visit_options(OptionVisitor& visitor);
};

/// Loads a data set by name (looked up in $WTA_DATA, then in the user's cache folder) or by path (idx, npy,
/// npz, CIFAR-10's .bin, an image, or a folder of images or of MNIST's or CIFAR-10's files; docs/data.md).
/// Without a split of its own, a stratified fraction drawn by context.seed is held out. Throws IoError
/// (missing; says how to fetch it, or to use `digits`), DataError (damaged content), InvalidArgument (unknown
/// name or option).
[[nodiscard]] Dataset load_dataset(const DataOptions& options, const Context& context);

/// `labels_wanted` indices, the same number of each class (the remainder spread over the first classes),
/// drawn without replacement by (seed, subset). labels_wanted = all of them returns 0 .. N-1.
/// Throws InvalidArgument when a class has too few samples.
[[nodiscard]] std::vector<std::int64_t> balanced_subset(std::span<const std::int32_t> labels,
                                                        std::int64_t labels_wanted, std::uint64_t seed,
                                                        std::uint64_t subset);

/// The built-in set: 60,000 + 10,000 drawn digits, 28x28 u8, identical bytes on every machine. Every class
/// has the same number of samples, in shuffled order. context.seed changes nothing.
[[nodiscard]] Dataset built_in_digits(const Context& context);

/// What there is to know of a data set that has a name.
struct DatasetInfo {
  std::string name;
  std::string description;  ///< one line
  std::int64_t train_count = 0;
  std::int64_t test_count = 0;
  Shape sample_shape;
  std::vector<std::string> class_names;
  std::int64_t download_bytes = 0;  ///< 0: nothing that fetch_dataset can bring
  std::string how_to_get;           ///< what to do when it is not here; empty: built in
  std::string licence;
  std::string citation;
  std::string home;
  bool available = false;  ///< all its files are here
};

/// Every name that load_dataset knows, in the order to list them.
[[nodiscard]] std::vector<DatasetInfo> known_datasets();
/// True when load_dataset would find every file. Throws InvalidArgument for an unknown name.
[[nodiscard]] bool is_available(std::string_view name);

/// How far a download has come.
struct FetchProgress {
  std::string file;
  std::string mirror;
  std::int64_t received_bytes = 0;  ///< of this file, those of an earlier try included
  std::int64_t total_bytes = 0;
};
/// Called now and then; what it throws ends the download and leaves fetch_dataset.
using FetchProgressFunction = std::function<void(const FetchProgress&)>;

/// Downloads what is missing of a named set into the user's cache folder and returns the set's folder. A set
/// that has no mirrors is only looked for; IoError then says where to get it.
/// Every file is checked against its SHA-256 and appears whole or not at all; a broken download goes on where
/// it stopped. Throws IoError (names every mirror tried and why it failed), InvalidArgument (unknown name).
std::filesystem::path fetch_dataset(std::string_view name, const FetchProgressFunction& progress = {});

}  // namespace wta
