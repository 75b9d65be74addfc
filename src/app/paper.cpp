// Long because it lists every experiment of the paper.
#include "app/paper.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/recipes.h"
#include "core/nearest.h"
#include "wta/error.h"

namespace wta {
namespace {

const OptionValues kFewEpochs = {{"epochs", "4"}};
const OptionValues kSmallFc = {{"arch", "500fc"}, {"epochs", "4"}};
const OptionValues kSmallConv = {{"arch", "12conv5-12conv5-12deconv11"}, {"epochs", "1"}};
const OptionValues kSmallDeep = {{"arch", "12conv5-12conv5-12conv5-12deconv11"}, {"epochs", "1"}};
// Of every stage of a stack, whose upper maps are small.
const OptionValues kSmallStack = {{"arch", "24conv3-24deconv3"}, {"epochs", "1"}};
const OptionValues kSmallColour = {{"arch", "16conv5-16conv5-16deconv7"}, {"epochs", "1"}};
const OptionValues kSmallestColour = {{"arch", "8conv5-8conv5-8deconv7"}, {"epochs", "1"}};
const OptionValues kSmallColourStack = {{"arch", "16conv3-16deconv3"}, {"epochs", "1"}};

// What a penalty asks to be tuned: its weight, and the mean activation that it aims at.
const std::vector<std::string> kPenaltyWeights = {"0.01", "0.1", "1"};
const std::vector<std::string> kPenaltyTargets = {"0.02", "0.05", "0.2"};

std::string penalty_name(const std::string& weight, const std::string& target) {
  return fmt::format("kl-{}-{}", weight, target);
}

std::vector<PaperTraining> penalty_trainings() {
  std::vector<PaperTraining> result;
  for (const std::string& weight : kPenaltyWeights) {
    for (const std::string& target : kPenaltyTargets) {
      result.push_back({penalty_name(weight, target),
                        "mnist-kl",
                        {{"arch", "1000fc"}, {"kl_weight", weight}, {"kl_target", target}},
                        kSmallFc});
    }
  }
  return result;
}

std::vector<PaperTraining> paper_trainings() {
  return {
      {"mnist-fc", "mnist-fc", {}, kSmallFc},
      {"mnist-fc-untrained", "mnist-fc", {{"epochs", "1"}, {"lr", "1e-30"}}, {{"arch", "500fc"}}},
      {"mnist-stacked-fc", "mnist-stacked-fc", {}, kSmallFc},
      {"mnist-pca", "mnist-pca"},
      {"mnist-ae", "mnist-ae", {}, kSmallFc},
      {"mnist-dropout-ae", "mnist-dropout-ae", {}, kSmallFc},
      {"mnist-kl", "mnist-kl", {}, kSmallFc},
      {"mnist-dae", "mnist-dae", {}, kSmallFc},
      {"mnist-stacked-dae", "mnist-stacked-dae", {}, kSmallFc},
      {"mnist-k-sparse", "mnist-k-sparse", {}, kSmallFc},
      {"mnist-rbm", "mnist-rbm", {}, kSmallFc},
      {"mnist-wta-rbm", "mnist-wta-rbm", {}, kSmallFc},
      {"mnist-wta-rbm-positive",
       "mnist-rbm",
       {{"model", "wta-rbm"}, {"lifetime", "30%"}, {"cd_competition", "positive"}},
       kSmallFc},
      {"mnist-conv-16", "mnist-conv-16", {}, {{"epochs", "2"}}},
      {"mnist-conv-128", "mnist-conv-128", {}, kSmallConv},
      {"mnist-conv-stack", "mnist-conv-stack", {}, kSmallStack},
      {"svhn-conv-256", "svhn-conv-256", {}, kSmallColour},
      {"svhn-conv-stack", "svhn-conv-stack", {}, kSmallStack},
      {"cifar10-conv-64", "cifar10-conv-64", {}, kSmallestColour},
      {"cifar10-conv-256", "cifar10-conv-256", {}, kSmallColour},
      {"cifar10-conv-stack", "cifar10-conv-stack", {}, kSmallColourStack},
      {"fc-1000-30", "mnist-fc", {{"arch", "1000fc"}, {"lifetime", "30%"}}, kFewEpochs},
      {"fc-1000-10", "mnist-fc", {{"arch", "1000fc"}, {"lifetime", "10%"}}, kFewEpochs},
      {"fc-1000-5", "mnist-fc", {{"arch", "1000fc"}, {"lifetime", "5%"}}, kFewEpochs},
      {"faces-fc", "olivetti-fc"},
      {"cifar10-patches-fc", "cifar10-patches-fc", {}, kFewEpochs},
      {"rbm-256", "mnist-rbm", {{"arch", "256fc"}}, kFewEpochs},
      {"wta-rbm-256", "mnist-wta-rbm", {{"arch", "256fc"}}, kFewEpochs},
      {"conv-none", "mnist-conv-none"},
      {"conv-dropout", "mnist-conv-dropout"},
      {"conv-spatial-lifetime", "mnist-conv-spatial-lifetime"},
      {"deep-spatial", "mnist-conv-deep", {{"lifetime", "off"}}, kSmallDeep},
      {"deep-20", "mnist-conv-deep", {{"lifetime", "20%"}}, kSmallDeep},
      {"deep-5", "mnist-conv-deep", {{"lifetime", "5%"}}, kSmallDeep},
      {"faces-spatial", "olivetti-conv-deep", {{"lifetime", "off"}}, kSmallDeep},
      {"faces-20", "olivetti-conv-deep", {{"lifetime", "20%"}}, kSmallDeep},
      {"natural-spatial", "bsds300-conv-deep", {{"lifetime", "off"}}, kSmallDeep},
      {"natural-10", "bsds300-conv-deep", {{"lifetime", "10%"}}, kSmallDeep},
  };
}

// Not in the paper, which says it in words: lifetime sparsity needs neither number.
PaperExhibit penalty_sweep() {
  PaperExhibit exhibit{.name = "penalty",
                       .title = "what a sparsity penalty asks to be tuned; MNIST, 1000 units"};
  exhibit.rows.push_back({"FC-WTA, 5%", {}, "fc-1000-5"});
  for (const std::string& weight : kPenaltyWeights) {
    for (const std::string& target : kPenaltyTargets) {
      exhibit.rows.push_back({fmt::format("KL penalty, weight {}, target {}", weight, target),
                              {},
                              penalty_name(weight, target)});
    }
  }
  return exhibit;
}

PaperExhibit table1() {
  return {.name = "table1",
          .title = "MNIST, permutation invariant",
          .rows = {{"denoising autoencoder", 1.60, "mnist-dae"},
                   {"stacked denoising autoencoder", 1.28, "mnist-stacked-dae"},
                   {"k-sparse autoencoder", 1.35, "mnist-k-sparse"},
                   {"RBM", 1.60, "mnist-rbm"},
                   {"FC-WTA, 2000 units, 5%", 1.20, "mnist-fc"},
                   {.label = "stacked FC-WTA, 5% and 2%, codes of both stages",
                    .published = 1.11,
                    .training = "mnist-stacked-fc",
                    .stages = "all"},
                   {"WTA-RBM, 30%, competition in the positive phase alone", 1.38, "mnist-wta-rbm-positive"},
                   {"WTA-RBM, 10%, competition in both phases", 1.38, "mnist-wta-rbm"},
                   {"deep Boltzmann machine, fine-tuned", 0.95},
                   {"dropout autoencoder", {}, "mnist-dropout-ae"},
                   {"plain autoencoder", {}, "mnist-ae"},
                   {"sigmoid autoencoder with a KL penalty", {}, "mnist-kl"},
                   {"200 principal components", {}, "mnist-pca"},
                   {"untrained encoder of 2000 units", {}, "mnist-fc-untrained"},
                   {.label = "raw pixels", .published = {}, .training = "mnist-fc", .features = "raw"}}};
}

std::vector<PaperExhibit> tables() {
  const auto labels = [](std::int64_t count, const char* label, double published) {
    return PaperRow{.label = label, .published = published, .training = "mnist-conv-stack", .labels = count};
  };
  return {
      table1(),
      {.name = "table2a",
       .title = "MNIST, convolutional",
       .rows = {{"CONV-WTA, 16 maps", 1.02, "mnist-conv-16"},
                {"CONV-WTA, 128 maps", 0.64, "mnist-conv-128"},
                {"stacked CONV-WTA, 128 and 2048 maps", 0.48, "mnist-conv-stack"},
                {"deep deconvolutional network", 0.84},
                {"convolutional deep belief network", 0.82},
                {"scattering network", 0.43},
                {"convolutional kernel network", 0.39}}},
      {.name = "table2b",
       .title = "MNIST, classifier with few labels, features from all images",
       .rows = {labels(300, "300 labels", 3.47), labels(1000, "1,000 labels", 1.92),
                labels(2000, "2,000 labels", 1.45), labels(5000, "5,000 labels", 1.07),
                labels(10000, "10,000 labels", 0.91), labels(0, "all labels", 0.48)}},
      {.name = "table3",
       .title = "SVHN",
       .accuracy = true,
       .rows = {{"CONV-WTA, 256 maps", 88.5, "svhn-conv-256"},
                {.label = "stacked CONV-WTA, 256 and 1024 maps",
                 .published = 93.1,
                 .training = "svhn-conv-stack",
                 .stages = "all"},
                {.label = "the same, 1,000 labels",
                 .published = 76.2,
                 .training = "svhn-conv-stack",
                 .stages = "all",
                 .labels = 1000},
                {"triangle k-means", 90.6},
                {"supervised maxout network", 97.5}}},
      {.name = "table4",
       .title = "CIFAR-10, without augmentation",
       .accuracy = true,
       .rows = {{"CONV-WTA, 64 maps", 68.9, "cifar10-conv-64"},
                {"CONV-WTA, 256 maps", 72.3, "cifar10-conv-256"},
                {.label = "stacked CONV-WTA, 256, 1024 and 4096 maps",
                 .published = 80.1,
                 .training = "cifar10-conv-stack",
                 .stages = "all"},
                {"k-means, 64 maps", 62.3},
                {"k-means, 256 maps", 70.2},
                {"deep k-means", 82.0},
                {"NOMP, 7 models", 82.9}}},
  };
}

std::vector<PaperExhibit> figures() {
  return {
      {.name = "fig1",
       .title = "the sparsity rate decides how local features are",
       .parts = {{"30%", "fc-1000-30"}, {"10%", "fc-1000-10"}, {"5%", "fc-1000-5"}}},
      {.name = "fig2",
       .title = "FC-WTA on faces and on patches of photographs, 256 units, 5%",
       .parts = {{"Olivetti faces", "faces-fc"}, {"CIFAR-10 patches", "cifar10-patches-fc"}},
       .note = "Olivetti faces stand in for the Toronto Face Dataset, which is not public."},
      {.name = "fig3",
       .title = "RBM and WTA-RBM, 256 units",
       .parts = {{"RBM", "rbm-256"}, {"WTA-RBM, 10%", "wta-rbm-256"}}},
      {.name = "fig4",
       .title = "without competition a convolutional autoencoder copies its input",
       .parts = {{"no competition", "conv-none"},
                 {.caption = "a digit and what some maps make of it without competition",
                  .training = "conv-none",
                  .kind = PaperPicture::maps,
                  .count = 8},
                 {"dropout", "conv-dropout"},
                 {"spatial and lifetime sparsity", "conv-spatial-lifetime"}}},
      {.name = "fig5",
       .title = "from the image to the second stage",
       .parts = {{"filters of the first stage", "mnist-conv-stack"},
                 {.caption = "a digit, its maps in training, with sparsity off, and pooled",
                  .training = "mnist-conv-stack",
                  .kind = PaperPicture::maps,
                  .count = 8},
                 {.caption = "filters of the second stage, in pixels",
                  .training = "mnist-conv-stack",
                  .stage = 2}}},
      {.name = "fig6",
       .title = "64conv5-64conv5-64conv5-64deconv11 on MNIST",
       .parts = {{"spatial sparsity", "deep-spatial"},
                 {"spatial, and lifetime 20%", "deep-20"},
                 {"spatial, and lifetime 5%", "deep-5"}}},
      {.name = "fig7",
       .title = "the same network on faces",
       .parts = {{"spatial sparsity on faces", "faces-spatial"},
                 {"spatial, and lifetime 20%, on faces", "faces-20"}},
       .note = "Olivetti faces stand in for the Toronto Face Dataset, which is not public."},
      {.name = "fig8",
       .title = "the same network on natural images",
       .parts = {{"spatial sparsity on photographs", "natural-spatial"},
                 {"spatial, and lifetime 10%, on photographs", "natural-10"}},
       .note = "Whitened patches of BSDS300 stand in for patches of ImageNet."},
      {.name = "fig9",
       .title = "SVHN: images and filters",
       .parts = {{.caption = "images above reconstructions",
                  .training = "svhn-conv-256",
                  .kind = PaperPicture::reconstructions},
                 {"filters on SVHN", "svhn-conv-256"}}},
      {.name = "fig10",
       .title = "CIFAR-10: images and filters",
       .parts = {{.caption = "prepared images above reconstructions",
                  .training = "cifar10-conv-64",
                  .kind = PaperPicture::reconstructions},
                 {"filters on CIFAR-10", "cifar10-conv-64"}}},
  };
}

}  // namespace

const PaperExhibit& PaperCatalogue::exhibit(const std::string& name) const {
  std::vector<std::string> names = {"all"};
  for (const PaperExhibit& exhibit : exhibits) {
    if (exhibit.name == name) return exhibit;
    names.push_back(exhibit.name);
  }
  throw InvalidArgument(fmt::format("reproduce: must be one of {}; got '{}'. Try: '{}'.",
                                    fmt::join(names, ", "), name, nearest(name, names)));
}

const PaperTraining& PaperCatalogue::training(const std::string& name) const {
  for (const PaperTraining& training : trainings) {
    if (training.name == name) return training;
  }
  throw InternalError(fmt::format("reproduce: no training '{}'; please report", name));
}

TrainVerb training_verb(const PaperTraining& training, bool quick) {
  TrainVerb verb;
  apply_config(load_recipe(training.recipe), verb);
  for (const auto& [name, value] : training.options) override_option(verb, name, value);
  if (!quick) return verb;
  for (const auto& [name, value] : training.quick) override_option(verb, name, value);
  return verb;
}

const PaperCatalogue& paper() {
  static const PaperCatalogue kPaper = [] {
    PaperCatalogue catalogue{.trainings = paper_trainings(), .exhibits = tables()};
    std::ranges::copy(penalty_trainings(), std::back_inserter(catalogue.trainings));
    std::ranges::copy(figures(), std::back_inserter(catalogue.exhibits));
    catalogue.exhibits.push_back(penalty_sweep());
    return catalogue;
  }();
  return kPaper;
}

}  // namespace wta
