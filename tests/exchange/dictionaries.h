#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/rng.h"
#include "exchange/sparse_autoencoder.h"

namespace wta::testing_support {

inline Tensor<float> random_tensor(const Shape& shape, std::uint64_t number) {
  Tensor<float> tensor(shape);
  const Rng rng(7, Purpose::validation, number);
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    tensor[i] = static_cast<float>(rng.normal(static_cast<std::uint64_t>(i)));
  }
  return tensor;
}

/// 6 units over 4 inputs, neither thresholds nor k.
inline SparseAutoencoder random_dictionary() {
  return {.encoder = random_tensor({6, 4}, 1),
          .encoder_bias = random_tensor({6}, 2),
          .decoder = random_tensor({6, 4}, 3),
          .decoder_bias = random_tensor({4}, 4)};
}

inline Tensor<float> codes_of(const Model& model, const Tensor<float>& x) {
  Tensor<float> codes({x.row_count(), code_size(model)});
  encode({.threads = 1}, model, x.matrix(), codes.matrix());
  return codes;
}

inline void expect_near(const Tensor<float>& found, const Tensor<float>& expected, double tolerance) {
  ASSERT_EQ(found.shape(), expected.shape());
  for (std::int64_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], tolerance) << i;
}

inline nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream stream(path);
  return nlohmann::json::parse(stream);
}

/// Changes cfg.json of a folder.
template <class Change>
void edit_config(const std::filesystem::path& folder, const Change& change) {
  nlohmann::json config = read_json(folder / "cfg.json");
  change(config);
  std::ofstream(folder / "cfg.json") << config.dump();
}

}  // namespace wta::testing_support
