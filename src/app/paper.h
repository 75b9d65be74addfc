#pragma once
/// What the paper shows and what it takes to show it again: every table and figure of Makhzani & Frey 2015 as
/// data. docs/reproduce.md says what differs from the paper, and why.

#include <optional>
#include <string>
#include <vector>

#include "app/train.h"

namespace wta {

/// One training: a recipe and what differs from it.
struct PaperTraining {
  std::string name;  ///< of its folder
  std::string recipe;
  OptionValues options = {};
  OptionValues quick = {};  ///< with --quick, on top
};

/// One line of a table. Without a training, the published number is quoted only.
struct PaperRow {
  std::string label;
  std::optional<double> published;
  std::string training = {};
  std::string features = "codes";  ///< codes or raw, of ClassifyVerb
  std::string stages = "top";
  std::int64_t labels = 0;
};

enum class PaperPicture { filters, reconstructions, maps };

/// One picture of a figure.
struct PaperPart {
  std::string caption;
  std::string training;
  PaperPicture kind = PaperPicture::filters;
  std::int64_t stage = 1;
  std::int64_t count = 64;  ///< atoms or maps shown
};

/// A table or a figure.
struct PaperExhibit {
  std::string name;  ///< table1, fig1
  std::string title;
  bool accuracy = false;  ///< of a table: numbers are accuracies, not errors
  std::vector<PaperRow> rows = {};
  std::vector<PaperPart> parts = {};
  std::string note = {};
};

/// Tables and figures in the paper's order, and the trainings that they name.
struct PaperCatalogue {
  std::vector<PaperTraining> trainings;
  std::vector<PaperExhibit> exhibits;

  /// Throws InvalidArgument (unknown name; says the nearest one).
  [[nodiscard]] const PaperExhibit& exhibit(const std::string& name) const;
  /// Throws InternalError when there is none.
  [[nodiscard]] const PaperTraining& training(const std::string& name) const;
};

/// The options of a training, all but seed and folder.
[[nodiscard]] TrainVerb training_verb(const PaperTraining& training, bool quick);

/// That of Makhzani & Frey 2015.
[[nodiscard]] const PaperCatalogue& paper();

}  // namespace wta
