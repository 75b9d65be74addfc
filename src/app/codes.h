#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "app/code_table.h"
#include "wta/dataset.h"
#include "wta/model.h"

namespace wta {

/// Which samples of a data set a verb reads.
enum class SplitChoice { train, test };

/// Calls `block(first, codes)` for consecutive blocks of codes [n, code_size]; memory does not grow with the
/// set.
void for_each_code_block(const Context& context, const Model& model, const Samples& samples,
                         const StageChoice& stages,
                         const std::function<void(std::int64_t first, ConstMatrixView<float> codes)>& block);

/// All codes at once, [N, code_size], where there is room for them. Throws as make_table.
[[nodiscard]] Tensor<float> encode_all(const Context& context, const Model& model, const Samples& samples,
                                       const StageChoice& stages, const TableRoom& room);

struct EncodeVerb {
  std::filesystem::path run;
  DataOptions data;
  std::string split;  ///< "train", "test" or "" (everything of data without a split, else train)
  std::filesystem::path out;
  std::string stages = "top";  ///< parse_stage_choice
  std::int64_t threads = 0;
  const std::atomic<int>* stop = nullptr;  ///< as Context::stop
};

struct EncodeReport {
  std::int64_t samples = 0;
  std::int64_t features = 0;
  double active_fraction = 0;  ///< non-zero entries
};

/// Codes of test time to .npy (dense) or .npz (scipy CSR). Throws InvalidArgument for another suffix,
/// Interrupted.
EncodeReport run_encode(const EncodeVerb& verb);

struct ReconstructVerb {
  std::filesystem::path run;
  DataOptions data;
  std::string split;
  std::filesystem::path out;
  std::int64_t threads = 0;
  const std::atomic<int>* stop = nullptr;  ///< as Context::stop
};

struct ReconstructReport {
  std::int64_t samples = 0;
  double explained_variance = 0;  ///< with thresholds
};

/// Reconstructions to .png (the first 20, inputs above) or .npy (all, [N, D]). Throws as run_encode.
ReconstructReport run_reconstruct(const ReconstructVerb& verb);

/// One split, with the names of its labels' classes.
struct LoadedSplit {
  Split split;
  std::vector<std::string> class_names;
};

/// The samples of `data` that `split` names, in the file's order. Data without a split of its own is not cut.
[[nodiscard]] LoadedSplit load_split(DataOptions data, const std::string& split, SplitChoice preferred,
                                     const Context& context);

}  // namespace wta
