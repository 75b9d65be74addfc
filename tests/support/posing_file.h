#pragma once
#include <string>
#include <utility>

#include "io/safetensors.h"
#include "model/model_file.h"
#include "wta/model.h"

namespace wta::testing_support {

/// The file of an autoencoder over 6 inputs that calls itself `model` and its units `activation`.
inline TensorFile posing_file(const char* model, const char* arch, const char* tied,
                              const std::string& activation) {
  TensorFile file = to_tensor_file(make_model({.arch = arch, .tied = tied}, {6}, 1));
  std::string& options = file.metadata.at("options");
  const auto replace = [&](const std::string& old, const std::string& text) {
    options.replace(options.find(old), old.size(), text);
  };
  replace(R"("model":"autoencoder")", R"("model":")" + std::string(model) + '"');
  replace(R"("activation":"relu")", R"("activation":")" + activation + '"');
  return file;
}

}  // namespace wta::testing_support
