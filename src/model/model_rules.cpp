#include "model/model_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "wta/error.h"

namespace wta {
namespace {

// What only contrastive divergence reads.
void require_no_rbm_options(const ModelOptions& options) {
  if (options.cd_steps != 1) {
    refuse_option("cd_steps",
                  fmt::format("only an RBM runs a Gibbs chain; got model '{}', cd_steps {}", options.model,
                              options.cd_steps),
                  "--model rbm");
  }
  if (options.cd_persistent) {
    refuse_option("cd_persistent",
                  fmt::format("only an RBM runs Gibbs chains; got model '{}'", options.model), "--model rbm");
  }
  if (options.weight_decay != 0) {
    refuse_option("weight_decay",
                  fmt::format("only the weights of an RBM decay; got model '{}', weight_decay {}",
                              options.model, options.weight_decay),
                  "--model rbm, or --weight-decay 0");
  }
}

void require_rbm(const ModelOptions& options, const Architecture& arch) {
  const std::string& model = options.model;
  if (arch.convolutional() || arch.encoder.size() > 1) {
    refuse_option(
        "model",
        fmt::format("an RBM has one fully connected layer of hidden units; got model '{}', arch '{}'", model,
                    options.arch),
        fmt::format("--arch {}fc", arch.encoder.back().units));
  }
  if (options.tied == "no") {
    refuse_option("tied",
                  fmt::format("an RBM has one weight matrix for both directions; got model '{}'", model),
                  "--tied");
  }
  if (options.k_sparse != 0) {
    refuse_option("k_sparse",
                  fmt::format("the hidden units of an RBM compete by lifetime alone; got model '{}'", model),
                  "--model wta-rbm, or --k-sparse 0");
  }
  if (options.input_dropout != 0 || options.hidden_dropout != 0) {
    refuse_option(options.hidden_dropout != 0 ? "hidden_dropout" : "input_dropout",
                  fmt::format("an RBM trains without dropout; got model '{}'", model), "--model autoencoder");
  }
  if (model == "rbm" && !options.lifetime.off && !options.lifetime.automatic) {
    refuse_option("lifetime",
                  fmt::format("the units of a plain RBM do not compete; got model 'rbm', lifetime {}",
                              to_string(options.lifetime)),
                  "--model wta-rbm, or --lifetime off");
  }
  if (model == "wta-rbm" && options.lifetime.off) {
    refuse_option("lifetime", "the units of a wta-rbm compete; got lifetime off", "--model rbm");
  }
}

// Principal components are what they are: nothing is trained, dropped or made sparse.
void require_pca(const ModelOptions& options, const Architecture& arch, const Shape& sample_shape) {
  const std::int64_t units = arch.encoder.back().units;
  if (arch.convolutional() || arch.encoder.size() > 1) {
    refuse_option(
        "model",
        fmt::format("principal components are one fully connected layer; got arch '{}'", options.arch),
        fmt::format("--arch {}fc", units));
  }
  const std::int64_t size = element_count(sample_shape);
  if (units > size) {
    refuse_option("arch",
                  fmt::format("samples of {} values have as many principal components; got {}", size, units),
                  fmt::format("--arch {}fc", size));
  }
  if (options.tied == "no" || options.k_sparse != 0 || options.input_dropout != 0 ||
      options.hidden_dropout != 0 || (!options.lifetime.off && !options.lifetime.automatic)) {
    refuse_option(
        "model",
        fmt::format("principal components are found without competition, dropout or a second weight "
                    "matrix; got lifetime {}, tied {}, k_sparse {}, input_dropout {}, hidden_dropout {}",
                    to_string(options.lifetime), options.tied, options.k_sparse, options.input_dropout,
                    options.hidden_dropout),
        "--model pca with none of these");
  }
}

}  // namespace

[[noreturn]] void refuse_option(std::string_view option, const std::string& rule,
                                const std::string& suggestion) {
  throw InvalidArgument(fmt::format("{}: {}. Try: {}.", option, rule, suggestion));
}

// Sigmoid, linear and k-sparse units have one layer, and neither compete across the mini-batch nor are
// dropped.
void require_plain_layer(const ModelOptions& options, const Architecture& arch) {
  const bool k_sparse = options.k_sparse > 0;
  if ((options.activation == "relu" && !k_sparse) || is_rbm(options)) return;
  const std::string kind = k_sparse ? "k-sparse" : options.activation;
  if (arch.convolutional() || arch.encoder.size() > 1) {
    refuse_option(
        k_sparse ? "k_sparse" : "activation",
        fmt::format("only an encoder of one fully connected layer is {}; got arch '{}'", kind, options.arch),
        fmt::format("--arch {}fc", arch.encoder.back().units));
  }
  if (!options.lifetime.off && !options.lifetime.automatic) {
    refuse_option("lifetime",
                  fmt::format("{} units do not compete across the mini-batch; got lifetime {}", kind,
                              to_string(options.lifetime)),
                  "--lifetime off");
  }
  if (options.hidden_dropout != 0) {
    refuse_option(
        "hidden_dropout",
        fmt::format("{} units are not dropped; got hidden_dropout {}", kind, options.hidden_dropout),
        "--hidden-dropout 0");
  }
}

void require_thresholds(const ModelOptions& options) {
  if (!options.threshold_codes || options.activation == "relu") return;
  refuse_option("threshold_codes",
                fmt::format("only rectified units have thresholds; got activation {}", options.activation),
                "--activation relu");
}

void require_k_sparse(const ModelOptions& options, const Architecture& arch) {
  const std::int64_t units = arch.encoder.back().units;
  const std::int64_t k = options.k_sparse;
  if (k > units) {
    refuse_option("k_sparse", fmt::format("a sample keeps at most all {} units; got {}", units, k),
                  fmt::format("--k-sparse {}", std::max<std::int64_t>(1, units / 20)));
  }
  if (options.k_sparse_start != 0 &&
      (k == 0 || options.k_sparse_start < k || options.k_sparse_start > units)) {
    refuse_option("k_sparse_start",
                  fmt::format("k falls from k_sparse_start, at most {} units, to k_sparse; got {} and {}",
                              units, options.k_sparse_start, k),
                  "--k-sparse-start 0");
  }
  if (k == 0 && options.k_sparse_alpha != 1) {
    refuse_option(
        "k_sparse_alpha",
        fmt::format("only the codes of a k-sparse network have it; got k_sparse 0, k_sparse_alpha {}",
                    options.k_sparse_alpha),
        "--k-sparse K");
  }
}

void require_no_dropped_competitors(const ModelOptions& options) {
  if (options.hidden_dropout == 0 || (options.lifetime.off && options.spatial == "no")) return;
  refuse_option(
      "hidden_dropout",
      fmt::format("the method does not combine dropout of hidden units with a competition between them; "
                  "got hidden_dropout {}, lifetime {}, spatial {}",
                  options.hidden_dropout, to_string(options.lifetime), options.spatial),
      options.spatial == "yes" ? "--lifetime off --no-spatial" : "--lifetime off");
}

void require_maps(const Architecture& arch, const ModelOptions& options, const Shape& shape) {
  if (shape.size() != 2 && shape.size() != 3) {
    refuse_option(
        "arch",
        fmt::format("a convolutional encoder needs images [H,W] or [H,W,C]; got samples {} for '{}'",
                    to_string(shape), options.arch),
        "--image-size HxW, or a fully connected --arch such as 2000fc");
  }
  const std::int64_t extent = std::max(shape[0], shape[1]);  // a line of pixels is an image too
  std::int64_t largest = arch.decoder_kernel;
  for (const LayerSpec& layer : arch.encoder) largest = std::max(largest, layer.kernel);
  if (largest > extent) {
    refuse_option(
        "arch",
        fmt::format("a filter is at most as large as the image; got {0}x{0} in '{1}' for samples {2}",
                    largest, options.arch, to_string(shape)),
        "smaller filters");
  }
}

void require_kind(const ModelOptions& options, const Architecture& arch, const Shape& sample_shape) {
  if (options.model != "wta-rbm" && options.cd_competition != "both") {
    refuse_option("cd_competition",
                  fmt::format("only the hidden units of a wta-rbm compete in phases; got model '{}', "
                              "cd_competition {}",
                              options.model, options.cd_competition),
                  "--model wta-rbm");
  }
  if (is_rbm(options)) {
    require_rbm(options, arch);
  } else {
    require_no_rbm_options(options);
  }
  if (options.model == "pca") require_pca(options, arch, sample_shape);
}

}  // namespace wta
