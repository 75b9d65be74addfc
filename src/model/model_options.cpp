#include <fmt/format.h>

#include <algorithm>

#include "model/pooling.h"
#include "wta/error.h"
#include "wta/model.h"
#include "wta/preprocessing.h"

namespace wta {
namespace {

constexpr double kFcLifetime = 0.05;
constexpr double kConvLifetime = 0.20;
constexpr double kWtaRbmLifetime = 0.30;
constexpr double kFcInitScale = 0.01;
constexpr double kConvInitScale = 0.05;

[[noreturn]] void refuse(std::string_view option, const std::string& rule, const std::string& suggestion) {
  throw InvalidArgument(fmt::format("{}: {}. Try: {}.", option, rule, suggestion));
}

void resolve_tied(ModelOptions& options, const Architecture& arch) {
  const bool can_tie = !arch.convolutional() && arch.encoder.size() == 1;
  if (options.tied == "auto") options.tied = can_tie ? "yes" : "no";
  if (options.tied == "yes" && !can_tie) {
    refuse("tied",
           fmt::format("only a fully connected encoder of one layer can share its weights with the decoder; "
                       "got arch '{}'",
                       options.arch),
           "--untied");
  }
}

Rate default_lifetime(const ModelOptions& options, bool convolutional) {
  if (options.model == "rbm") return {.fraction = 1, .off = true};
  if (options.model == "wta-rbm") return {.fraction = kWtaRbmLifetime};
  if (options.activation != "relu") return {.fraction = 1, .off = true};
  return {.fraction = convolutional ? kConvLifetime : kFcLifetime};
}

void resolve_competition(ModelOptions& options, bool convolutional) {
  if (options.spatial == "auto") options.spatial = convolutional ? "yes" : "no";
  if (options.spatial == "yes" && !convolutional) {
    refuse("spatial",
           fmt::format("only feature maps have positions that compete; got arch '{}'", options.arch),
           "--no-spatial, or a convolutional --arch");
  }
  if (options.lifetime.automatic) options.lifetime = default_lifetime(options, convolutional);
}

std::string natural_activation(const ModelOptions& options) {
  if (options.model != "autoencoder") return "sigmoid";
  if (options.k_sparse > 0) return "identity";
  return options.kl_weight > 0 ? "sigmoid" : "relu";
}

void resolve_activation(ModelOptions& options) {
  const std::string natural = natural_activation(options);
  const bool rbm = options.model != "autoencoder";
  if (options.activation == "auto") options.activation = natural;
  if ((rbm || options.k_sparse > 0) && options.activation != natural) {
    refuse("activation",
           fmt::format("the hidden units of {} are {}; got activation {}",
                       rbm ? "an RBM" : "a k-sparse network", natural, options.activation),
           fmt::format("--activation {}", natural));
  }
  if (options.kl_weight > 0 && (rbm || options.activation != "sigmoid")) {
    refuse("kl_weight",
           fmt::format(
               "only the mean activation of an autoencoder's sigmoid units is penalised; got model '{}', "
               "activation {}",
               options.model, options.activation),
           "--model autoencoder --activation sigmoid, or --kl-weight 0");
  }
}

// Sigmoid and linear units have one layer, and neither compete across the mini-batch nor are dropped.
void require_plain_layer(const ModelOptions& options, const Architecture& arch) {
  if (options.activation == "relu" || options.model != "autoencoder") return;
  if (arch.convolutional() || arch.encoder.size() > 1) {
    refuse(options.k_sparse > 0 ? "k_sparse" : "activation",
           fmt::format("only an encoder of one fully connected layer is {}; got arch '{}'",
                       options.activation, options.arch),
           fmt::format("--arch {}fc", arch.encoder.back().units));
  }
  if (!options.lifetime.off && !options.lifetime.automatic) {
    refuse("lifetime",
           fmt::format("only rectified units compete across the mini-batch; got activation {}, lifetime {}",
                       options.activation, to_string(options.lifetime)),
           "--lifetime off");
  }
  if (options.hidden_dropout != 0) {
    refuse("hidden_dropout",
           fmt::format("only rectified units are dropped; got activation {}", options.activation),
           "--hidden-dropout 0");
  }
}

void require_k_sparse(const ModelOptions& options, const Architecture& arch) {
  const std::int64_t units = arch.encoder.back().units;
  const std::int64_t k = options.k_sparse;
  if (k > units) {
    refuse("k_sparse", fmt::format("a sample keeps at most all {} units; got {}", units, k),
           fmt::format("--k-sparse {}", std::max<std::int64_t>(1, units / 20)));
  }
  if (options.k_sparse_start != 0 &&
      (k == 0 || options.k_sparse_start < k || options.k_sparse_start > units)) {
    refuse("k_sparse_start",
           fmt::format("k falls from k_sparse_start, at most {} units, to k_sparse; got {} and {}", units,
                       options.k_sparse_start, k),
           "--k-sparse-start 0");
  }
  if (k == 0 && options.k_sparse_alpha != 1) {
    refuse("k_sparse_alpha",
           fmt::format("only the codes of a k-sparse network have it; got k_sparse 0, k_sparse_alpha {}",
                       options.k_sparse_alpha),
           "--k-sparse K");
  }
}

void require_no_dropped_competitors(const ModelOptions& options) {
  if (options.hidden_dropout == 0 || (options.lifetime.off && options.spatial == "no")) return;
  refuse("hidden_dropout",
         fmt::format("the method does not combine dropout of hidden units with a competition between them; "
                     "got hidden_dropout {}, lifetime {}, spatial {}",
                     options.hidden_dropout, to_string(options.lifetime), options.spatial),
         options.spatial == "yes" ? "--lifetime off --no-spatial" : "--lifetime off");
}

// What only contrastive divergence reads.
void require_no_rbm_options(const ModelOptions& options) {
  if (options.cd_steps != 1) {
    refuse("cd_steps",
           fmt::format("only an RBM runs a Gibbs chain; got model '{}', cd_steps {}", options.model,
                       options.cd_steps),
           "--model rbm");
  }
  if (options.weight_decay != 0) {
    refuse("weight_decay",
           fmt::format("only the weights of an RBM decay; got model '{}', weight_decay {}", options.model,
                       options.weight_decay),
           "--model rbm, or --weight-decay 0");
  }
}

void require_rbm(const ModelOptions& options, const Architecture& arch) {
  const std::string& model = options.model;
  if (arch.convolutional() || arch.encoder.size() > 1) {
    refuse("model",
           fmt::format("an RBM has one fully connected layer of hidden units; got model '{}', arch '{}'",
                       model, options.arch),
           fmt::format("--arch {}fc", arch.encoder.back().units));
  }
  if (options.tied == "no") {
    refuse("tied", fmt::format("an RBM has one weight matrix for both directions; got model '{}'", model),
           "--tied");
  }
  if (options.k_sparse != 0) {
    refuse("k_sparse",
           fmt::format("the hidden units of an RBM compete by lifetime alone; got model '{}'", model),
           "--model wta-rbm, or --k-sparse 0");
  }
  if (options.input_dropout != 0 || options.hidden_dropout != 0) {
    refuse(options.hidden_dropout != 0 ? "hidden_dropout" : "input_dropout",
           fmt::format("an RBM trains without dropout; got model '{}'", model), "--model autoencoder");
  }
  if (model == "rbm" && !options.lifetime.off && !options.lifetime.automatic) {
    refuse("lifetime",
           fmt::format("the units of a plain RBM do not compete; got model 'rbm', lifetime {}",
                       to_string(options.lifetime)),
           "--model wta-rbm, or --lifetime off");
  }
  if (model == "wta-rbm" && options.lifetime.off) {
    refuse("lifetime", "the units of a wta-rbm compete; got lifetime off", "--model rbm");
  }
}

void require_maps(const Architecture& arch, const ModelOptions& options, const Shape& shape) {
  if (shape.size() != 2 && shape.size() != 3) {
    refuse("arch",
           fmt::format("a convolutional encoder needs images [H,W] or [H,W,C]; got samples {} for '{}'",
                       to_string(shape), options.arch),
           "--image-size HxW, or a fully connected --arch such as 2000fc");
  }
  const std::int64_t extent = std::min(shape[0], shape[1]);
  std::int64_t largest = arch.decoder_kernel;
  for (const LayerSpec& layer : arch.encoder) largest = std::max(largest, layer.kernel);
  if (largest > extent) {
    refuse("arch",
           fmt::format("a filter is at most as large as the image; got {0}x{0} in '{1}' for samples {2}",
                       largest, options.arch, to_string(shape)),
           "smaller filters");
  }
}

}  // namespace

void ModelOptions::visit_options(OptionVisitor& visitor) {
  visitor.visit({.name = "model",
                 .help = "What learns: an autoencoder, a binary RBM, or an RBM whose hidden units compete.",
                 .range = "autoencoder|rbm|wta-rbm",
                 .source = "Makhzani & Frey 2015",
                 .choices = {"autoencoder", "rbm", "wta-rbm"}},
                model);
  visitor.visit(
      {.name = "preprocess",
       .help = "Steps between the data and the first layer, stored in the model: normalize (each sample's "
               "mean and deviation), local-meanN and local-contrastN (Gaussian window of N positions), zca "
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
               "20% for conv, 30% for wta-rbm, off for rbm.",
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
       .range = "WINDOW/STRIDE, off or auto",
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
  visitor.visit({.name = "weight_decay",
                 .help = "Of an RBM: this times the weights is added to their gradient.",
                 .range = "0..1",
                 .source = "Hinton 2010",
                 .minimum = 0,
                 .maximum = 1},
                weight_decay);
  visitor.visit(
      {.name = "activation",
       .help = "Of the last encoder layer; auto: identity for k-sparse, sigmoid for an RBM and with "
               "kl_weight, else relu. The first two have one fc layer.",
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
  options.model == "autoencoder" ? require_no_rbm_options(options) : require_rbm(options, arch);
  resolve_tied(options, arch);
  resolve_activation(options);
  require_plain_layer(options, arch);
  require_k_sparse(options, arch);
  resolve_competition(options, arch.convolutional());
  if (options.init_scale == 0) options.init_scale = arch.convolutional() ? kConvInitScale : kFcInitScale;
  require_no_dropped_competitors(options);
  options.pool = resolve_pool(options.pool, arch.convolutional(), sample_shape);
  return options;
}

}  // namespace wta
