#pragma once
#include <filesystem>

#include "exchange/sparse_autoencoder.h"

namespace wta {

/// A folder as SAELens 6 reads it: cfg.json and sae_weights.safetensors. Architecture "jumprelu" with
/// thresholds, "topk" with k, else "standard". Throws IoError.
void write_saelens(const std::filesystem::path& folder, const SparseAutoencoder& dictionary);

/// Reads such a folder, also one of SAELens 3 to 5. Throws IoError, DataError (names file and field) for what
/// is damaged, another architecture, or activations that must be normalised or reshaped first.
[[nodiscard]] SparseAutoencoder read_saelens(const std::filesystem::path& folder);

}  // namespace wta
