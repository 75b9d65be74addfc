#pragma once
#include <filesystem>

#include "exchange/sparse_autoencoder.h"

namespace wta {

/// A folder as EleutherAI's sparsify reads it: cfg.json and sae.safetensors. The format knows no thresholds:
/// the `k` largest activations of each sample count. Throws IoError.
void write_sparsify(const std::filesystem::path& folder, const SparseAutoencoder& dictionary, std::int64_t k);

/// Reads such a folder. Throws IoError, DataError (names file and field) for what is damaged, another
/// activation than topk, or a transcoder's skip connection.
[[nodiscard]] SparseAutoencoder read_sparsify(const std::filesystem::path& folder);

}  // namespace wta
