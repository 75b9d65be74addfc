#include <fmt/format.h>

#include <algorithm>

#include "model/model_rules.h"
#include "model/pooling.h"
#include "wta/error.h"
#include "wta/model.h"
#include "wta/preprocessing.h"

namespace wta {
namespace {

constexpr double kFcLifetime = 0.05;
constexpr double kConvLifetime = 0.20;
constexpr double kWtaRbmLifetime = 0.10;
constexpr double kFcInitScale = 0.01;
constexpr double kConvInitScale = 0.05;

void resolve_tied(ModelOptions& options, const Architecture& arch) {
  const bool can_tie = !arch.convolutional() && arch.encoder.size() == 1;
  if (options.tied == "auto") options.tied = can_tie ? "yes" : "no";
  if (options.tied == "yes" && !can_tie) {
    refuse_option(
        "tied",
        fmt::format("only a fully connected encoder of one layer can share its weights with the decoder; "
                    "got arch '{}'",
                    options.arch),
        "--untied");
  }
}

Rate default_lifetime(const ModelOptions& options, bool convolutional) {
  if (options.model == "rbm") return {.fraction = 1, .off = true};
  if (options.model == "wta-rbm") return {.fraction = kWtaRbmLifetime};
  if (options.activation != "relu" || options.k_sparse > 0) return {.fraction = 1, .off = true};
  return {.fraction = convolutional ? kConvLifetime : kFcLifetime};
}

void resolve_competition(ModelOptions& options, bool convolutional) {
  if (options.spatial == "auto") options.spatial = convolutional ? "yes" : "no";
  if (options.spatial == "yes" && !convolutional) {
    refuse_option("spatial",
                  fmt::format("only feature maps have positions that compete; got arch '{}'", options.arch),
                  "--no-spatial, or a convolutional --arch");
  }
  if (options.lifetime.automatic) options.lifetime = default_lifetime(options, convolutional);
}

std::string natural_activation(const ModelOptions& options) {
  if (is_rbm(options)) return "sigmoid";
  if (options.model == "pca") return "identity";
  if (options.k_sparse > 0) return "identity";
  return options.kl_weight > 0 ? "sigmoid" : "relu";
}

// What leaves no choice of activation; null where there is one.
const char* name_of_fixed_units(const ModelOptions& options) {
  if (is_rbm(options)) return "an RBM";
  if (options.model == "pca") return "principal components";
  return options.k_sparse > 0 ? "a k-sparse network" : nullptr;
}

void resolve_activation(ModelOptions& options) {
  const std::string natural = natural_activation(options);
  if (options.activation == "auto") options.activation = natural;
  const bool rectified_k_sparse = options.k_sparse > 0 && !is_rbm(options) && options.activation == "relu";
  if (name_of_fixed_units(options) && options.activation != natural && !rectified_k_sparse) {
    refuse_option("activation",
                  fmt::format("the hidden units of {} are {}; got activation {}",
                              name_of_fixed_units(options), natural, options.activation),
                  fmt::format("--activation {}", natural));
  }
  if (options.kl_weight > 0 && (options.model != "autoencoder" || options.activation != "sigmoid")) {
    refuse_option(
        "kl_weight",
        fmt::format(
            "only the mean activation of an autoencoder's sigmoid units is penalised; got model '{}', "
            "activation {}",
            options.model, options.activation),
        "--model autoencoder --activation sigmoid, or --kl-weight 0");
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-function-size): as long as the options
void ModelOptions::visit_options(OptionVisitor& visitor) {
  visitor.visit(
      {.name = "model",
       .help = "What learns: an autoencoder, a binary RBM, an RBM whose hidden units compete, or principal "
               "components (no training, a baseline).",
       .range = "autoencoder|rbm|wta-rbm|pca",
       .source = "Makhzani & Frey 2015",
       .choices = {"autoencoder", "rbm", "wta-rbm", "pca"}},
      model);
  visitor.visit(
      {.name = "preprocess",
       .help = "Steps between the data and the first layer, stored in the model: range (each value from "
               "its range in the training samples to 0..1), normalize (each sample's mean and deviation), "
               "local-meanN and local-contrastN (Gaussian window of N positions), zca "
               "(whitening fitted on the training samples).",
       .range = "none, or e.g. normalize+zca, normalize+local-mean13",
       .source = "Makhzani & Frey 2015"},
      preprocess);
  visitor.visit({.name = "zca_epsilon",
                 .help = "Added to the variances that zca divides by.",
                 .range = "1e-8..1e6",
                 .source = "Makhzani & Frey 2015",
                 .minimum = 1e-8,
                 .maximum = 1e6},
                zca_epsilon);
  visitor.visit(
      {.name = "arch",
       .help = "Layers of the encoder; an fc encoder's linear decoder is implied, a conv encoder ends "
               "in one deconv.",
       .range = "e.g. 2000fc, 1000fc-2000fc, 64conv5-64conv5-64deconv11",
       .source = "Makhzani & Frey 2015, sections 2 and 3"},
      arch);
  visitor.visit(
      {.name = "lifetime",
       .help = "Share of the mini-batch that each hidden unit or map keeps in training; auto: 5% for fc, "
               "20% for conv, 10% for wta-rbm, off for rbm.",
       .range = "above 0% to 100%, off or auto",
       .source = "Makhzani & Frey 2015, sections 2 and 3"},
      lifetime);
  visitor.visit(
      {.name = "spatial",
       .help = "Each feature map keeps its largest activation per image in training; auto: yes for conv.",
       .range = "auto|yes|no",
       .source = "Makhzani & Frey 2015, section 3",
       .choices = {"auto", "yes", "no"}},
      spatial);
  visitor.visit({.name = "threshold_codes",
                 .help = "Codes keep only activations above their unit's threshold, the mean of its smallest "
                         "winners in training, so that they are sparse at test time too."},
                threshold_codes);
  visitor.visit(
      {.name = "tied",
       .help = "Decoder weights are the encoder's transposed; auto ties an fc encoder of one layer.",
       .range = "auto|yes|no",
       .choices = {"auto", "yes", "no"}},
      tied);
  visitor.visit(
      {.name = "pool",
       .help = "Max-pooling of the maps at test time; auto: 5/3, for maps narrower than 20 3/2, narrower "
               "than 6 off.",
       .range = "WINDOW/STRIDE|off|auto",
       .source = "Makhzani & Frey 2015, section 3"},
      pool);
  visitor.visit(
      {.name = "init_scale",
       .help = "Standard deviation of the first weights (Gaussian); 0 means 0.01 for fc, 0.05 for conv.",
       .range = "0..10",
       .minimum = 0,
       .maximum = 10},
      init_scale);
  visitor.visit({.name = "input_dropout",
                 .help = "Probability that an input of a training batch is set to 0 (the others stay as they "
                         "are); the error is measured against the whole input.",
                 .range = "0..0.99",
                 .source = "Makhzani & Frey 2015, baselines",
                 .minimum = 0,
                 .maximum = 0.99},
                input_dropout);
  visitor.visit({.name = "hidden_dropout",
                 .help = "Probability that training drops an activation of the last encoder layer; the "
                         "others are scaled by 1/(1-p), so that codes need no scaling. Only without "
                         "competition.",
                 .range = "0..0.99",
                 .source = "Makhzani & Frey 2015, baselines",
                 .minimum = 0,
                 .maximum = 0.99},
                hidden_dropout);
  visitor.visit({.name = "cd_steps",
                 .help = "Steps of the Gibbs chain of an RBM's negative phase (contrastive divergence).",
                 .unit = "steps",
                 .range = "1..1000",
                 .source = "Hinton 2002",
                 .minimum = 1,
                 .maximum = 1000},
                cd_steps);
  visitor.visit({.name = "cd_persistent",
                 .help = "The Gibbs chains of an RBM go on from one training step to the next instead of "
                         "starting at the data.",
                 .source = "Tieleman 2008"},
                cd_persistent);
  visitor.visit({.name = "cd_competition",
                 .help = "Where the hidden units of a wta-rbm compete: in both phases of contrastive "
                         "divergence, or in the positive phase alone.",
                 .range = "both|positive",
                 .source = "Makhzani & Frey 2015 (positive)",
                 .choices = {"both", "positive"}},
                cd_competition);
  visitor.visit({.name = "weight_decay",
                 .help = "Of an RBM: this times the weights is added to their gradient.",
                 .range = "0..1",
                 .source = "Hinton 2010",
                 .minimum = 0,
                 .maximum = 1},
                weight_decay);
  visitor.visit(
      {.name = "activation",
       .help =
           "Of the last encoder layer; auto: identity for k-sparse (relu is allowed too), sigmoid for an RBM "
           "and with kl_weight, else relu. The first two have one fc layer.",
       .range = "auto|relu|sigmoid|identity",
       .choices = {"auto", "relu", "sigmoid", "identity"}},
      activation);
  visitor.visit({.name = "k_sparse",
                 .help = "Activations that each sample keeps in training, the largest ones; 0: off.",
                 .unit = "units",
                 .range = ">= 0",
                 .source = "Makhzani & Frey 2013",
                 .minimum = 0},
                k_sparse);
  visitor.visit({.name = "k_sparse_alpha",
                 .help = "Codes of a k-sparse network keep this times k activations.",
                 .range = "1..100",
                 .source = "Makhzani & Frey 2013",
                 .minimum = 1,
                 .maximum = 100},
                k_sparse_alpha);
  visitor.visit(
      {.name = "k_sparse_start",
       .help = "k of the first epoch, falling linearly to k_sparse over the first half of the epochs; 0: "
               "k_sparse from the start.",
       .unit = "units",
       .range = ">= 0",
       .source = "Makhzani & Frey 2013",
       .minimum = 0},
      k_sparse_start);
  visitor.visit(
      {.name = "kl_weight",
       .help = "The loss grows by this times the sum over units of KL(kl_target || mean activation over "
               "the mini-batch), on sigmoid units; 0: off.",
       .range = "0..1000",
       .source = "Makhzani & Frey 2015, baselines",
       .minimum = 0,
       .maximum = 1000},
      kl_weight);
  visitor.visit({.name = "kl_target",
                 .help = "Mean activation of a unit that kl_weight asks for.",
                 .range = "0.0001..0.9999",
                 .minimum = 0.0001,
                 .maximum = 0.9999},
                kl_target);
}

ModelOptions resolve(ModelOptions options, const Shape& sample_shape) {
  const Architecture arch = parse_architecture(options.arch);
  if (element_count(sample_shape) < 1) {
    throw InvalidArgument(
        fmt::format("model: a sample must hold at least one value; got shape {}.", to_string(sample_shape)));
  }
  require_preprocessable(parse_preprocessing(options.preprocess), sample_shape);
  if (arch.convolutional()) require_maps(arch, options, sample_shape);
  require_kind(options, arch, sample_shape);
  resolve_tied(options, arch);
  resolve_activation(options);
  require_plain_layer(options, arch);
  require_thresholds(options);
  require_k_sparse(options, arch);
  resolve_competition(options, arch.convolutional());
  if (options.init_scale == 0) options.init_scale = arch.convolutional() ? kConvInitScale : kFcInitScale;
  require_no_dropped_competitors(options);
  options.pool = resolve_pool(options.pool, arch.convolutional(), sample_shape);
  return options;
}

}  // namespace wta
