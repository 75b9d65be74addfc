#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "wta/classifier.h"
#include "wta/dataset.h"
#include "wta/model.h"
#include "wta/options.h"

namespace wta {

/// Every option of `wta classify`.
struct ClassifyVerb {
  std::filesystem::path run;
  DataOptions data;  ///< empty name: the data that the run was trained on
  std::int64_t labels = 0;
  std::int64_t subsets = 5;
  double holdout = 0;
  std::string features = "codes";
  std::string stages = "top";  ///< parse_stage_choice
  std::int64_t seed = 1;
  std::int64_t threads = 0;
  void visit_options(OptionVisitor& visitor);
};

/// Figures of a classification; with subsets, means over them.
struct ClassifyReport {
  double test_error_percent = 0;
  double test_error_std = 0;  ///< over subsets; 0 for one
  double train_error_percent = 0;
  double C = 0;           ///< of the last subset
  double code_scale = 0;  ///< of the last subset
  std::int64_t n_train = 0;
  std::int64_t n_test = 0;
  std::int64_t n_features = 0;
  std::int64_t subsets = 1;
  double seconds = 0;
  bool saved = false;  ///< classifier.safetensors was written
};

/// Who watches a classification, and who may stop it. All may be empty.
struct ClassifyHooks {
  SvmProgress on_iteration;
  std::function<void(const std::string&)> on_warning;
  const std::atomic<int>* stop = nullptr;  ///< as Context::stop
};

/// Linear SVM on the codes (docs/math.md); writes classifier.safetensors into the run folder.
/// Test data: the data's own test split; with `holdout`, that share of the training labels instead; without
/// any test labels, a fifth of the labelled samples, and the saved classifier is then refitted on all of
/// them. Throws Interrupted.
ClassifyReport run_classify(const ClassifyVerb& verb, const ClassifyHooks& hooks = {});

/// Whose codes the classifier in `file` reads. Throws DataError that names the file where it is not of this
/// model.
[[nodiscard]] StageChoice stages_of(const LinearClassifier& classifier, const Model& model,
                                    const std::filesystem::path& file);

struct PredictVerb {
  std::filesystem::path run;
  DataOptions data;
  std::string split;
  std::filesystem::path out;
  std::int64_t threads = 0;
  const std::atomic<int>* stop = nullptr;  ///< as Context::stop
};

struct PredictReport {
  std::int64_t samples = 0;
  std::optional<double> error_percent;  ///< when the data has labels of the same classes
};

/// Class of every sample to a CSV file "index,label". Throws IoError when there is no classifier yet,
/// Interrupted.
PredictReport run_predict(const PredictVerb& verb);

}  // namespace wta
