// Learns features of the built-in digits in memory, and turns samples into codes.
#include <iostream>

#include "wta/classifier.h"
#include "wta/dataset.h"
#include "wta/model.h"
#include "wta/trainer.h"

int main() {
  const wta::Context context{.threads = wta::available_threads(), .seed = 1};
  const wta::Dataset digits = wta::built_in_digits(context);
  const std::vector<std::int64_t> some = wta::balanced_subset(digits.train.labels, 5000, 1, 0);
  const wta::Samples samples = digits.train.samples.subset(some);

  // 500 hidden units; each keeps the largest 5% of its activations across a mini-batch.
  const wta::ModelOptions options{.arch = "500fc", .lifetime = {.fraction = 0.05}};
  wta::Model model = wta::make_model(options, samples.sample_shape(), context.seed);
  const wta::TrainHooks hooks{.on_epoch = [](const wta::EpochMetrics& epoch) {
    std::cout << "epoch " << epoch.epoch << ": explained variance " << epoch.explained_variance << '\n';
  }};
  wta::train(context, {.epochs = 5}, samples, hooks, model);

  // At test time nothing competes: a code is the plain output of the encoder.
  wta::Tensor<float> x({samples.count(), samples.sample_size()});
  samples.read(0, x.matrix());
  wta::Tensor<float> codes({samples.count(), wta::code_size(model)});
  wta::encode(context, model, x.matrix(), codes.matrix());
  wta::save_model("digits.safetensors", model);

  std::vector<std::int32_t> labels;
  for (const std::int64_t i : some) labels.push_back(digits.train.labels[static_cast<std::size_t>(i)]);
  const wta::LinearClassifier svm = wta::train_linear_svm(context, {}, codes.matrix(), labels, 10);
  std::cout << "error on its own samples: "
            << wta::error_fraction(svm.predict(context, codes.matrix()), labels) << '\n';
}
